"""Which changes are news to a patient, and which are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from samjournal.letters.sources import news
from world import appointment

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOOKED = {**appointment("kari", "Location/r1"), "id": "a"}
LATER = {**BOOKED, "start": "2026-11-26T10:00:00+01:00"}
GONE = {**BOOKED, "status": "cancelled"}
OFFER = {
    "url": "urn:samjournal:offer",
    "extension": [{"url": "until", "valueInstant": "2026-11-20T18:00:00Z"}],
}
OFFERED = {**BOOKED, "status": "pending", "extension": [OFFER]}


def kinds(old: Any, new: Any, type_: str = "Appointment") -> list[str]:
    return [one.kind for one in news(type_, old, new, NOW)]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (None, BOOKED, "appointment-booked"),
        (OFFERED, BOOKED, "appointment-booked"),
        ({**BOOKED, "status": "waitlist"}, OFFERED, "appointment-offered"),
        (BOOKED, LATER, "appointment-moved"),
        (BOOKED, {**appointment("kari", "Location/r2"), "id": "a"}, "appointment-moved"),
        (BOOKED, GONE, "appointment-cancelled"),
        (BOOKED, None, "appointment-cancelled"),
        (BOOKED, {**BOOKED, "comment": "x"}, None),
        (BOOKED, {**BOOKED, "status": "checked-in"}, None),
        (None, {**BOOKED, "start": "2026-11-20T12:00:00+01:00"}, None),
        (None, {**BOOKED, "participant": []}, None),
        (GONE, {**GONE, "comment": "x"}, None),
        (OFFERED, GONE, None),
        (OFFERED, {**BOOKED, "status": "waitlist"}, None),
        (OFFERED, {**OFFERED, "comment": "x"}, None),
        (None, {**BOOKED, "status": "pending"}, None),
    ],
)
def test_an_appointment(old: Any, new: Any, kind: str | None) -> None:
    assert kinds(old, new) == ([kind] if kind else [])


def test_an_offer_is_told_while_it_is_held() -> None:
    (offered,) = news("Appointment", {**BOOKED, "status": "waitlist"}, OFFERED, NOW)
    assert offered.before == datetime(2026, 11, 20, 18, tzinfo=UTC)


def message(**more: Any) -> dict[str, Any]:
    kari = {"reference": "Patient/kari"}
    made = {"resourceType": "Communication", "id": "m", "status": "completed", "subject": kari, "recipient": [kari]}
    return {**made, "sender": {"reference": "Organization/ward"}, **more}


def test_a_message_to_the_patient_is_news_once_and_his_own_is_none() -> None:
    assert kinds(None, message(), "Communication") == ["message"]
    assert kinds(message(), message(note=[{"text": "x"}]), "Communication") == []
    assert kinds(None, message(status="preparation"), "Communication") == []
    assert kinds(None, message(sender={"reference": "Patient/kari"}), "Communication") == []
    assert kinds(None, message(recipient=[{"reference": "Organization/gp"}]), "Communication") == []
    nopat = [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "NOPAT"}]
    assert kinds(None, message(meta={"security": nopat}), "Communication") == []


def report(**more: Any) -> dict[str, Any]:
    made = {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "issued": "2026-11-20T10:00:00Z"}
    return {**made, "subject": {"reference": "Patient/kari"}, **more}


def test_a_result_is_news_when_it_is_final_and_when_it_will_be_shown() -> None:
    pathology = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "PAT"}]}]
    assert kinds(None, report(status="preliminary"), "DiagnosticReport") == []
    assert kinds(report(status="preliminary"), report(), "DiagnosticReport") == ["result"]
    assert kinds(report(), report(conclusion="x"), "DiagnosticReport") == []
    assert kinds(report(), report(status="corrected"), "DiagnosticReport") == ["result"]
    assert kinds(None, report(issued="2026-01-01T10:00:00Z"), "DiagnosticReport") == []
    (held,) = news("DiagnosticReport", None, report(category=pathology), NOW)
    assert held.shown == datetime(2026, 12, 4, 10, 0, 1, tzinfo=UTC) or held.shown > NOW + timedelta(days=13)


def test_genetics_are_news_when_somebody_releases_them() -> None:
    genetics = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]}]
    held = report(category=genetics)
    free = {**held, "meta": {"tag": [{"system": "urn:samjournal:release", "code": "released"}]}}
    assert kinds(None, held, "DiagnosticReport") == []
    assert kinds(held, free, "DiagnosticReport") == ["result"]


def test_a_note_is_news_when_it_is_signed() -> None:
    note = {"resourceType": "Composition", "id": "n", "subject": {"reference": "Patient/kari"}}
    draft, final = {**note, "status": "preliminary"}, {**note, "status": "final"}
    assert kinds(None, draft, "Composition") == []
    assert kinds(draft, final, "Composition") == ["document"]
    assert kinds(final, {**final, "title": "x"}, "Composition") == []


def test_a_referral_is_news_at_each_step_that_concerns_its_patient() -> None:
    def task(*steps: str) -> dict[str, Any]:
        codes = [{"type": {"coding": [{"system": "urn:samjournal:referral-state", "code": one}]}} for one in steps]
        return {"resourceType": "Task", "id": "s", "for": {"reference": "Patient/kari"}, "output": codes}

    assert kinds(task("sent"), task("sent", "received"), "Task") == ["referral"]
    assert kinds(task("received"), task("received", "opened"), "Task") == []
    assert kinds(task("opened"), task("opened", "assessed"), "Task") == ["referral"]
    assert kinds(task("assessed"), task("assessed"), "Task") == []
    assert news("Task", task("opened"), task("opened", "rejected"), NOW)[0].source == "ServiceRequest/s"
