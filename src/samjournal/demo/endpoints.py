"""Where units take messages, and a few organisations outside the region. hl7.org/fhir/R4/endpoint.html

    her_id(id) -> str                   the HER-id of a unit, made of its id
    takes_messages(region) -> list      the units that have one, by id
    outside() -> Iterator[Resource]     organisations that do not write in this record, each with a folder
    endpoints(region) -> Iterator[Resource]

Units where somebody can sign in are ready; some others have one that nobody reads, or that was not tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256

from samjournal.demo.chart import Resource
from samjournal.demo.staff import accounts
from samjournal.demo.units import units
from samjournal.fhir.identifiers import HER, ORGANIZATION

KINDS = (
    ("HENVISNING", "Henvisning"),
    ("EPIKRISE", "Epikrise"),
    ("DIALOG_HELSEFAGLIG", "Helsefaglig dialog"),
    ("DIALOG_FORESPORSEL", "Forespørsel"),
    ("DIALOG_SVAR", "Svar på forespørsel"),
)
SYSTEM = "urn:samjournal:connection"
SINCE = "2026-01-01"
NOBODY = ("levanger-dialyse", "steinkjer-rehab")
"""Units that are set up and that nobody reads."""
UNTRIED = ("namsos-medisin-namsos",)
SPECIALIST, HOSPITAL, NURSING = "midtbyen-hjertelege", "nordlandssykehuset", "fjellbygda-legekontor"
OUTSIDE = (
    (SPECIALIST, "Midtbyen hjertelegepraksis", "Midtbyen spesialistsenter AS", "984000017"),
    (HOSPITAL, "Nordlandssykehuset, Bodø", "Nordlandssykehuset HF", "984000025"),
    (NURSING, "Fjellbygda legekontor", "Fjellbygda kommune", "984000033"),
)
"""Who takes messages, in which organisation, with its number: an address has two levels. HIS 1153"""
DESK, OPERATIONS = "helse-nord-trondelag", "Driftsvakta, Helse Nord-Trøndelag HF"


@cache
def takes_messages(region: int = 0) -> tuple[str, ...]:
    """The units that have an Endpoint."""
    staffed = {role.organization_id for one in accounts() for role in one.roles}
    others = {*NOBODY, *UNTRIED}
    no_care = {"helse-nord-trondelag"}
    return tuple(id_ for id_ in units(region) if id_ in (staffed | others) - no_care)


def her_id(id_: str) -> str:
    """Eight digits that follow from the id: no real HER-id has so many."""
    return str(10_000_000 + int.from_bytes(sha256(id_.encode()).digest()[:6], "big") % 90_000_000)


def outside() -> Iterator[Resource]:
    """Organisations outside the region."""
    for id_, name, above, number in OUTSIDE:
        whole = f"{id_}-virksomhet"
        yield _organization(whole, above, [{"system": ORGANIZATION, "value": number}])
        yield {**_organization(id_, name, []), "partOf": {"reference": f"Organization/{whole}", "display": above}}


def desk() -> Resource:
    """The unit that sees to messages which nobody else has."""
    made = _organization("message-desk", "Meldingssentralen", [{"system": "urn:samjournal:desk", "value": "messages"}])
    return {**made, "partOf": {"reference": f"Organization/{DESK}", "display": units()[DESK].name}}


def _organization(id_: str, name: str, identifiers: list[Resource]) -> Resource:
    kind = {"system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "prov"}
    return {
        "resourceType": "Organization",
        "id": id_,
        "identifier": [*identifiers, {"system": HER, "value": her_id(id_)}],
        "active": True,
        "type": [{"coding": [kind]}],
        "name": name,
    }


def endpoints(region: int = 0) -> Iterator[Resource]:
    """One for each unit that takes messages, and for those outside."""
    every = units(region)
    for id_ in takes_messages(region):
        status = "test" if id_ in UNTRIED else "active"
        yield _endpoint(id_, every[id_].name, "shared", status)
    for id_, name, _above, _number in OUTSIDE:
        yield {**_endpoint(id_, name, "folder", "active"), "contact": [{"system": "other", "value": OPERATIONS}]}


def _endpoint(id_: str, name: str, way: str, status: str) -> Resource:
    system = "urn:oid:2.16.578.1.12.4.1.1.8279"
    return {
        "resourceType": "Endpoint",
        "id": id_,
        "status": status,
        "connectionType": {"system": SYSTEM, "code": way},
        "name": name,
        "managingOrganization": {"reference": f"Organization/{id_}", "display": name},
        "period": {"start": SINCE},
        "payloadType": [{"coding": [{"system": system, "code": code, "display": said}]} for code, said in KINDS],
        "address": her_id(id_) if way == "shared" else id_,
    }
