"""Appointments and referrals as a citizen reads them. samjournal.portal.appointments"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from samjournal.portal import appointments
from samjournal.ui.formats import OSLO
from samjournal.ui.language import language

NB = language("nb")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=OSLO)


def appointment(hours: float, status: str = "booked", **more: Any) -> dict[str, Any]:
    start = NOW + timedelta(hours=hours)
    return {
        "resourceType": "Appointment",
        "status": status,
        "description": "kontroll av hjertet",
        "start": start.isoformat(),
        "end": (start + timedelta(minutes=30)).isoformat(),
        "participant": [
            {"actor": {"reference": "Patient/ragnhild", "display": "Ragnhild Solbakk"}},
            {"actor": {"reference": "PractitionerRole/marte", "display": "Marte Fossum"}},
            {"actor": {"reference": "Location/poli", "display": "Hjertepoliklinikken"}},
        ],
        **more,
    }


def view(*found: dict[str, Any], referrals: tuple[dict[str, Any], ...] = ()) -> appointments.Appointments:
    return appointments.view(found, referrals, NB, now=NOW)


def test_an_appointment_says_what_with_whom_and_where_but_not_the_citizen_herself() -> None:
    (found,) = view(appointment(24)).ahead
    assert (found.about, found.with_whom, found.where) == (
        "Kontroll av hjertet",
        "Marte Fossum",
        ("Hjertepoliklinikken",),
    )
    assert (found.minutes, found.state) == (30, None)


def test_the_next_comes_first_and_the_last_one_behind_first() -> None:
    found = view(appointment(48), appointment(24), appointment(-48), appointment(-24))
    assert [a.start for a in found.ahead] == [NOW + timedelta(hours=24), NOW + timedelta(hours=48)]
    assert [a.start for a in found.behind] == [NOW - timedelta(hours=24), NOW - timedelta(hours=48)]


def test_an_appointment_is_not_lost_in_the_waiting_room() -> None:
    assert len(view(appointment(-1)).ahead) == 1


def test_a_cancelled_appointment_is_shown_as_cancelled_and_is_not_the_next() -> None:
    cancelled = appointment(2, "cancelled")
    assert view(cancelled).ahead[0].state == "Avlyst"
    assert appointments.next_one([cancelled], NB, now=NOW) is None


def test_waiting_list_without_a_time_is_ahead() -> None:
    waiting = appointment(0, "waitlist")
    del waiting["start"], waiting["end"]
    (found,) = view(waiting).ahead
    assert (found.start, found.state) == (None, "På venteliste")


def test_two_appointments_that_look_alike_are_both_kept() -> None:
    assert len(view(appointment(24), appointment(24), appointment(-24), appointment(-24)).behind) == 2


def test_active_referrals_wait_with_whom_they_were_sent_to() -> None:
    sent = {
        "status": "active",
        "code": {"text": "hjertepoliklinikken"},
        "performer": [{"display": "Fjordheim sykehus"}],
        "requester": {"display": "Magnus Rian"},
    }
    (found,) = view(referrals=(sent, sent | {"status": "completed"})).waiting
    assert (found.about, found.to, found.by) == ("Hjertepoliklinikken", "Fjordheim sykehus", "Magnus Rian")


def test_a_referral_is_called_by_what_it_is_for_and_leads_to_where_it_stands() -> None:
    category = [{"coding": [{"system": "urn:samjournal:request", "code": "referral"}], "text": "Henvisning"}]
    plain = {"resourceType": "ServiceRequest", "status": "active", "authoredOn": "2026-11-20"}
    (told,) = view(
        referrals=({**plain, "id": "knee", "category": category, "reasonCode": [{"text": "vondt i kneet"}]},)
    ).waiting
    assert (told.about, told.address) == ("Vondt i kneet", "/portal/referrals/knee")
    (order,) = view(referrals=({**plain, "id": "blood", "code": {"text": "blodprøve"}},)).waiting
    assert (order.about, order.address) == ("Blodprøve", "")
