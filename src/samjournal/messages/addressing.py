"""Who in the record an address means: organisations, services and people by HER-id, on two levels. HIS 1153.

    addressee(door, permit, address) -> Addressee
    is_borne_with(door, permit, address, what) -> bool    whether the operator bears with something of a sender
    organisations(door, permit, address) -> list          the numbers of a sender's organisations
    is_whole(door, permit, unit) -> bool        whether a unit has an address of two levels, to write from
    services(door, permit, unit) -> list        what an organisation offers that has a HER-id

Addresses are data: an Organization, HealthcareService, PractitionerRole or Practitioner with the HER-id as identifier.
A message may be sent to whoever works here and to nobody else, so the second level must belong to the first.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final, Literal
from weakref import WeakKeyDictionary

from samjournal.access import Permit
from samjournal.db.pool import Pool
from samjournal.fhir.identifiers import HER, HPR, ORGANIZATION
from samjournal.fhir.keys import local
from samjournal.record import Door
from samjournal.record.beside import matches, resources

Fault = Literal["", "elsewhere", "incomplete", "no-service", "no-person"]
Resource = dict[str, Any]
SYSTEMS: Final = {"HER": HER, "ENH": ORGANIZATION, "HPR": HPR}
_known: WeakKeyDictionary[Pool, dict[tuple[tuple[Level, ...], bool], tuple[float, Addressee]]] = WeakKeyDictionary()
_REMEMBERED = 5.0
_MOST = 10_000
NOT_VALIDATED: Final = "urn:samjournal:not-validated"
SHA1: Final = "urn:samjournal:sha-1"
_HIGHEST = 8
"""So many organisations lie above each other at most."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of an address: its name, and its numbers by kind (HER, ENH, HPR …)."""

    name: str
    numbers: tuple[tuple[str, str], ...]
    is_person: bool = False

    def number(self, kind: str) -> str:
        return next((value for one, value in self.numbers if one == kind), "")


@dataclass(frozen=True, slots=True)
class Addressee:
    """The unit that an address means, as a reference; or why it means none. `elsewhere`: nothing of it is known here;
    `incomplete`: a HER-id is missing; `no-service`, `no-person`: the organisation is known, the rest is not."""

    unit: Resource | None
    fault: Fault = ""


async def addressee(door: Door, permit: Permit, levels: tuple[Level, ...], *, old: bool = False) -> Addressee:
    """Whom an address means, from the outermost level inwards. `old`: messages from before there were HER-ids may use
    the number of the organisation, and are then for the whole of it. What an address means is kept in memory for some
    seconds, as the same ones come again and again; what means nothing is asked anew."""
    kept = _known.setdefault(door.pool, {})
    until, found = kept.get((levels, old), (0.0, Addressee(None)))
    if until > time.monotonic():
        return found
    found = await _addressee(door, permit, levels, old=old)
    if found.unit is not None:
        if len(kept) >= _MOST:
            kept.clear()
        kept[levels, old] = (time.monotonic() + _REMEMBERED, found)
    return found


async def _addressee(door: Door, permit: Permit, levels: tuple[Level, ...], *, old: bool) -> Addressee:
    if not levels:
        return Addressee(None, "elsewhere")
    outer, inner = levels[0], levels[-1] if len(levels) > 1 else None
    top = await _organisation(door, permit, outer, old=old)
    if inner is None:
        return Addressee(_referred(top) if old and top else None, "incomplete" if top else "elsewhere")
    meant = await _unit(door, permit, inner)
    if top is None and meant is None:
        return Addressee(None, "elsewhere" if outer.number("HER") and inner.number("HER") else _faulty(outer, inner))
    if old and meant is None and top is not None and not inner.number("HER"):
        return Addressee(_referred(top))
    if not (outer.number("HER") or old) or not inner.number("HER"):
        return Addressee(None, "incomplete")
    if top is None or meant is None or not await _lies_in(door, permit, meant, top["id"]):
        return Addressee(None, "no-person" if inner.is_person else "no-service")
    return Addressee(_referred(meant))


async def is_borne_with(door: Door, permit: Permit, levels: tuple[Level, ...], what: str) -> bool:
    """Whether the operator said of an organisation or a unit, by an extension of it, that its messages are taken though
    they are not as the schema says (`NOT_VALIDATED`), or are signed with SHA-1 (`SHA1`)."""
    for level in levels:
        found = await _organisation(door, permit, level, old=True)
        for one in (found or {}).get("extension", ()):
            if one.get("url") == what and one.get("valueBoolean") is True:
                return True
    return False


async def organisations(door: Door, permit: Permit, levels: tuple[Level, ...]) -> list[str]:
    """The organisation numbers of each level that has one: the record's own where it knows the HER-id, else as it was
    written."""
    found = []
    for level in levels:
        known = await _organisation(door, permit, level, old=False)
        numbers = [one["value"] for one in (known or {}).get("identifier", ()) if one.get("system") == ORGANIZATION]
        found += numbers or [level.number("ENH")]
    return [one for one in found if one]


async def is_whole(door: Door, permit: Permit, unit: str) -> bool:
    """Whether messages can be written from a unit (its id): it has a HER-id, and so has an organisation above it, or a
    service or person in it."""
    at = await _read(door, permit, f"Organization/{unit}")
    if at is None or not _has_number(at):
        return False
    above = at
    for _ in range(_HIGHEST):
        found = await _read(door, permit, local(above.get("partOf", {}).get("reference", "")) or "")
        if found is None:
            break
        if _has_number(found):
            return True
        above = found
    own = f"Organization/{unit}"
    people = await matches(door, permit, "PractitionerRole", [("organization", own), ("identifier", f"{HER}|")])
    return bool(people or await services(door, permit, own))


async def services(door: Door, permit: Permit, unit: str) -> list[Resource]:
    """The services of an organisation (a reference) that can be written to and from: those with a HER-id."""
    found = await matches(door, permit, "HealthcareService", [("organization", unit), ("identifier", f"{HER}|")])
    return [body for one in found if (body := one.resource()).get("active") is not False]


def _has_number(organisation: Resource) -> bool:
    return any(one.get("system") == HER and one.get("value") for one in organisation.get("identifier", ()))


def _faulty(outer: Level, inner: Level) -> Fault:
    return "incomplete" if outer.numbers or inner.numbers else "elsewhere"


async def _organisation(door: Door, permit: Permit, level: Level, *, old: bool) -> Resource | None:
    for kind in ("HER", "ENH") if old else ("HER",):
        if value := level.number(kind):
            found = await matches(door, permit, "Organization", [("identifier", f"{SYSTEMS[kind]}|{value}")])
            if found:
                return found[0].resource()
    return None


async def _unit(door: Door, permit: Permit, level: Level) -> Resource | None:
    """The organisation that an inner level is, belongs to, or works at."""
    her = level.number("HER")
    if not her:
        return None
    for type_, element in (
        ("Organization", ""),
        ("HealthcareService", "providedBy"),
        ("PractitionerRole", "organization"),
    ):
        for one in await matches(door, permit, type_, [("identifier", f"{HER}|{her}")]):
            body = one.resource()
            if body.get("active") is False:
                continue
            if not element:
                return body
            named = local(body.get(element, {}).get("reference", "")) or ""
            if (found := await _read(door, permit, named)) is not None:
                return found
    return None


async def _lies_in(door: Door, permit: Permit, unit: Resource, top: str) -> bool:
    """Whether a unit is part of an organisation, or is it."""
    at: Resource | None = unit
    for _ in range(_HIGHEST):
        if at is None:
            return False
        if at["id"] == top:
            return True
        at = await _read(door, permit, local(at.get("partOf", {}).get("reference", "")) or "")
    return False


async def _read(door: Door, permit: Permit, reference: str) -> Resource | None:
    type_, _, id_ = reference.partition("/")
    if type_ != "Organization" or not id_:
        return None
    found = (await resources(door, permit, [(type_, id_)])).get(reference)
    return found.resource() if found else None


def _referred(organisation: Resource) -> Resource:
    return {"reference": f"Organization/{organisation['id']}", "display": organisation.get("name", "")}
