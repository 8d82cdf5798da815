"""What a unit offers: visit types, as HealthcareServices of its own. hl7.org/fhir/R4/healthcareservice.html

    visit_types(door, permit, unit="", for_citizens=False) -> list[VisitType]
    visit_types_near(door, permit, municipality, age=) -> list[VisitType]
    visit_type(door, permit, id) -> VisitType
    read_visit(resource) -> VisitType            one HealthcareService as it stands

What the standard has no element for stands in one extension, `urn:samjournal:visit`: docs/reference/scheduling.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.errors import NotFound
from samjournal.record import Door, query_of, read, search
from samjournal.scheduling.hours import Hours, absences, hours

Resource = dict[str, Any]
SYSTEM: Final = "urn:samjournal:visit-type"
VISIT: Final = "urn:samjournal:visit"
TRANSLATION: Final = "http://hl7.org/fhir/StructureDefinition/translation"
WAYS: Final = ("in-person", "video", "phone")
KINDS: Final = ("person", "room", "device")
MUNICIPALITY: Final = "urn:oid:2.16.578.1.12.4.1.1.3402"
FOR: Final = "urn:samjournal:eligibility"
YOUNG: Final = "young"
_GROWN = 20
"""The health stations are for children and the young: lov om kommunale helse- og omsorgstjenester § 3-2."""
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Need:
    """What a visit takes one of: a person, a room, a device; of those named, or of those of the unit."""

    kind: str
    any: tuple[Resource, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitType:
    """One kind of visit. `minutes`, and minutes `before` and `after` in which who works with it is taken; one may begin
    every `step` minutes. `who` may book it: citizen, staff, referral. Citizens book it until `notice` hours before, and
    `horizon` days ahead; cancelled later than `cancel_until` hours before it costs the `fee` (Money). `reasons` are
    those for which it is cancelled (CodeableConcepts). With more than one of `places` it is a group; what is `drop_in`
    has no times."""

    id: str
    unit: Resource
    names: Mapping[str, str]
    minutes: int
    before: int = 0
    after: int = 0
    step: int = 0
    who: tuple[str, ...] = ("staff",)
    ways: tuple[str, ...] = ("in-person",)
    notice: int = 0
    horizon: int = 90
    cancel_until: int = 24
    fee: Resource | None = None
    reasons: tuple[Resource, ...] = ()
    needs: tuple[Need, ...] = ()
    places: int = 1
    drop_in: bool = False
    instruction: str = ""
    active: bool = True
    version: int = 0
    hours: Hours | None = None
    closed: tuple[tuple[int, int], ...] = ()

    def name(self, language: str = "nb") -> str:
        return self.names.get(language) or self.names["nb"]

    @property
    def every(self) -> int:
        """Minutes between two beginnings: as stated, else as it fits hours that begin on the hour."""
        return self.step or next((one for one in (60, 30, 20, 15, 10) if self.minutes % one == 0), 5)

    @property
    def for_citizens(self) -> bool:
        return self.active and "citizen" in self.who

    @property
    def by_referral(self) -> bool:
        """Whether citizens book it with a referral to the unit, and not without."""
        return self.active and "referral" in self.who and "citizen" not in self.who

    @property
    def coding(self) -> Resource:
        """How an Appointment names it."""
        return {"system": SYSTEM, "code": self.id, "display": self.names["nb"]}


async def visit_types(door: Door, permit: Permit, *, unit: str = "", for_citizens: bool = False) -> list[VisitType]:
    """The visit types of a unit (id), or of all, by name; for citizens those that they may book, for the unit the ones
    too that are no longer used."""
    asked = [("service-category", f"{SYSTEM}|visit"), ("_count", str(_MOST))]
    if unit:
        asked.append(("organization", f"Organization/{unit.removeprefix('Organization/')}"))
    if for_citizens:
        asked.append(("active", "true"))
    found = (await search(door, permit, query_of("HealthcareService", asked))).matches
    visits = [read_visit(one.resource(), version=one.version) for one in found]
    return sorted(
        (one for one in visits if one.for_citizens or not for_citizens), key=lambda one: (one.names["nb"], one.id)
    )


async def visit_types_near(door: Door, permit: Permit, municipality: str, *, age: int | None) -> list[VisitType]:
    """Those that citizens book who live in a municipality (its number): by the `coverageArea` of the visit type, a
    Location with that number, and where its `eligibility` is `young` those under twenty."""
    area = ("coverage-area:Location.identifier", f"{MUNICIPALITY}|{municipality}")
    asked = [("service-category", f"{SYSTEM}|visit"), ("active", "true"), area, ("_count", str(_MOST))]
    found = [one.resource() for one in (await search(door, permit, query_of("HealthcareService", asked))).matches]
    visits = [read_visit(one) for one in found if _is_for(one, age)]
    return sorted((one for one in visits if one.for_citizens), key=lambda one: (one.names["nb"], one.id))


def _is_for(service: Resource, age: int | None) -> bool:
    """Whether somebody of an age (None: not known) is whom a visit type is for."""
    concepts = [one.get("code", {}) for one in service.get("eligibility", ())]
    codes = {coding.get("code") for one in concepts for coding in one.get("coding", ()) if coding.get("system") == FOR}
    return YOUNG not in codes or (age is not None and age < _GROWN)


async def visit_type(door: Door, permit: Permit, id_: str) -> VisitType:
    """One visit type by id. Raises NotFound for what is none."""
    stored = await read(door, permit, "HealthcareService", id_)
    resource = stored.resource()
    if not is_visit_type(resource):
        raise NotFound(f"HealthcareService/{id_} is no visit type.")
    return read_visit(resource, version=stored.version)


def is_visit_type(service: Resource) -> bool:
    """Whether a HealthcareService is a visit type, and not all that a unit offers."""
    codings = (coding for one in service.get("category", ()) for coding in one.get("coding", ()))
    return any(one.get("system") == SYSTEM and one.get("code") == "visit" for one in codings)


def read_visit(service: Resource, *, version: int = 0) -> VisitType:
    """What a HealthcareService says of a visit type; what cannot be understood is as if it were not said."""
    parts = list(_parts(service))
    names = {"nb": str(service.get("name") or service["id"]), **_translations(service)}
    minutes = _number(parts, "minutes", 30)
    return VisitType(
        id=service["id"],
        unit=service.get("providedBy", {}),
        names=names,
        minutes=min(max(minutes, 1), 24 * 60),
        before=_number(parts, "before", 0),
        after=_number(parts, "after", 0),
        step=_number(parts, "step", 0),
        who=tuple(map(str, _values(parts, "who"))) or ("staff",),
        ways=tuple(map(str, _values(parts, "way"))) or ("in-person",),
        notice=_number(parts, "notice", 0),
        horizon=_number(parts, "horizon", 90),
        cancel_until=_number(parts, "cancel-until", 24),
        fee=next((one for one in _values(parts, "fee") if isinstance(one, dict)), None),
        reasons=tuple(one for one in _values(parts, "reason") if isinstance(one, dict)),
        needs=tuple(_needs(parts)),
        places=max(_number(parts, "places", 1), 1),
        drop_in=True in _values(parts, "drop-in"),
        instruction="\n".join(map(str, _values(parts, "instruction"))),
        active=service.get("active", True) is not False,
        version=version,
        hours=hours(service),
        closed=tuple(absences(service)),
    )


def _parts(service: Resource) -> Iterator[Resource]:
    for one in service.get("extension", ()):
        if one.get("url") == VISIT:
            yield from one.get("extension", ())


def value(extension: Resource) -> Any:
    """The value of an extension, whatever its type."""
    return next((found for name, found in extension.items() if name.startswith("value")), None)


def _values(parts: list[Resource], url: str) -> list[Any]:
    return [found for one in parts if one.get("url") == url and (found := value(one)) is not None]


def _number(parts: list[Resource], url: str, otherwise: int) -> int:
    found = next(iter(_values(parts, url)), otherwise)
    return found if isinstance(found, int) and found >= 0 else otherwise


def _needs(parts: list[Resource]) -> Iterator[Need]:
    for one in parts:
        if one.get("url") != "need":
            continue
        inner = one.get("extension", ())
        kind = str(next((value(part) for part in inner if part.get("url") == "kind"), ""))
        if kind in KINDS:
            any_ = (value(part) for part in inner if part.get("url") == "any")
            yield Need(kind, tuple(ref for ref in any_ if isinstance(ref, dict) and "reference" in ref))


def _translations(service: Resource) -> dict[str, str]:
    found = {}
    for one in service.get("_name", {}).get("extension", ()):
        if one.get("url") == TRANSLATION:
            parts = {part.get("url"): value(part) for part in one.get("extension", ())}
            if parts.get("lang") and parts.get("content"):
                found[str(parts["lang"])] = str(parts["content"])
    return found
