"""The record in short: allergies, illnesses, vaccines, help and plans. hl7.org/fhir/R4/patient.html

"Not asked" and "asked, none" are two answers and are said as two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from samjournal.portal import facts
from samjournal.portal.facts import Resource
from samjournal.portal.words import CONTACT_KINDS, capital
from samjournal.ui.formats import order
from samjournal.ui.language import Language, marked

Lists = Mapping[str, Sequence[Resource]]

SEVERE = {"high": marked("Kan være farlig")}
GOING_ON = ("in-progress", "arrived", "onleave", "triaged")


@dataclass(frozen=True, slots=True)
class Line:
    """One fact: what, more about it, who said it and when. `grave` is for what can endanger life, `address` where more
    of it is read."""

    what: str
    more: str | None = None
    by: str | None = None
    when: str | None = None
    grave: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class Allergies:
    """`answer` is asked-none, not-asked or some."""

    answer: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Stay:
    """The stay that is going on, if any."""

    place: str | None
    bed: str | None
    why: str | None
    since: str | None
    expected_out: str | None


def allergies(found: Iterable[Resource], _: Language) -> Allergies:
    """Known allergies, the dangerous first."""
    standing = [
        allergy
        for allergy in facts.newest_first(found, "recordedDate", "onsetDateTime")
        if facts.status(allergy, "clinicalStatus") not in ("inactive", "resolved")
        and facts.status(allergy, "verificationStatus") != "refuted"
    ]
    real = [allergy for allergy in standing if not _says_none(allergy)]
    lines = sorted((_allergy(allergy, _) for allergy in real), key=lambda line: not line.grave)
    answer = "some" if lines else "asked-none" if standing else "not-asked"
    return Allergies(answer, tuple(lines))


def _says_none(allergy: Resource) -> bool:
    return any(code == facts.NO_KNOWN_ALLERGY for _, code in facts.codings(allergy.get("code")))


def _allergy(allergy: Resource, _: Language) -> Line:
    reactions = [
        word
        for reaction in allergy.get("reaction") or ()
        for manifestation in reaction.get("manifestation") or ()
        if (word := facts.words(manifestation))
    ]
    reactions += [str(r["description"]) for r in allergy.get("reaction") or () if r.get("description")]
    severe = SEVERE.get(str(allergy.get("criticality")))
    more = ". ".join([*([_(severe)] if severe else []), *(capital(word) for word in reactions)])
    return Line(
        what=capital(facts.words(allergy.get("code")) or _("Uten navn")),
        more=more or None,
        by=facts.named(allergy.get("recorder")),
        when=facts.when(allergy, "recordedDate"),
        grave=severe is not None,
    )


def warnings(found: Iterable[Resource]) -> list[Line]:
    """What everybody who treats the citizen must know."""
    return [
        Line(what=capital(text), by=facts.named(flag.get("author")), when=facts.when(flag, "period"))
        for flag in facts.newest_first(found, "period")
        if flag.get("status") == "active" and (text := facts.words(flag.get("code")))
    ]


def illnesses(found: Iterable[Resource], _: Language) -> tuple[list[Line], list[Line]]:
    """What the citizen has now, and what is over."""
    now: list[Line] = []
    over: list[Line] = []
    for condition in facts.newest_first(found, "onsetDateTime", "recordedDate"):
        provisional = facts.status(condition, "verificationStatus") in (
            "provisional",
            "differential",
            "unconfirmed",
        )
        if facts.status(condition, "verificationStatus") == "refuted":
            continue
        line = Line(
            what=capital(facts.words(condition.get("code")) or _("Uten navn")),
            more=_("Ikke sikkert ennå. Legen undersøker det.") if provisional else None,
            by=facts.named(condition.get("recorder")),
            when=facts.when(condition, "onsetDateTime", "recordedDate"),
        )
        ended = facts.status(condition, "clinicalStatus") in ("inactive", "resolved", "remission")
        (over if ended else now).append(line)
    return now, over


def vaccines(found: Iterable[Resource], _: Language) -> list[Line]:
    """Vaccines that were given, newest first."""
    return [
        Line(
            what=capital(facts.words(vaccine.get("vaccineCode")) or _("Vaksine")),
            by=facts.first_named(p.get("actor") for p in vaccine.get("performer") or ()),
            when=facts.when(vaccine, "occurrenceDateTime"),
        )
        for vaccine in facts.newest_first(found, "occurrenceDateTime")
        if vaccine.get("status") == "completed"
    ]


def help_at_home(found: Iterable[Resource], _: Language) -> list[Line]:
    """Services from the municipality that are running."""
    return [
        Line(
            what=capital(facts.words(next(iter(service.get("type") or ()), None)) or _("Hjelp hjemme")),
            more=facts.named(service.get("managingOrganization")),
            when=facts.when(service, "period"),
        )
        for service in facts.newest_first(found, "period")
        if service.get("status") in ("active", "planned")
    ]


def plans(found: Iterable[Resource], _: Language) -> list[Line]:
    """Plans that are running: their title and what they say."""
    return [
        Line(
            what=capital(str(plan.get("title") or _("Plan"))),
            more=str(plan["description"]) if plan.get("description") else None,
            by=facts.named(plan.get("author")),
            when=facts.when(plan, "created", "period"),
        )
        for plan in facts.newest_first(found, "created", "period")
        if plan.get("status") == "active"
    ]


def goals(found: Iterable[Resource]) -> list[str]:
    """What matters to the citizen, in the words it was written."""
    kept = [goal for goal in found if goal.get("lifecycleStatus") not in ("rejected", "cancelled", "entered-in-error")]
    return [text for goal in kept if (text := facts.words(goal.get("description")))]


def stay(encounters: Iterable[Resource], care_plans: Iterable[Resource]) -> Stay | None:
    """The stay in hospital that is going on now."""
    for encounter in facts.newest_first(encounters, "period"):
        if (encounter.get("class") or {}).get("code") != "IMP" or encounter.get("status") not in GOING_ON:
            continue
        since = facts.when(encounter, "period")
        beds = [place.get("location") for place in encounter.get("location") or ()]
        return Stay(
            place=facts.named(encounter.get("serviceProvider")),
            bed=facts.first_named(beds),
            why=facts.words(next(iter(encounter.get("reasonCode") or ()), None)),
            since=since,
            expected_out=_expected_out(care_plans, since),
        )
    return None


def _expected_out(care_plans: Iterable[Resource], since: str | None) -> str | None:
    """The ward's plan ends on the day the patient is expected to go home."""
    came = facts.day_of(since)
    for plan in care_plans:
        period = plan.get("period") or {}
        started = facts.day_of(period.get("start"))
        of_this_stay = came is None or started is None or started >= came
        if plan.get("status") == "active" and period.get("end") and of_this_stay:
            return str(period["end"])
    return None


def contacts(encounters: Iterable[Resource], _: Language) -> list[Line]:
    """Stays and visits, newest first."""
    return [
        Line(
            what=_(CONTACT_KINDS.get((contact.get("class") or {}).get("code", ""), marked("Besøk"))),
            more=facts.words(next(iter(contact.get("reasonCode") or ()), None)),
            by=facts.named(contact.get("serviceProvider")),
            when=facts.when(contact, "period"),
            address=f"/portal/visits/{contact['id']}" if contact.get("id") else "",
        )
        for contact in facts.newest_first(encounters, "period")
        if contact.get("status") in (*GOING_ON, "finished")
    ]


def helpers(patient: Resource, lists: Lists, _: Language, *, acts: bool = False) -> list[Line]:
    """Who the citizen can turn to: the GP, and those who help at home; said to who `acts` for the citizen."""
    doctors = [
        Line(what=name, more=_("Fastlege") if acts else _("Fastlegen din"))
        for reference in patient.get("generalPractitioner") or ()
        if facts.points_at(reference) != "Organization" and (name := facts.named(reference))
    ]
    offices = [
        name
        for reference in patient.get("generalPractitioner") or ()
        if facts.points_at(reference) == "Organization" and (name := facts.named(reference))
    ]
    if doctors and offices:
        office = offices[0]
        said = _("Fastlege, {office}", office=office) if acts else _("Fastlegen din, {office}", office=office)
        doctors[0] = Line(what=doctors[0].what, more=said)
    elif offices:
        doctors = [Line(what=offices[0], more=_("Fastlegekontoret ditt"))]
    at_home = [
        Line(what=line.more, more=line.what) for line in help_at_home(lists.get("home-care", ()), _) if line.more
    ]
    return [*doctors, *at_home]


def relatives(found: Iterable[Resource], _: Language) -> list[Line]:
    """Next of kin as the record has them."""
    return [
        Line(
            what=facts.name(person) or _("Uten navn"),
            more=facts.words(next(iter(person.get("relationship") or ()), None)),
        )
        for person in found
        if person.get("active") is not False
    ]


def to_do(tasks: Iterable[Resource], _: Language, *, patient_id: str) -> list[Line]:
    """What waits for the citizen herself, the earliest deadline first."""
    mine = [
        task
        for task in tasks
        if task.get("status") in ("requested", "received", "accepted", "ready", "in-progress")
        and (task.get("owner") or {}).get("reference") == f"Patient/{patient_id}"
    ]
    lines = [
        Line(
            what=capital(str(task.get("description") or facts.words(task.get("code")) or _("Oppgave"))),
            by=facts.named(task.get("requester")),
            when=((task.get("restriction") or {}).get("period") or {}).get("end"),
        )
        for task in tasks
        if task in mine
    ]
    return sorted(lines, key=lambda line: order(line.when))
