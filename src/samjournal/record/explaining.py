"""Why somebody may read a record, or may not, and what is to be looked over: it tells of patients, so it is logged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from samjournal import access, audit
from samjournal.access import Bond, Open, Permit
from samjournal.db.pool import Connection
from samjournal.fhir.errors import Conflict, Forbidden
from samjournal.fhir.keys import key, patient_key
from samjournal.record.change import Change, apply, prepare
from samjournal.record.door import Door, look_of
from samjournal.record.find import Card, cards_of
from samjournal.record.read import absent
from samjournal.store.reading import is_hidden


@dataclass(frozen=True, slots=True)
class Explanation:
    """What binds a reader to a patient; `opens` is the kind of relation by which the record is open, None when it is
    not; `blocked` whether the patient keeps the reader out."""

    opens: str | None
    bonds: tuple[Bond, ...]
    blocked: bool = False


async def explain(door: Door, permit: Permit, patient_id: str, *, reader: Permit | None = None) -> Explanation:
    """Why the record of a patient is open to a `reader`, or is not: to oneself; a system, and who answers for access,
    ask about others. Raises NotFound for nobody's id, Forbidden, Busy."""
    if reader is not None and not (permit.unrestricted or permit.oversees):
        raise Forbidden("Why somebody else may read is told to whoever answers for access.")
    who = reader or permit
    if who.kind == "staff" and not who.finds:
        raise Forbidden(f"The role {who.role} cannot look people up.")
    ids = door.persons.ids(patient_id)
    keys = [patient_key(id_) for id_ in ids]
    async with door.pool.lane() as db:
        if not await access.known(db, patient_key(patient_id)):
            raise absent("Patient", patient_id)
        opens = (await access.decide(db, who, keys[:1])).get(keys[0])
        if reader is not None and await _would_tell(permit, who, keys[0], db):
            raise Forbidden("This person's address is confidential: who has to do with it elsewhere is not told.")
        blocked = who.kind == "staff" and await access.are_blocked(db, keys[0], who.faces)
        bonds = await access.explain(db, who, keys, blocked=blocked) if who.kind == "staff" else []
    sources = [bond.source for bond in bonds if "/" in bond.source]
    await door.looks.write(
        look_of(
            permit,
            "closed" if opens is None and reader is None else "explain",
            patient=patient_key(door.persons.stays(patient_id)),
            why=_why(permit, opens, about_other=reader is not None),
            shown=audit.shown(tuple(source.split("/", 1)) for source in dict.fromkeys(sources)),  # type: ignore[misc]
        )
    )
    return Explanation(opens, tuple(bonds), blocked)


async def _would_tell(permit: Permit, who: Permit, patient: int, db: Connection) -> bool:
    """Whether it would tell where somebody with a confidential address lives, that a unit elsewhere cares for him."""
    known = permit.known
    if who.kind != "staff" or known is None or key(f"Organization/{who.organization}") in known:
        return False
    return await is_hidden(db, patient)


def _why(permit: Permit, opens: str | None, *, about_other: bool) -> str:
    if permit.unrestricted:
        return "system"
    return "oversight" if about_other else (opens or "find")


async def to_review(door: Door, permit: Permit) -> tuple[Open, dict[str, Card]]:
    """What waits to be looked over, and the people it is about as *find* shows them, by id. Logged as a look at each.
    Raises Forbidden, Busy."""
    async with door.pool.lane() as db:
        waiting = await access.to_review(db, permit)
    ids = list(dict.fromkeys(one.patient for one in waiting.matters if one.patient))
    return waiting, {card.id: card for card in await cards_of(door, permit, ids)}


async def not_looked_over(door: Door, now: datetime) -> dict[str, int]:
    """How much nobody has looked over in time, by the id of the organisation, "" for what systems did. For jobs."""
    async with door.pool.lane() as db:
        return await access.unreviewed(db, now - access.DUE)


async def look_over(door: Door, permit: Permit, id_: UUID) -> bool:
    """Note that something was looked over; the patient's log says so. False when it does not wait for this reader, or
    is his own doing. Raises Forbidden, Busy."""
    async with door.pool.transaction() as db:
        done = await access.reviewed(db, permit, id_)
        if done is not None and done[1] == access.ASKED:
            raise Conflict("A citizen asked this, and is answered.")
        if done is not None and done[0]:
            await audit.write(db, [look_of(permit, "reviewed", patient=done[0], why="oversight")])
    return done is not None


async def asked_about(door: Door, permit: Permit, id_: UUID) -> str:
    """The message (`Communication/7`) in which a citizen asked about a look, by its matter on the review list. Raises
    Forbidden, Conflict (it does not wait for this reader, or is his own doing)."""
    async with door.pool.lane() as db:
        source = await access.asked_of(db, permit, id_)
    if source is None:
        raise Conflict("Nobody waits for an answer to this: it was answered, or is about what you did yourself.")
    return source


async def answer_asked(door: Door, permit: Permit, rights: Permit, id_: UUID, answer: Change) -> None:
    """Store the answer and take the question from the review list, both or neither. `rights` writes the answer. Raises
    as `asked_about`."""

    async def in_transaction(db: Connection) -> None:
        done = await access.reviewed(db, permit, id_)
        if done is None or done[1] != access.ASKED:
            raise Conflict("It was answered meanwhile.")
        await apply(rights, [prepare(rights, answer, checked=False)], db, "reviewed", None)

    await door.pool.change(in_transaction)
