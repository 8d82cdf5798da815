"""Appointments ahead and behind, and the referrals that wait for one. hl7.org/fhir/R4/appointment.html"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from samjournal.portal import facts
from samjournal.portal.facts import Resource
from samjournal.portal.words import APPOINTMENT_STATES, capital
from samjournal.referrals.states import is_referral
from samjournal.ui.formats import moment, order
from samjournal.ui.language import Language, marked

PEOPLE = ("Practitioner", "PractitionerRole")
OVER = ("cancelled", "noshow", "fulfilled")
VISIT_TYPE = "urn:samjournal:visit-type"


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment; `state` is worded only where it is not simply agreed. `visit` is the id of the visit type by
    which it can be moved here, '' where it cannot."""

    start: datetime | None
    minutes: int | None
    about: str
    with_whom: str | None
    where: tuple[str, ...]
    state: str | None
    advice: str | None
    id: str = ""
    visit: str = ""


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral somebody sent, and who has it now; `address` where more of it is read, "" for an order."""

    about: str
    to: str | None
    by: str | None
    sent: str | None
    note: str | None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Appointments:
    ahead: tuple[Appointment, ...]
    behind: tuple[Appointment, ...]
    waiting: tuple[Referral, ...]


def view(
    appointments: Iterable[Resource], referrals: Iterable[Resource], _: Language, *, now: datetime
) -> Appointments:
    """Ahead: the next first, a cancelled one too until its hour has passed. Behind: the last first."""
    found = [(read(resource, _), resource) for resource in appointments if facts.stands(resource)]
    found.sort(key=lambda pair: order(pair[0].start))
    ahead = [
        appointment
        for appointment, resource in found
        if _is_ahead(resource, now) and resource.get("status") not in ("fulfilled", "noshow")
    ]
    behind = [
        appointment for appointment, resource in found if appointment not in ahead and appointment.start is not None
    ]
    return Appointments(
        ahead=tuple(ahead),
        behind=tuple(reversed(behind)),
        waiting=tuple(
            _referral(referral, _)
            for referral in facts.newest_first(referrals, "authoredOn")
            if referral.get("status") == "active"
        ),
    )


def next_one(appointments: Iterable[Resource], _: Language, *, now: datetime) -> Appointment | None:
    """The next appointment that will be held."""
    held = [one for one in appointments if one.get("status") not in OVER and not waits(one)]
    return next(iter(view(held, (), _, now=now).ahead), None)


def waits(resource: Resource) -> bool:
    """Whether it stands on a waiting list, with a time that is offered or without: nothing is agreed."""
    return resource.get("status") in ("waitlist", "pending") and "requestedPeriod" in resource


def read(resource: Resource, _: Language) -> Appointment:
    """One Appointment as a citizen reads it."""
    start = moment(resource.get("start"))
    start = start if isinstance(start, datetime) else None
    others = [
        participant.get("actor") or {}
        for participant in resource.get("participant") or ()
        if facts.points_at(participant.get("actor")) != "Patient"
    ]
    people = [actor for actor in others if facts.points_at(actor) in PEOPLE]
    state = str(resource.get("status", ""))
    return Appointment(
        start=start,
        minutes=_minutes(resource),
        about=capital(
            resource.get("description")
            or facts.words(next(iter(resource.get("reasonCode") or ()), None))
            or facts.words(next(iter(resource.get("serviceType") or ()), None))
            or _("Time")
        ),
        with_whom=facts.first_named(people),
        where=tuple(name for actor in others if actor not in people and (name := facts.named(actor))),
        state=_state(resource, _),
        advice=resource.get("patientInstruction") or resource.get("comment"),
        id=str(resource.get("id", "")),
        visit=visit_of(resource) if state == "booked" else "",
    )


def visit_of(resource: Resource) -> str:
    """The id of the visit type that an appointment is of, '' for none."""
    codes = [facts.code(concept, VISIT_TYPE) for concept in resource.get("serviceType") or ()]
    return next((code for code in codes if code), "")


def _state(resource: Resource, _: Language) -> str | None:
    state = str(resource.get("status", ""))
    if state == "pending" and waits(resource):
        return _("Du er tilbudt denne tiden. Svar på om du vil ha den.")
    return None if state == "booked" else _(APPOINTMENT_STATES.get(state, marked("Ukjent status")))


def _is_ahead(resource: Resource, now: datetime) -> bool:
    """An appointment is ahead until an hour after it ended, so that nobody loses it in the waiting room."""
    end = moment(resource.get("end")) or moment(resource.get("start"))
    if not isinstance(end, datetime):
        return resource.get("status") in ("proposed", "pending", "waitlist")
    return end + timedelta(hours=1) > now


def _minutes(resource: Resource) -> int | None:
    start, end = moment(resource.get("start")), moment(resource.get("end"))
    if isinstance(start, datetime) and isinstance(end, datetime):
        return int((end - start).total_seconds() // 60) or None
    return None


def _referral(resource: Resource, _: Language) -> Referral:
    category = next(iter(resource.get("category") or ()), None)
    reason = next(iter(resource.get("reasonCode") or ()), None)
    notes = [str(note["text"]) for note in resource.get("note") or () if note.get("text")]
    return Referral(
        about=capital(
            facts.words(resource.get("code")) or facts.words(reason) or facts.words(category) or _("Henvisning")
        ),
        to=facts.first_named(resource.get("performer") or ()),
        by=facts.named(resource.get("requester")),
        sent=facts.when(resource, "authoredOn", "occurrenceDateTime", "occurrencePeriod"),
        note=" ".join(notes) or None,
        address=f"/portal/referrals/{resource['id']}" if is_referral(resource) else "",
    )
