"""What the units of the personas offer, who and what it takes, and when: visit types, hours and rooms to book.

Every GP's office has the same two; the units that the personas know have more. hl7.org/fhir/R4/healthcareservice.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from samjournal.demo.chart import HL7, Resource
from samjournal.demo.locations import site
from samjournal.demo.municipalities import municipalities
from samjournal.demo.staff import Staff, at_unit
from samjournal.demo.unit import Unit
from samjournal.demo.units import units

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
_CITIZENS = ("citizen", "staff", "referral")


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit type: its names in bokmål, nynorsk and English, how long it lasts (minutes), and who may book it. `needs`
    are roles of the unit, logins at others, or `room`; `hours` are clock times on `days`."""

    code: str
    names: tuple[str, str, str]
    minutes: int
    needs: tuple[str, ...]
    who: tuple[str, ...] = _CITIZENS
    ways: tuple[str, ...] = ("in-person",)
    hours: tuple[tuple[str, str], ...] = (("08:00", "11:30"), ("12:00", "15:30"))
    days: tuple[str, ...] = _WEEKDAYS
    after: int = 0
    notice: int = 2
    horizon: int = 60
    fee: int = 0
    places: int = 1
    drop_in: bool = False
    instruction: str = ""


_GP = (
    Visit(
        "konsultasjon", ("Time hos fastlegen", "Time hos fastlegen", "Appointment with the GP"), 20, ("gp",), fee=463,
        ways=("in-person", "video"),
    ),
    Visit(
        "telefon", ("Telefontime", "Telefontime", "Phone appointment"), 10, ("gp",), ways=("phone",), notice=1,
        hours=(("08:00", "09:00"), ("15:00", "15:30")),
    ),
)  # fmt: skip
_OF_UNITS: dict[str, tuple[Visit, ...]] = {
    "furutoppen-legesenter": (
        Visit(
            "blodprove", ("Blodprøve", "Blodprøve", "Blood test"), 10, ("secretary", "furutoppen-legesenter-rom-lab"),
            hours=(("08:00", "11:00"),), instruction="Du kan spise og drikke som vanlig.",
        ),
    ),
    "steinkjer-helsestasjon": (
        Visit(
            "kontroll", ("Kontroll på helsestasjonen", "Kontroll på helsestasjonen", "Check-up at the health station"),
            30, ("health-visitor", "room"), after=5, horizon=120,
        ),
        Visit(
            "vaksine", ("Vaksinasjon", "Vaksinasjon", "Vaccination"), 15, ("health-visitor|nurse", "room"), after=5,
            instruction="Bli på helsestasjonen i tjue minutter etter vaksinen.",
        ),
        Visit(
            "barselgruppe", ("Barselgruppe", "Barselgruppe", "Group for new parents"), 90, ("health-visitor", "room"),
            places=8, hours=(("12:00", "15:00"),), days=("wed",),
        ),
        Visit(
            "ungdom", ("Åpen helsestasjon for ungdom", "Open helsestasjon for ungdom", "Young people drop in"), 15,
            ("nurse",), drop_in=True, hours=(("14:00", "17:00"),), days=("tue",),
        ),
    ),
    "hjertepoliklinikken": (
        Visit(
            "forstegang", ("Første undersøkelse", "Første undersøking", "First examination"), 60, ("doctor", "room"),
            who=("staff", "referral"), after=10, fee=403, horizon=180,
        ),
        Visit(
            "kontroll", ("Hjertekontroll", "Hjartekontroll", "Heart check-up"), 30, ("doctor", "room"), fee=403,
            ways=("in-person", "video"), after=5, notice=24, horizon=180,
        ),
        Visit(
            "tverrfaglig",
            ("Tverrfaglig hjertesvikttime", "Tverrfagleg hjartesviktime", "Interdisciplinary heart failure clinic"),
            60, ("marte", "asbjorn", "live", "room"), who=("staff", "referral"), fee=403, horizon=180,
            hours=(("09:00", "11:00"), ("12:00", "15:00")), days=("tue", "thu"),
        ),
    ),
    "lungepoliklinikken": (
        Visit(
            "kontroll", ("Lungekontroll", "Lungekontroll", "Lung check-up"), 30, ("doctor", "room"), fee=403, after=5,
            notice=24, horizon=180,
        ),
        Visit(
            "spirometri", ("Pustetest", "Pustetest", "Breathing test"), 30, ("doctor", "lungepoliklinikken-spirometer"),
            who=("staff", "referral"), fee=403, horizon=180,
        ),
    ),
}  # fmt: skip
_ROOMS = {
    "furutoppen-legesenter": ("lab",),
    "steinkjer-helsestasjon": ("1", "2"),
    "hjertepoliklinikken": ("1", "2"),
    "lungepoliklinikken": ("1",),
}
_DEVICES = {"lungepoliklinikken": (("spirometer", "Spirometer"),)}
_REASONS = (
    ("pat", "Pasienten ønsker det"),
    ("prov-pers", "Behandleren er borte"),
    ("oth-weath", "Været"),
)


def visit_types(region: int = 0) -> Iterator[Resource]:
    """Rooms and equipment first, then what takes them."""
    for id_, rooms in _ROOMS.items():
        yield from (_room(units(region)[id_], name, region) for name in rooms)
    for id_, devices in _DEVICES.items():
        yield from (_device(units(region)[id_], code, name) for code, name in devices)
    stations = [unit for id_ in _OF_UNITS if _is_for_the_young(unit := units(region)[id_])]
    yield from (_area(number) for number in sorted({unit.municipality for unit in stations}))
    for unit in units(region).values():
        for one in (*(_GP if unit.service == "Fastlegekontor" else ()), *_OF_UNITS.get(unit.id, ())):
            yield _visit(unit, one)


def works(person: Staff) -> dict[str, list[Resource]]:
    """When somebody works, of those whose calendar people book in; the others say nothing of it."""
    hours = _WORKS.get(person.login)
    if hours is None or person.role.organization_id not in (*_OF_UNITS, "ergo-fysio"):
        return {}
    days, opens, closes = hours
    return {"availableTime": [_open(days, opens, closes)]}


_WORKS = {
    "magnus": (("mon", "tue", "wed", "thu"), "08:00", "15:30"),
    "nina": (("mon", "wed", "thu", "fri"), "08:00", "15:30"),
    "silje": (_WEEKDAYS, "08:00", "15:30"),
    "marte": (("mon", "tue", "thu", "fri"), "08:00", "15:30"),
    "asbjorn": (_WEEKDAYS, "07:30", "15:30"),
    "live": (("tue", "wed", "thu"), "08:00", "15:00"),
    "samira": (("mon", "tue", "wed", "thu"), "08:00", "15:00"),
}


def _visit(unit: Unit, one: Visit) -> Resource:
    told: list[Resource] = [
        {"url": "minutes", "valueUnsignedInt": one.minutes},
        *({"url": "who", "valueCode": who} for who in one.who),
        *({"url": "way", "valueCode": way} for way in one.ways),
        {"url": "notice", "valueUnsignedInt": one.notice},
        {"url": "horizon", "valueUnsignedInt": one.horizon},
        {"url": "cancel-until", "valueUnsignedInt": 24},
        *({"url": "reason", "valueCodeableConcept": _reason(*reason)} for reason in _REASONS),
        *(_need(unit, need) for need in one.needs),
    ]
    if one.after:
        told.append({"url": "after", "valueUnsignedInt": one.after})
    if one.fee:
        told.append({"url": "fee", "valueMoney": {"value": one.fee, "currency": "NOK"}})
    if one.places > 1:
        told.append({"url": "places", "valueUnsignedInt": one.places})
    if one.drop_in:
        told.append({"url": "drop-in", "valueBoolean": True})
    if one.instruction:
        told.append({"url": "instruction", "valueString": one.instruction})
    bokmal, nynorsk, english = one.names
    return {
        "resourceType": "HealthcareService",
        "id": f"{unit.id}-{one.code}",
        "extension": [{"url": "urn:samjournal:visit", "extension": told}],
        "active": True,
        "providedBy": {"reference": f"Organization/{unit.id}", "display": unit.name},
        "category": [{"coding": [{"system": "urn:samjournal:visit-type", "code": "visit"}]}],
        "name": bokmal,
        "_name": {"extension": [_translation("nn", nynorsk), _translation("en", english)]},
        "availableTime": [_open(one.days, *hours) for hours in one.hours],
        **_whom(unit),
    }


def _need(unit: Unit, need: str) -> Resource:
    """One of those in a role of the unit, somebody by login, any room, or a place or device by id."""
    kind, references = "person", _people(unit, need.split("|"))
    if need == "room":
        kind, references = "room", []
    elif need.startswith(unit.id):
        is_room = need.removeprefix(f"{unit.id}-").startswith("rom")
        kind, references = ("room", [{"reference": f"Location/{need}"}]) if is_room else ("device", [_of(need)])
    parts: list[Resource] = [{"url": "kind", "valueCode": kind}]
    parts += [{"url": "any", "valueReference": one} for one in references]
    return {"url": "need", "extension": parts}


def _of(device: str) -> Resource:
    return {"reference": f"Device/{device}"}


def _people(unit: Unit, codes: Sequence[str]) -> list[Resource]:
    found = [person for person in at_unit(unit) if person.role.code in codes]
    if not found:
        found = [person for one in (*_OF_UNITS, "ergo-fysio") for person in at_unit(one) if person.login in codes]
    return [
        {"reference": f"PractitionerRole/{person.role.practitioner_role_id}", "display": person.name}
        for person in found
    ]


def _open(days: Sequence[str], opens: str, closes: str) -> Resource:
    return {
        "daysOfWeek": list(days),
        "availableStartTime": f"{opens}:00",
        "availableEndTime": f"{closes}:00",
    }


def _translation(language: str, text: str) -> Resource:
    return {
        "url": "http://hl7.org/fhir/StructureDefinition/translation",
        "extension": [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": text}],
    }


def _reason(code: str, text: str) -> Resource:
    coding = {"system": f"{HL7}appointment-cancellation-reason", "code": code}
    return {"coding": [coding], "text": text}


def _is_for_the_young(unit: Unit) -> bool:
    return unit.service == "Helsestasjon"


def _area(number: str) -> Resource:
    """A municipality as a place that something is for."""
    latitude, longitude = municipalities()[number].centre
    kind = {"system": f"{HL7}location-physical-type", "code": "jdn", "display": "Jurisdiction"}
    return {
        "resourceType": "Location",
        "id": f"kommune-{number}",
        "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.1.3402", "value": number}],
        "status": "active",
        "name": _named(number),
        "mode": "instance",
        "physicalType": {"coding": [kind]},
        "position": {"longitude": longitude, "latitude": latitude},
    }


def _named(number: str) -> str:
    return f"{municipalities()[number].name} kommune"


def _whom(unit: Unit) -> Resource:
    """Whom a health station is for: the young of the municipality."""
    if not _is_for_the_young(unit):
        return {}
    young = {"coding": [{"system": "urn:samjournal:eligibility", "code": "young"}], "text": "Barn og unge under 20 år"}
    area = {"reference": f"Location/kommune-{unit.municipality}", "display": _named(unit.municipality)}
    return {"coverageArea": [area], "eligibility": [{"code": young}]}


def _room(unit: Unit, name: str, region: int) -> Resource:
    return {
        "resourceType": "Location",
        "id": f"{unit.id}-rom-{name}",
        "status": "active",
        "name": f"Rom {name}",
        "mode": "instance",
        "physicalType": {"coding": [{"system": f"{HL7}location-physical-type", "code": "ro", "display": "Room"}]},
        "managingOrganization": {"reference": f"Organization/{unit.id}", "display": unit.name},
        "partOf": {"reference": f"Location/{site(unit, region)}"},
    }


def _device(unit: Unit, code: str, name: str) -> Resource:
    return {
        "resourceType": "Device",
        "id": f"{unit.id}-{code}",
        "status": "active",
        "deviceName": [{"name": name, "type": "user-friendly-name"}],
        "owner": {"reference": f"Organization/{unit.id}", "display": unit.name},
    }
