"""Erasure by decision (expunge): what somebody proposed and another confirmed is taken out of the record for good.

    plan_of(door, type, id) -> Plan                     what would go, and what refers to it
    demand(permit, plan)                                whether somebody may propose it
    propose(door, permit, plan, decision) -> Erasure    waits for another person
    confirm(door, permit, id) -> Erasure                by another person, who has signed in
    decided(door, id) -> Erasure                        what is to be carried out
    carry_out(door, permit, erasure) -> int             erase it; may be repeated, and goes on where it was cut off

What a version said gives way to a tombstone with its digest, and nothing of it stays in search, projections and kept
answers; the log of looks stays. A resource goes in one transaction, a patient with everything in small ones, the
Patient last. Only a door whose database role is that of erasure can do it. docs/how-to/expunge.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from samjournal import access, audit, terminology
from samjournal.access import Erasure, Permit
from samjournal.access import erasing as decisions
from samjournal.db.pool import Connection
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Conflict, Erased, Forbidden, Invalid, NotFound
from samjournal.fhir.keys import SYSTEM, patient_key
from samjournal.record import occupying
from samjournal.record.door import Door, look_of
from samjournal.store import drafts, erasing, writing
from samjournal.store.erasing import Decided, Named, Standing
from samjournal.store.writing import NewVersion

AT_ONCE = 10
"""So many resources of a patient go in one transaction."""
MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure would take: a resource, one `version` of it, or with `everything` a patient's whole record
    (`resources` by the key of the organisation that is responsible). `referrers` are the first of those whose
    references would lead nowhere. `others` are other ids of the same person, which are erased for themselves."""

    type: str
    id: str
    version: int | None
    everything: bool
    standing: Standing
    resources: Mapping[int, int]
    referrers: tuple[str, ...]
    others: tuple[str, ...] = ()


async def plan_of(door: Door, type_: str, id_: str, *, version: int | None = None, everything: bool = False) -> Plan:
    """What there is to be erased. Raises Invalid, NotFound, Erased."""
    if type_ not in load().resources:
        raise Invalid(f"{type_[:60]} is no type of resource. Name what is to be erased as Observation/7.")
    if everything and (type_ != "Patient" or version is not None):
        raise Invalid("Everything is erased of a Patient, in all versions: Patient/7 --everything.")
    standing = await erasing.stands(door.pool, type_, id_, version)
    if standing is None:
        raise NotFound(f"There is no {type_}/{id_} here.")
    patient = patient_key(id_) if everything else None
    resources = await erasing.under(door.pool, patient) if patient is not None else {standing.owner: 1}
    if version is None and not standing.versions and not (everything and resources):
        raise Erased(f"{type_}/{id_} is erased already, or never said anything.")
    if version is not None and not standing.has:
        raise NotFound(f"{type_}/{id_} has no version {version} that says anything.")
    if version is not None and version == standing.newest:
        raise Invalid(
            f"Version {version} is the newest of {type_}/{id_}. Write what is right first, or erase the whole resource."
        )
    if type_ == "Patient" and version is None and not everything:
        under = sum((await erasing.under(door.pool, patient_key(id_))).values()) - 1
        if under > 0:
            raise Invalid(
                f"{under} resources lie under Patient/{id_}. Erase it with --everything, or erase them first."
            )
    named = (
        await erasing.referrers(door.pool, (type_, id_), outside=patient, limit=MOST_NAMED) if version is None else []
    )
    others = tuple(other for other in door.persons.ids(id_) if other != id_) if type_ == "Patient" else ()
    return Plan(type_, id_, version, everything, standing, resources, tuple(f"{t}/{i}" for t, i in named), others)


def demand(permit: Permit, plan: Plan) -> None:
    """Refuse who does not decide on erasure, and what another organisation answers for. Raises Forbidden."""
    decisions.demand(permit)
    if not plan.everything and plan.standing.owner not in (SYSTEM, *permit.knows):
        raise Forbidden("Another organisation answers for it: somebody of that one proposes to erase it.")


async def propose(door: Door, permit: Permit, plan: Plan, decision: str) -> Erasure:
    """Propose it, for another person to confirm. The patient's log says so. Raises Forbidden, Invalid."""
    demand(permit, plan)
    patient = plan.standing.patient if plan.standing.patient != SYSTEM else None

    async def in_transaction(db: Connection) -> Erasure:
        made = await decisions.propose(
            db, permit, type_=plan.type, id_=plan.id, version=plan.version, everything=plan.everything,
            patient=patient, decision=decision,
        )  # fmt: skip
        if patient is not None:
            await audit.write(db, [_look(permit, "erase-proposed", patient, [(plan.type, plan.id)])])
        return made

    return await door.pool.change(in_transaction)


async def confirm(door: Door, permit: Permit, id_: UUID) -> Erasure:
    """Confirm what somebody else proposed; from then on it is decided, and is carried out however often that is cut
    off. The patient's log says so. Raises Forbidden, NotFound, Unprocessable."""

    async def in_transaction(db: Connection) -> Erasure:
        before = await decisions.erasure(db, id_)
        made = await decisions.confirm(db, permit, id_)
        if before.confirmed is None and made.patient is not None:
            await audit.write(db, [_look(permit, "erase-confirmed", made.patient, [(made.type, made.resource)])])
        return made

    return await door.pool.change(in_transaction)


async def decided(door: Door, id_: UUID) -> Erasure:
    """What two have decided. Raises NotFound, Conflict when nobody has confirmed it."""
    one = await decisions.erasure(door.pool, id_)
    if one.confirmed is None:
        raise Conflict(
            f"{one.said} waits until {one.deadline:%Y-%m-%d} for another person than {one.proposed_by}, who signs in"
            " and confirms it: /workspace/erasures."
        )
    return one


async def waiting(door: Door, permit: Permit | None = None) -> list[Erasure]:
    """What waits to be confirmed, or to be carried out; for a permit that of its own organisation."""
    return await (decisions.erasures(door.pool) if permit is None else decisions.erasures_near(door.pool, permit))


async def carry_out(door: Door, permit: Permit, one: Erasure) -> int:
    """Erase what was decided; how many resources were erased now. Safe to repeat. Raises Conflict when it is not
    confirmed."""
    if one.confirmed is None or one.confirmed_by is None:
        raise Conflict("It is not confirmed. Another person confirms it first.")
    gone = await _erase_under(door, permit, one)
    gone += await _erase(door, permit, one, [(one.type, one.resource)])
    gone += await _erase_under(door, permit, one)  # What somebody wrote meanwhile.
    await decisions.note_done(door.pool, one.id)
    return gone


async def _erase_under(door: Door, permit: Permit, one: Erasure) -> int:
    """Of a patient who is erased whole, all but the Patient, some at a time."""
    itself, gone = (one.type, one.resource), 0
    key = patient_key(one.resource)
    while one.everything and (batch := await erasing.following(door.pool, key, besides=itself, limit=AT_ONCE)):
        gone += await _erase(door, permit, one, batch)
    return gone


async def _erase(door: Door, permit: Permit, one: Erasure, gone: Sequence[Named]) -> int:
    assert one.confirmed_by is not None
    by = Decided(one.id, one.decision, one.proposed_by, one.confirmed_by)
    return await door.pool.change(lambda db: _in_transaction(db, permit, one, gone, by))


async def _in_transaction(db: Connection, permit: Permit, one: Erasure, wanted: Sequence[Named], by: Decided) -> int:
    there = await writing.lock(db, wanted)
    bodies = await erasing.bodies(db, wanted, one.version)
    gone = [named for named in wanted if named in there]
    if one.version is None:
        gone = [named for named in gone if there[named]["method"] != "X"]
    elif not bodies:
        return 0
    if not gone:
        return 0
    await erasing.bury(db, gone, one.version, by)
    if one.version is None:
        await _take_out(db, permit, gone, [_last(permit, there[named], named) for named in gone])
    else:
        for body in bodies:
            await erasing.tell(db, body, there[body.type, body.id]["patient"])
    await erasing.forget(db, bodies)
    await _log(db, permit, {named: there[named]["patient"] for named in gone})
    await erasing.drop_answers(db, gone)
    whole = [patient_key(one.resource)] if one.everything else []
    await drafts.erase(db, whole, [f"{type_}/{id_}" for type_, id_ in gone])
    return len(gone)


def _last(permit: Permit, was: Mapping[str, int], named: Named) -> NewVersion:
    """The version that says that the resource was erased."""
    return NewVersion(*named, was["version"] + 1, "X", was["patient"], was["owner"], permit.actor, None, None)


async def _take_out(db: Connection, permit: Permit, gone: Sequence[Named], last: Sequence[NewVersion]) -> None:
    """Out of search and projections, and into the feed."""
    at = datetime.now(UTC)
    await writing.put(db, last, at=at.replace(microsecond=at.microsecond // 1000 * 1000))
    nothing = [access.Stored(type_, id_, None, existed=True) for type_, id_ in gone]
    await access.project(db, permit, nothing)
    await occupying.forget(db, gone)
    await decisions.forget(db, gone)
    await terminology.project(db, nothing)


async def _log(db: Connection, permit: Permit, patients: Mapping[Named, int]) -> None:
    """One line for each patient, which stays in the log as all others do."""
    about: dict[int, list[Named]] = {}
    for named, patient in patients.items():
        if patient != SYSTEM:
            about.setdefault(patient, []).append(named)
    looks = [_look(permit, "erased", patient, mine) for patient, mine in about.items()]
    if looks:
        await audit.write(db, looks)


def _look(permit: Permit, action: str, patient: int, named: Sequence[Named]) -> audit.Look:
    return look_of(permit, action, patient=patient, why="decision", shown=audit.shown(named))


__all__ = ["MOST_NAMED", "Plan", "carry_out", "confirm", "decided", "demand", "plan_of", "propose", "waiting"]
