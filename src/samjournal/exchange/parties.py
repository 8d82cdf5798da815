"""Who writes to whom about whom, from the record: organisations on two levels, professionals, the patient. HIS 1153

    organisation(book, reference, role, by) -> Party    raises CannotWrite when a HER-id is missing
    professional(book, reference) -> Party          with the HPR number, if there is one
    person(patient) -> Person

`Book` reads resources one after the other and remembers them: one message asks for the same ones again and again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from samjournal.access import Permit
from samjournal.exchange.envelope import Ident, Party, Person
from samjournal.exchange.outbox import CannotWrite
from samjournal.fhir.identifiers import DNR, FHN, FNR, HER, HPR, ORGANIZATION
from samjournal.fhir.keys import local
from samjournal.messages import services
from samjournal.record import Door
from samjournal.record.beside import resources

Resource = dict[str, Any]
_HIGHEST: Final = 8
_UNITS: Final = {HER: "HER", ORGANIZATION: "ENH"}
_PEOPLE: Final = {FNR: "FNR", DNR: "DNR", FHN: "FHN"}
_SEXES: Final = {"male": "1", "female": "2", "other": "9", "unknown": "0"}
_SERVICES: Final = {"HealthcareService": "providedBy", "PractitionerRole": "organization"}


@dataclass(slots=True)
class Book:
    """What was read of the record for one message."""

    door: Door
    permit: Permit
    pages: dict[str, Resource | None] = field(default_factory=dict)

    async def read(self, reference: Resource | str | None) -> Resource | None:
        """What a reference means; None for nothing, or what is not here."""
        text = reference if isinstance(reference, str) else (reference or {}).get("reference", "")
        named = local(text or "") or ""
        type_, _, id_ = named.partition("/")
        if not id_:
            return None
        if named not in self.pages:
            found = (await resources(self.door, self.permit, [(type_, id_)])).get(named)
            self.pages[named] = found.resource() if found else None
        return self.pages[named]


async def organisation(book: Book, reference: Resource | None, role: str, by: Resource | None = None) -> Party:
    """An organisation and what is addressed in it, each with its HER-id; `role` says who that is (Avsender, Mottaker).
    The unit has one itself; the organisation is the nearest above it that has one. What lies under nobody, as the
    office of a GP, is the organisation; then the second level is who writes (`by`) where he has a HER-id, else a
    service of it that has one. HIS 1153"""
    at = await book.read(reference)
    shown = (reference or {}).get("display", "")
    if at is None:
        raise CannotWrite(f"{role} {shown or 'uten navn'} er ikke registrert her.")
    inner = await _addressed(book, at)
    if not inner.ident("HER"):
        raise CannotWrite(f"{role} {inner.name or shown} har ikke HER-id. Den må stå som identifikator på enheten.")
    above = _above(at)
    for _ in range(_HIGHEST):
        outer = await book.read(above)
        if outer is None:
            break
        if _number(outer, HER):
            return Party(str(outer.get("name", "")), _idents(outer), within=inner)
        above = _above(outer)
    if (within := await _within(book, at, by)) is not None:
        return Party(inner.name, inner.idents, within=within)
    raise CannotWrite(f"{role} {inner.name or shown} ligger ikke under en virksomhet med HER-id (Organization.partOf).")


async def _within(book: Book, at: Resource, by: Resource | None) -> Party | None:
    """The second level of an organisation that is the first one: who writes, or a service."""
    own = f"Organization/{at['id']}"
    writer = await book.read(by)
    is_post = writer is not None and writer["resourceType"] == "PractitionerRole" and bool(_number(writer, HER))
    if writer and is_post and local(writer.get("organization", {}).get("reference", "")) == own:
        return await _addressed(book, writer)
    found = await services(book.door, book.permit, own) if at["resourceType"] == "Organization" else []
    return await _addressed(book, found[0]) if found else None


def _above(resource: Resource) -> Resource | None:
    return resource.get(_SERVICES.get(resource["resourceType"], "partOf"))


async def _addressed(book: Book, resource: Resource) -> Party:
    """The inner level: a unit, a service, or a person at work."""
    if resource["resourceType"] == "PractitionerRole":
        who = await book.read(resource.get("practitioner"))
        return Party(_name(who), _idents(resource), is_person=True)
    return Party(str(resource.get("name", "")), _idents(resource))


async def professional(book: Book, reference: Resource | None) -> Party:
    """Who answers for something: his name, and his HPR number if he has one. An organisation is nobody."""
    at = await book.read(reference)
    if at is not None and at["resourceType"] == "Organization":
        return Party("")
    who = await book.read(at.get("practitioner")) if at and at["resourceType"] == "PractitionerRole" else at
    if who is None or who["resourceType"] != "Practitioner":
        return Party(str((reference or {}).get("display", "")), is_person=True)
    number = _number(who, HPR) or (_number(at, HPR) if at else "")
    return Party(_name(who), (Ident(number, "HPR"),) if number else (), is_person=True)


def person(patient: Resource) -> Person:
    """The patient as he is registered here. Numbers that the national formats have no kind for stay out."""
    name = _official(patient)
    return Person(
        family=str(name.get("family", "")),
        given=" ".join(name.get("given", ())),
        birth=birth if len(birth := str(patient.get("birthDate", ""))) == len("2026-11-29") else "",
        sex=_SEXES.get(str(patient.get("gender", "")), ""),
        idents=tuple(
            Ident(str(one["value"]), _PEOPLE[one["system"]])
            for one in patient.get("identifier", ())
            if one.get("system") in _PEOPLE and one.get("value") and one.get("use") != "old"
        ),
    )


def _idents(resource: Resource) -> tuple[Ident, ...]:
    """HER-id first: it is what is addressed by."""
    found = {_UNITS[one["system"]]: one for one in resource.get("identifier", ()) if one.get("system") in _UNITS}
    return tuple(Ident(str(found[kind]["value"]), kind) for kind in _UNITS.values() if found.get(kind, {}).get("value"))


def _number(resource: Resource, system: str) -> str:
    return next(
        (str(one.get("value", "")) for one in resource.get("identifier", ()) if one.get("system") == system), ""
    )


def _official(holder: Resource) -> Resource:
    names = [one for one in holder.get("name", ()) if one.get("use") != "old"] or holder.get("name", ())
    official = next((one for one in names if one.get("use") == "official"), None)
    return dict(official or next(iter(names), {}))


def _name(holder: Resource | None) -> str:
    name = _official(holder) if holder else {}
    return " ".join(filter(None, (*name.get("given", ()), name.get("family", "")))) or str(name.get("text", ""))
