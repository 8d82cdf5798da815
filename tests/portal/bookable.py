"""What citizens may book in tests: Kari's GP office with two doctors, and the health station where Odin has been."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hazards.test_representation import HOME, citizen
from samjournal.fhir.dates import OSLO
from samjournal.scheduling.visits import MUNICIPALITY
from scheduling.places import booked, need, post, room, visit, weekly
from world import ACT, Resource, World, made, patient, to

SIRI = need("person", "PractitionerRole/siri-post")
ALWAYS = "mon tue wed thu fri sat sun"
UNITS = {
    "office": "Fjordby legesenter",
    "station": "Fjordby helsestasjon",
    "school": "Skolehelsetjenesten i Fjordby",
    "ward": "Ward",
}
YOUNG = {
    "coverageArea": [{"reference": "Location/fjordby"}],
    "eligibility": [{"code": {"coding": [{"system": "urn:samjournal:eligibility", "code": "young"}]}}],
}
FEE = {"url": "fee", "valueMoney": {"value": 150, "currency": "NOK"}}
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


def day(days: int) -> date:
    """The day so many days ahead in Oslo."""
    return datetime.now(OSLO).date() + timedelta(days=days)


def at(days: int, clock: str) -> datetime:
    """A moment so many days ahead, by the clock in Oslo."""
    return datetime.combine(day(days), time.fromisoformat(clock), OSLO).astimezone(UTC)


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def called(nn: str, en: str) -> Resource:
    parts = [("nn", nn), ("en", en)]
    return {
        "extension": [
            {
                "url": TRANSLATION,
                "extension": [{"url": "lang", "valueCode": code}, {"url": "content", "valueString": text}],
            }
            for code, text in parts
        ]
    }


async def open_units(world: World) -> None:
    """The office and the station, open from 8 to 16 every day, with what they let citizens book."""
    hours = weekly("08:00", "16:00", ALWAYS)
    await world.put(
        *(made("Organization", id_, name=name) for id_, name in UNITS.items() if id_ != "ward"),
        *(
            made("HealthcareService", f"{id_}-all", name=name, providedBy=to(f"Organization/{id_}"))
            for id_, name in UNITS.items()
            if id_ != "ward"
        ),
        *(made("Practitioner", who) for who in ("anne", "bo", "siri")),
        post("anne-post", "anne", "office", hours),
        post("bo-post", "bo", "office", hours),
        post("siri-post", "siri", "station", hours),
        room("station-room", "station"),
        _named(
            "control", "Kontroll", "Kontroll", "Check-up", "office", need("person"), FEE, *ways("in-person", "video")
        ),
        _named("inside", "Intern samtale", "Intern samtale", "Internal", "office", need("person"), who=["staff"]),
        _named("shot", "Vaksine", "Vaksine", "Vaccine", "station", need("person"), need("room")),
        {
            **patient("kari", "Nordmann", number="11834826226"),
            "generalPractitioner": [to("PractitionerRole/anne-post")],
        },
        {**citizen("mina"), "generalPractitioner": [{**to("Organization/office"), "display": UNITS["office"]}]},
        _named(
            "clinic",
            "Poliklinisk time",
            "Poliklinisk time",
            "Clinic",
            "ward",
            SIRI,
            who=["staff", "referral"],
        ),
        made("Location", "fjordby", identifier=[{"system": MUNICIPALITY, "value": "9999"}], status="active"),
        {**_named("young", *("Skolehelse",) * 2, "School health", "school", SIRI), **YOUNG},
        soon("kari"),
        soon("mina", minutes=5),
    )


def soon(id_: str, *, hours: int = 0, minutes: int = 100, **more: Any) -> Resource:
    """A check-up of a patient with Bo in a few hours: too late to cancel it for nothing."""
    start = datetime.now(UTC) + timedelta(hours=hours, minutes=minutes)
    found = booked(id_, "PractitionerRole/bo-post", "HealthcareService/office-all", start=start)
    kind = {"system": "urn:samjournal:visit-type", "code": "control", "display": "Kontroll"}
    return {**found, "id": f"{id_}-soon", "serviceType": [{"coding": [kind]}], **more}


def ways(*codes: str) -> list[Resource]:
    return [{"url": "way", "valueCode": code} for code in codes]


def _named(id_: str, nb: str, nn: str, en: str, unit: str, *parts: Any, **more: Any) -> Resource:
    found = visit(id_, *parts, unit=unit, hours=weekly("08:00", "16:00", ALWAYS), **more)
    at_unit = {"reference": f"Organization/{unit}", "display": UNITS[unit]}
    return {**found, "name": nb, "_name": called(nn, en), "providedBy": at_unit}


def been_at(id_: str, unit: str) -> Resource:
    """A contact of a patient at a unit last month."""
    start = datetime.now(UTC) - timedelta(days=30)
    return {
        "resourceType": "Encounter",
        "id": f"{id_}-at-{unit}",
        "status": "finished",
        "class": {"system": ACT, "code": "AMB"},
        "subject": {"reference": f"Patient/{id_}"},
        "serviceProvider": {"reference": f"Organization/{unit}"},
        "period": {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()},
    }


def lives_in(number: str) -> Resource:
    """An address in a municipality, as the Norwegian base profile has it."""
    url = "http://hl7.no/fhir/StructureDefinition/no-basis-municipalitycode"
    coded = {"url": url, "valueCoding": {"system": MUNICIPALITY, "code": number}}
    return {"address": [{**HOME[0], "district": "Fjordby", "_district": {"extension": [coded]}}]}
