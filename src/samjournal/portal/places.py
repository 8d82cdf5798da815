"""Where a citizen may book by himself: where his GP is, where he is known or referred to, and where he lives.

WANTS                                               what of the record tells it
places(lists, gp_units, now=) -> list[Place]        each unit once, the GP's first
municipality(patient) -> str                        by which it is told what is for those who live there

Which kinds of visit a unit lets citizens book is the unit's to say (`who` of its visit types): a unit without any is
shown to nobody. Decision 0048.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from samjournal.portal import facts
from samjournal.record import Want
from samjournal.scheduling.visits import MUNICIPALITY
from samjournal.ui.formats import order

Resource = Mapping[str, Any]
KNOWN: Final = timedelta(days=3 * 365)
"""Where one has not been for longer than this one is a new patient, and phones or is referred."""
WANTS: Final = (
    Want("stays", "Encounter", "_sort=-date", 200),
    Want("services", "EpisodeOfCare", "status=active", 20),
    Want("referred", "ServiceRequest", "category=urn:samjournal:request|referral&status=active", 50),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A unit where somebody may book. `kind` is why: gp, known, referred or near; `referral` is the ServiceRequest that
    opens what takes a referral, '' where there is none."""

    id: str
    name: str
    kind: str
    referral: str = ""


def gp_references(patient: Resource) -> list[Resource]:
    """Whom the record names as GP: a person in a post, an office, or both."""
    return [one for one in patient.get("generalPractitioner") or () if facts.points_at(one)]


def municipality(patient: Resource) -> str:
    """The number of the municipality that somebody lives in by his address, '' where it is not told."""
    for address in patient.get("address") or ():
        if (address.get("period") or {}).get("end"):
            continue
        for extension in (address.get("_district") or {}).get("extension") or ():
            coding = extension.get("valueCoding") or {}
            if coding.get("system") == MUNICIPALITY and coding.get("code"):
                return str(coding["code"])
    return ""


def places(lists: Mapping[str, Sequence[Resource]], gp_units: Sequence[Resource], *, now: datetime) -> list[Place]:
    """Every unit once, the GP's first; with the newest referral to it that stands open."""
    referred = dict(reversed(list(_referred(lists.get("referred", ())))))
    found: dict[str, Place] = {}
    for kind, unit in _units(lists, gp_units, now):
        id_ = _id(unit)
        if id_ and id_ not in found:
            found[id_] = Place(id_, facts.named(unit) or "", kind, referred.get(id_, ""))
    return list(found.values())


def _units(
    lists: Mapping[str, Sequence[Resource]], gp_units: Sequence[Resource], now: datetime
) -> Iterator[tuple[str, Resource]]:
    for unit in gp_units:
        yield "gp", unit
    for service in lists.get("services", ()):
        yield "known", service.get("managingOrganization") or {}
    for stay in facts.newest_first(lists.get("stays", ()), "period"):
        if order(facts.when(stay, "period")) >= now - KNOWN:
            yield "known", stay.get("serviceProvider") or {}
    for request in lists.get("referred", ()):
        for performer in request.get("performer") or ():
            if facts.points_at(performer) == "Organization":
                yield "referred", performer


def _referred(requests: Sequence[Resource]) -> Iterator[tuple[str, str]]:
    """The unit and the id of each referral that stands, newest first."""
    for request in facts.newest_first(requests, "authoredOn"):
        if request.get("status") == "active":
            for performer in request.get("performer") or ():
                yield _id(performer), str(request["id"])


def _id(unit: Resource) -> str:
    type_, _, id_ = str(unit.get("reference", "")).rpartition("/")
    return id_ if type_.endswith("Organization") else ""
