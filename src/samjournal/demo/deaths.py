# ruff: noqa: E501 - sentences stay on one line
"""Deaths of the last three years: when, of what, and how the chart is closed so that nothing comes after.

hl7.org/fhir/R4/patient-definitions.html#Patient.deceased_x_
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import lru_cache

from samjournal.demo.chance import chance
from samjournal.demo.chart import ICD10, Resource, concept, encounter, note, problem, to
from samjournal.demo.clock import OSLO, Clock, instant
from samjournal.demo.illnesses import Both
from samjournal.demo.inhabitants import Person
from samjournal.demo.sites import someone, ward
from samjournal.demo.staff import Staff
from samjournal.demo.timeline import Life
from samjournal.demo.units import units
from samjournal.fhir.identifiers import age

# Age from, and the share of those born that long ago who have died in the last three years.
_SHARES = ((60, 0.015), (70, 0.04), (80, 0.12), (88, 0.26), (95, 0.45))

# ICD-10, what it is called, the ICPC-2 codes it comes with, and the last words of the chart.
_CAUSES: tuple[tuple[str, Both, frozenset[str], Both], ...] = (
    ("I50.9", ("Hjertesvikt", "Hjartesvikt"), frozenset({"K77"}),
     ("Hjertesvikten har gått mot slutten de siste ukene, enighet om lindring. Sovnet stille inn kl. {clock} med familien rundt seg.",
      "Hjartesvikten har gått mot slutten dei siste vekene, semje om lindring. Sovna stilt inn kl. {clock} med familien rundt seg.")),
    ("J44.1", ("Kols", "Kols"), frozenset({"R95"}),
     ("Tiltagende tung pust tross behandling. Fikk morfin i små doser, rolig det siste døgnet. Døde kl. {clock}.",
      "Aukande tung pust trass i behandling. Fekk morfin i små dosar, roleg det siste døgnet. Døydde kl. {clock}.")),
    ("F00.1", ("Alzheimers sykdom", "Alzheimers sjukdom"), frozenset({"P70"}),
     ("Har sluttet å spise og drikke den siste uka. Munnstell og snuing hver annen time. Sovnet inn kl. {clock}, en av de nærmeste holdt hånda.",
      "Har slutta å ete og drikke den siste veka. Munnstell og snuing kvar andre time. Sovna inn kl. {clock}, ein av dei nærmaste heldt handa.")),
    ("C80.9", ("Kreft med spredning", "Kreft med spreiing"), frozenset({"D75", "X76", "Y77"}),
     ("Kreften kom tilbake for et halvt år siden med spredning til skjelett og lever. Smertepumpe, ingen uro. Sovnet inn kl. {clock}.", "Kreften kom att for eit halvt år sidan med spreiing til skjelett og lever. Smertepumpe, ingen uro. Sovna inn kl. {clock}.")),
    ("I63.9", ("Hjerneinfarkt", "Hjerneinfarkt"), frozenset(),
     ("Stort hjerneinfarkt for tre dager siden, ikke kontaktbar siden. Enighet med familien om lindring. Døde kl. {clock}.",
      "Stort hjerneinfarkt for tre dagar sidan, ikkje kontaktbar sidan. Semje med familien om lindring. Døydde kl. {clock}.")),
    ("J18.9", ("Lungebetennelse", "Lungebetennelse"), frozenset(),
     ("Lungebetennelse som ikke svarte på behandling. Sov mest det siste døgnet. Døde kl. {clock}.",
      "Lungebetennelse som ikkje svara på behandling. Sov mest det siste døgnet. Døydde kl. {clock}.")),
)  # fmt: skip


@lru_cache(maxsize=64)
def died(person: Person, clock: Clock) -> datetime | None:
    """When somebody died; the same answer for the widow's chart as for the dead one's own."""
    years = age(person.born, clock.today)
    if years < 60:
        return None
    rng = chance("death", person.id)
    likely = next(share for start, share in reversed(_SHARES) if years >= start)
    if rng.random() > likely:
        return None
    day = clock.day(-rng.randint(3, 1095))
    return datetime.combine(day, time(rng.randint(0, 23), rng.randint(0, 59)), OSLO)


def close(life: Life) -> None:
    """The last contact, the cause, and an end to everything that went on."""
    chart, when = life.chart, life.chart.clock.now
    chart.patient["deceasedDateTime"] = instant(when)
    icd, name, _, words = life.rng.choice([cause for cause in _CAUSES if cause[2] & life.codes] or _CAUSES[-2:])
    visit, by = _last_contact(life, concept(ICD10, icd, life.say(name)))
    cause = problem(chart, life.person.gp, (ICD10, icd), life.say(name), since=(when - timedelta(days=4)).date())
    cause["clinicalStatus"]["coding"][0]["code"] = "inactive"
    told = life.say(words).format(clock=f"{when:%H.%M}")
    gp = ("Fastlegen er varslet.", "Fastlegen er varsla.")
    note(
        chart,
        by,
        when + timedelta(minutes=40),
        life.say(("Dødsfall", "Dødsfall")),
        told,
        life.say(gp),
        encounter=visit,
    )
    life.medicines.end(life.say(("Død", "Død")))
    for resource in chart.resources[1:]:
        _end(resource, when)


def _last_contact(life: Life, code: Resource) -> tuple[Resource, Staff]:
    """In the nursing home, at home with home care, or in hospital for whoever had neither."""
    chart, when = life.chart, life.chart.clock.now
    contacts = [r for r in chart.resources if r["resourceType"] == "Encounter"]
    ends = [datetime.fromisoformat(contact["period"]["end"]) for contact in contacts if "end" in contact["period"]]
    came = min(max([when - timedelta(hours=life.rng.randint(2, 9)), *ends]), when - timedelta(minutes=20))
    decision = _in_force(chart.resources)
    if decision is None:
        return _in_hospital(life, code, came, when)
    unit = units(life.person.place.region)[decision["performer"][0]["reference"].split("/")[1]]
    if unit.service != "Hjemmesykepleie":
        nurse = someone(unit, "nurse", life.rng)
        return next(contact for contact in contacts if contact.get("basedOn") == [to(decision)]), nurse
    nurse = someone(unit, "home-nurse", life.rng)
    visit = encounter(chart, nurse, "HH", came, when, type_=life.say(("Hjemmebesøk", "Heimebesøk")), code=code)
    visit["basedOn"] = [to(decision)]
    return visit, nurse


def _in_hospital(life: Life, code: Resource, came: datetime, when: datetime) -> tuple[Resource, Staff]:
    chart, unit = life.chart, ward(life.person, "medicine")
    doctor = someone(unit, "doctor", life.rng)
    stay = encounter(chart, doctor, "IMP", came, when, type_=life.say(_STAY), code=code)
    stay["hospitalization"] = {"dischargeDisposition": {"text": life.say(("Død", "Død"))}}
    arrived, told = came + timedelta(minutes=15), life.say(_CAME)
    note(chart, doctor, arrived, "Innkomstnotat", told, kind="Innkomstnotat", encounter=stay)
    note(chart, doctor, when, "Epikrise", told, life.say(_LEFT), kind="Epikrise", encounter=stay)
    return stay, doctor


_STAY = ("Innleggelse", "Innlegging")
_CAME = (
    "Kommer fra hjemmet med ambulanse, svært dårlig. Samtale med de nærmeste, lindring er målet.",
    "Kjem frå heimen med ambulanse, svært dårleg. Samtale med dei nærmaste, lindring er målet.",
)
_LEFT = (
    "Ingen livsforlengende behandling. Familien var til stede.",
    "Inga livsforlengjande behandling. Familien var til stades.",
)


def _in_force(resources: list[Resource]) -> Resource | None:
    """The decision that somebody had help by to the end."""
    for resource in reversed(resources):
        decision = resource["resourceType"] == "ServiceRequest" and resource["category"][0].get("text") == "Vedtak"
        if decision and (resource["status"] == "active" or resource["code"]["text"].startswith("Langtid")):
            return resource
    return None


_ENDED = {
    "EpisodeOfCare": "finished",
    "CarePlan": "completed",
    "ServiceRequest": "revoked",
    "MedicationRequest": "stopped",
    "Flag": "inactive",
    "Goal": "cancelled",
}


def _end(resource: Resource, when: datetime) -> None:
    """Close what was open, at the hour of death."""
    kind = resource["resourceType"]
    if kind == "Condition" and resource["clinicalStatus"]["coding"][0]["code"] == "active":
        resource["clinicalStatus"]["coding"][0]["code"] = "inactive"
    if kind not in _ENDED or resource.get("status") not in ("active", "on-hold"):
        return
    resource["status"] = _ENDED[kind]
    for name in ("period", "occurrencePeriod"):
        if name in resource:
            resource[name]["end"] = instant(when) if "T" in resource[name]["start"] else str(when.date())
