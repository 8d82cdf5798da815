"""Why somebody may read a record, or may not: an answer that tells of the patient, so it is logged as a look is."""

from __future__ import annotations

from dataclasses import dataclass

from samjournal import access, audit
from samjournal.access import Bond, Permit
from samjournal.fhir.errors import Forbidden
from samjournal.fhir.keys import patient_key
from samjournal.record.door import Door, look_of
from samjournal.record.read import absent


@dataclass(frozen=True, slots=True)
class Explanation:
    """What binds a reader to a patient; `opens` is the kind of relation by which the record is open, None when it is
    not."""

    opens: str | None
    bonds: tuple[Bond, ...]


async def explain(door: Door, permit: Permit, patient_id: str, *, reader: Permit | None = None) -> Explanation:
    """Why the record of a patient is open to a `reader`, or is not: to oneself, or to a system that asks about others.
    Raises NotFound for nobody's id, Forbidden, Busy."""
    if reader is not None and not permit.unrestricted:
        raise Forbidden("Why somebody else may read is told to whoever answers for access, on the command line.")
    who = reader or permit
    if who.kind == "staff" and not who.finds:
        raise Forbidden(f"The role {who.role} cannot look people up.")
    ids = door.persons.ids(patient_id)
    keys = [patient_key(id_) for id_ in ids]
    async with door.pool.lane() as db:
        if not await access.known(db, patient_key(patient_id)):
            raise absent("Patient", patient_id)
        opens = (await access.decide(db, who, keys[:1])).get(keys[0])
        bonds = await access.explain(db, who, keys) if who.kind == "staff" else []
    sources = [bond.source for bond in bonds if "/" in bond.source]
    await door.looks.write(
        look_of(
            permit,
            "closed" if opens is None else "explain",
            patient=patient_key(door.persons.stays(patient_id)),
            why="system" if permit.unrestricted else (opens or "find"),
            shown=audit.shown(tuple(source.split("/", 1)) for source in dict.fromkeys(sources)),  # type: ignore[misc]
        )
    )
    return Explanation(opens, tuple(bonds))
