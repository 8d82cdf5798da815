"""The most frequent tasks, done in a browser and counted: they may become cheaper, never dearer unseen. Row 8.2, 8.5

`EFFORT=write` writes what was counted into docs/reference/effort.md (`make effort`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import expect

from acceptance.effort import TASKS, Effort, Hand, publish, published, task
from acceptance.reading import PHONE, People, press
from acceptance.running import Program, admitted

pytestmark = pytest.mark.browser
WRITES = os.environ.get("EFFORT") == "write"
CHART, OWN = "/workspace/patients/ragnhild", "/workspace/patients/effort"
COUNTED: dict[str, Effort] = {}
BOOKED: Final = {
    "resourceType": "HealthcareService",
    "id": "effort-visit",
    "active": True,
    "category": [{"coding": [{"system": "urn:samjournal:visit-type", "code": "visit"}]}],
    "providedBy": {"reference": "Organization/medisin-3", "display": "Medisin 3"},
    "name": "Innsatstime",
    "availableTime": [{"allDay": True}],
    "extension": [{"url": "urn:samjournal:visit", "extension": [{"url": "who", "valueCode": "staff"}]}],
}
"""What can be booked on the ward, day and night, with anybody who works there."""


def prepare(program: Program) -> None:
    """The patients of the tasks that are about nobody in the demo region."""
    program.put(*admitted("effort", "Innsats", "Inga"), *admitted("effort-phone", "Innsats", "Ivar"), BOOKED)


@pytest.fixture(scope="module", autouse=True)
def prepared(program: Program) -> Iterator[None]:
    prepare(program)
    yield
    if WRITES and COUNTED:
        publish(COUNTED)


@task("Open a patient by name", who="ayla", start="/workspace")
def open_by_name(hand: Hand) -> None:
    hand.press("Control+k")
    hand.type("solbakk")
    hand.press("ArrowDown")
    hand.sees(hand.page.get_by_role("option", selected=True), "SOLBAKK, Ragnhild")
    hand.press("Enter")
    hand.sees(".banner h1", "SOLBAKK, Ragnhild")


@task("Open a patient of the ward's list", who="ayla", start="/workspace")
def open_from_list(hand: Hand) -> None:
    hand.click(hand.page.get_by_role("link", name="SOLBAKK, Ragnhild"))
    hand.sees(".banner h1", "SOLBAKK, Ragnhild")


@task("See the allergies", who="henrik", unit="Medisin 3", start=CHART)
def allergies(hand: Hand) -> None:
    hand.sees(".banner .allergy", "Penicillin")


@task("See the last haemoglobin", who="henrik", unit="Medisin 3", start=CHART)
def haemoglobin(hand: Hand) -> None:
    hand.sees(hand.page.locator("#labs .measure", has_text="Hemoglobin"))


@task("See the medicines in use", who="henrik", unit="Medisin 3", start=CHART)
def medicines(hand: Hand) -> None:
    hand.sees("#medicines li")


@task("See the early warning score", who="henrik", unit="Medisin 3", start=CHART)
def early_warning(hand: Hand) -> None:
    hand.sees("#vitals .score")


@task("See the measurements over time", who="henrik", unit="Medisin 3", start=CHART)
def over_time(hand: Hand) -> None:
    hand.click("#vitals h3 a")
    hand.sees("#trend-news2 svg, #trend-pressure svg")


@task("Record a blood pressure", who="ayla", start=OWN)
def blood_pressure(hand: Hand) -> None:
    hand.press("m")
    hand.type("133")
    hand.press("Space")
    hand.type("76")
    hand.press("Enter")
    hand.sees(".saved", "Blodtrykket er lagret")


@task("Record a blood pressure with another role's chart", who="henrik", unit="Medisin 3", start=OWN)
def blood_pressure_doctor(hand: Hand) -> None:
    hand.press("m")
    hand.type("131")
    hand.press("Space")
    hand.type("74")
    hand.press("Enter")
    hand.sees(".saved", "Blodtrykket er lagret")


@task("Record a blood pressure by touch", who="ayla", start="/workspace/patients/effort-phone/measurements", phone=True)
def blood_pressure_phone(hand: Hand) -> None:
    hand.click("#m-systolic")
    hand.type("128")
    hand.click("#m-diastolic")
    hand.type("72")
    hand.click("form.set button")
    hand.sees(".saved", "1 måling er lagret")


@task("Record a whole set with its NEWS2", who="ayla", start=f"{OWN}/measurements")
def whole_set(hand: Hand) -> None:
    hand.press("m")
    hand.type("118")
    hand.press("Space")
    hand.type("68")
    for value in ("72", "16", "97", "0", "37,1"):
        hand.press("Tab")
        hand.type(value)
    hand.press("Tab", "Space", "Enter")
    hand.sees(".news2 .total", "0")


@task("Correct a wrong temperature", who="ayla", start=f"{OWN}/measurements")
def correct(hand: Hand) -> None:
    hand.click("#trend-temperature .values a")
    hand.click("#right-temperature")
    hand.type("37,3")
    hand.press("Tab")
    hand.type("Leste feil")
    hand.press("Enter")
    hand.sees(".saved", "rettet")


@task("Strike a measurement", who="ayla", start=f"{OWN}/measurements")
def strike(hand: Hand) -> None:
    hand.click("#trend-temperature .values a")
    hand.click("#why-wrong")
    hand.type("Feil seng")
    hand.click("button[value=strike]")
    hand.sees(".saved", "strøket")


@task("Write and sign a short note", who="ayla", start=OWN)
def note(hand: Hand) -> None:
    hand.press("n")
    hand.sees("#note-text:focus")
    hand.type("Spist godt. Rolig kveld.")
    hand.press("Control+Enter")
    hand.sees(".saved", "Notatet er signert")


@task("Read the newest note", who="henrik", unit="Medisin 3", start=OWN)
def read_note(hand: Hand) -> None:
    hand.click("#notes summary")
    hand.sees("#notes .text", "Rolig kveld")


@task("Find a word in the record", who="henrik", unit="Medisin 3", start=CHART)
def find_word(hand: Hand) -> None:
    hand.press("/")
    hand.type("hjertesvikt")
    hand.press("Enter")
    hand.sees("mark")


@task("Add a diagnosis", who="henrik", unit="Medisin 3", start=f"{OWN}/problems")
def diagnosis(hand: Hand) -> None:
    hand.press("d")
    hand.type("elveblest")
    hand.sees("#problem-hits label >> nth=0")
    hand.press("Tab", "Tab", "Space")
    hand.click(hand.page.get_by_role("button", name="Før opp på listen"))
    hand.sees(".saved", "Ført opp på listen")


@task("Acknowledge a critical result", who="henrik", unit="Medisin 3", start="/workspace/inbox")
def acknowledge(hand: Hand) -> None:
    hand.sees(".itemhead h2", "Kritisk")
    hand.press("e")
    hand.sees(".told .saved", "Kvittert")
    press(hand.page, "u")  # For the tests that come after.
    hand.sees(".told .saved", "Angret")


@task("Countersign a note from the inbox", who="henrik", unit="Medisin 3", start="/workspace/inbox")
def countersign(hand: Hand) -> None:
    hand.press("j")
    hand.sees(".itemhead h2", "Vurdering")
    hand.press("s")
    hand.sees("#note-text, textarea")
    hand.press("s")
    hand.sees(".saved", "signert")


@task("See why the record is open", who="ayla", start=CHART)
def why(hand: Hand) -> None:
    hand.click(".banner .why a")
    hand.sees("h1", "Journalen er åpen for deg")


@task("Go to a page by its name", who="ayla", start=CHART)
def page_by_name(hand: Hand) -> None:
    hand.press("Control+k")
    hand.type("rettel")
    hand.sees(hand.page.get_by_text("2 treff, alle er vist."))
    hand.press("ArrowDown", "ArrowDown")
    hand.sees(hand.page.get_by_role("option", selected=True), "Rettelser")
    hand.press("Enter")
    hand.sees("h1", "Rett")


@task("See the keys", who="ayla", start=CHART)
def keys(hand: Hand) -> None:
    hand.press("?")
    hand.sees(hand.page.get_by_role("dialog"), "Ny måling")


@task("State a reason to open a record", who="henrik", unit="Medisin 3", start="/workspace/patients/elias")
def reason(hand: Hand) -> None:
    hand.click("input[value=other]")
    hand.press("Tab")
    hand.type("Ringer fra ambulansen om allergi")
    hand.press("Tab", "Enter")
    hand.sees(".banner h1", "MOE")


@task("Register somebody without a number", who="turid", start="/workspace/register")
def register(hand: Hand) -> None:
    hand.click("#new-family")
    hand.type("Innsats")
    hand.press("Tab")
    hand.type("Ny")
    hand.press("Tab")
    hand.type("01.02.1961")
    hand.press("Enter")
    hand.sees("main")


@task("Switch role", who="henrik", start="/workspace", unit="Medisin 3")
def switch_role(hand: Hand) -> None:
    hand.click(".roleswitch")
    hand.click(hand.page.locator("form.roles button", has_text="Medisin 3"))
    hand.sees(".roleswitch", "Medisin 3")


@task("Book the first free time", who="ayla", start=OWN)
def book_first(hand: Hand) -> None:
    hand.press("b")
    hand.click(hand.page.locator(".types a", has_text="Innsatstime"))
    expect(hand.page.locator("input[name=slot]:checked")).to_be_focused()
    hand.press("Enter")
    hand.sees(hand.page.locator(".saved"), "Timen er satt opp.")


HANDS = tuple(dict.fromkeys((one.who, one.unit, one.phone) for one in TASKS))


@pytest.mark.parametrize("whose", HANDS, ids=lambda whose: "-".join(str(part) for part in whose if part))
def test_no_task_costs_more_than_the_table_says(people: People, whose: tuple[str, str | None, bool]) -> None:
    """All tasks of one person, one after the other in one browser, in the order of this file."""
    who, unit, is_phone = whose
    page = people.desk_of(who, unit=unit, **({"viewport": PHONE} if is_phone else {}))
    said, dearer = published(), []
    for one in TASKS:
        if (one.who, one.unit, one.phone) != whose:
            continue
        page.goto(one.start)
        hand = Hand(page)
        one.do(hand)
        COUNTED[one.name] = hand.effort
        known = said.get(one.name, Effort(0, 0, 0))
        if any(now > then for now, then in zip(hand.effort, known, strict=True)):
            dearer.append(f"{one.name} costs {hand.effort}; the table says {said.get(one.name)}")
    assert WRITES or not dearer, "`make effort` writes the table anew, if this is meant:\n" + "\n".join(dearer)


def test_the_table_has_the_tasks_that_are_counted_and_no_others() -> None:
    assert WRITES or published().keys() == {one.name for one in TASKS}


def test_a_blood_pressure_takes_at_most_five_keys_besides_its_digits() -> None:
    assert WRITES or published()["Record a blood pressure"].keys <= 5
