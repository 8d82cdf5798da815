"""The calendar in a browser: by keyboard alone, and it hears of what a patient does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from acceptance.reading import People
from acceptance.running import Program, admitted
from samjournal.fhir.dates import OSLO

pytestmark = pytest.mark.browser
UNIT = {"reference": "Organization/medisin-3", "display": "Medisin 3"}
NURSE = "PractitionerRole/ayla-nurse-medisin-3"


def monday() -> datetime:
    """Nine o'clock on a Monday three weeks ahead."""
    now = datetime.now(OSLO).replace(hour=9, minute=0, second=0, microsecond=0)
    return now + timedelta(days=21 - now.weekday())


def visit(id_: str, start: datetime, status: str = "booked") -> dict[str, Any]:
    actors = ("Patient/agenda", NURSE, "HealthcareService/medisin-3")
    return {
        "resourceType": "Appointment",
        "id": id_,
        "status": status,
        "description": "Kontroll",
        "start": start.astimezone(UTC).isoformat(),
        "end": (start + timedelta(minutes=30)).astimezone(UTC).isoformat(),
        "participant": [{"actor": {"reference": one}, "status": "accepted"} for one in actors],
    }


def kind() -> dict[str, Any]:
    """A visit that Ayla has all day long."""
    need = [{"url": "kind", "valueCode": "person"}, {"url": "any", "valueReference": {"reference": NURSE}}]
    parts = [{"url": "who", "valueCode": "staff"}, {"url": "need", "extension": need}]
    return {
        "resourceType": "HealthcareService",
        "id": "agenda-visit",
        "active": True,
        "category": [{"coding": [{"system": "urn:samjournal:visit-type", "code": "visit"}]}],
        "providedBy": UNIT,
        "name": "Samtale",
        "availableTime": [{"allDay": True}],
        "extension": [{"url": "urn:samjournal:visit", "extension": parts}],
    }


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.matches('a.visit') ? document.activeElement.innerText : ''"))


def test_days_appointments_and_booking_go_by_keys_and_changes_come_by_themselves(
    people: People, program: Program
) -> None:
    at = monday()
    program.put(*admitted("agenda", "Kalender", "Kari"), kind())
    program.put(visit("agenda-1", at), visit("agenda-2", at + timedelta(hours=2)))
    page = people.desk_of("turid")
    page.goto(f"/workspace/calendar?day={at.date().isoformat()}")
    page.wait_for_load_state()
    table = page.locator(".daytable")
    expect(table.locator("a.visit")).to_have_count(2)
    page.keyboard.press("j")
    assert "KALENDER, Kari" in focused(page)
    page.keyboard.press("j")
    assert "11.00" in focused(page)
    # The patient cancels the first: it leaves the calendar that is open, and what is read stays where it is.
    program.put(visit("agenda-1", at, "cancelled"))
    expect(table.locator("a.visit")).to_have_count(1, timeout=2000)
    expect(page.locator(".calendarfoot")).to_contain_text("1 avlyst")
    assert "11.00" in focused(page)
    page.keyboard.press("Enter")
    expect(page.locator(".visitpage h1")).to_contain_text("KALENDER, Kari")
    page.go_back()
    page.wait_for_load_state()
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_contain_text((at + timedelta(days=1)).strftime("%-d."))
    page.wait_for_load_state()
    page.keyboard.press("b")
    expect(page.locator("h1")).to_contain_text("Hvem er timen til?")
    page.wait_for_load_state()
    page.keyboard.type("Kalender Kari")
    page.keyboard.press("Enter")
    page.locator("ul.hits a").first.click()
    expect(page.locator(".types a")).not_to_have_count(0)
    page.locator(".types a", has_text="Samtale").click()
    expect(page.locator("input[name=slot]:checked")).to_have_count(1)
    page.get_by_role("button", name="Bestill timen").click()
    expect(page.locator(".saved")).to_contain_text("Timen er satt opp.")
