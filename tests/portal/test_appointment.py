"""One appointment in a citizen's words, and what is offered to be done with it. samjournal.portal.appointment"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from samjournal.fhir.dates import OSLO
from samjournal.portal.appointment import detail, fee_of
from samjournal.scheduling import VisitType
from samjournal.ui.language import language

BOKMAL = language("nb")
START = datetime(2027, 3, 10, 10, 20, tzinfo=OSLO)
KIND = VisitType(
    id="control",
    unit={"reference": "Organization/office", "display": "Fjordby legesenter"},
    names={"nb": "Kontroll", "nn": "Kontroll", "en": "Check-up"},
    minutes=20,
    fee={"value": 150, "currency": "NOK"},
)


def one(status: str = "booked", way: str = "in-person", start: datetime = START, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Appointment",
        "id": "a",
        "meta": {"versionId": "3"},
        "status": status,
        "start": start.isoformat(),
        "end": (start + timedelta(minutes=20)).isoformat(),
        "extension": [{"url": "urn:samjournal:way", "valueCode": way}],
        "participant": [{"actor": {"reference": "Patient/kari"}, "status": "accepted"}],
        **more,
    }


def may(status: str, before: timedelta, *, way: str = "in-person", kind: VisitType | None = KIND) -> set[str]:
    """What is offered so long before it begins."""
    found = detail(one(status, way), kind, BOKMAL, may_book=True, now=START.astimezone(UTC) - before)
    return set(found.may)


@pytest.mark.parametrize(
    ("before", "offered"),
    [
        (timedelta(days=3), {"move", "cancel"}),
        (timedelta(hours=24), {"move", "cancel"}),
        (timedelta(hours=23, minutes=59), {"cancel"}),
        (timedelta(hours=3), {"cancel", "arrive"}),
        (timedelta(minutes=1), {"cancel", "arrive"}),
        (timedelta(0), {"arrive"}),
        (-timedelta(minutes=19), {"arrive"}),
        (-timedelta(minutes=20), set()),
    ],
)
def test_what_is_offered_follows_the_clock(before: timedelta, offered: set[str]) -> None:
    assert may("booked", before) == offered


@pytest.mark.parametrize("status", ["cancelled", "noshow", "fulfilled", "checked-in", "arrived", "pending", "waitlist"])
def test_nothing_is_moved_or_cancelled_that_is_not_simply_booked(status: str) -> None:
    assert not may(status, timedelta(days=3)) & {"move", "cancel"}


def test_nobody_says_that_he_is_here_for_a_visit_by_video() -> None:
    assert "arrive" not in may("booked", timedelta(minutes=5), way="video")


def test_what_no_unit_keeps_as_a_kind_of_visit_is_left_to_the_unit() -> None:
    assert may("booked", timedelta(days=3), kind=None) == set()


def test_who_may_not_book_for_somebody_is_offered_nothing() -> None:
    now = START.astimezone(UTC) - timedelta(days=3)
    assert detail(one(), KIND, BOKMAL, may_book=False, now=now).may == frozenset()


@pytest.mark.parametrize(
    ("start", "until"),
    [
        (START, "tirsdag 9. mars kl. 10.20"),
        (datetime(2027, 3, 28, 10, 20, tzinfo=OSLO), "lørdag 27. mars kl. 09.20"),
        (datetime(2027, 10, 31, 10, 20, tzinfo=OSLO), "lørdag 30. oktober kl. 11.20"),
        (datetime(2028, 3, 1, 8, 0, tzinfo=OSLO), "tirsdag 29. februar kl. 08.00"),
    ],
    ids=["an ordinary day", "the clock goes forward", "the clock goes back", "a leap day"],
)
def test_until_when_it_is_free_to_cancel_is_told_by_the_clock_in_oslo(start: datetime, until: str) -> None:
    said, is_due = fee_of(KIND, start, BOKMAL, now=start.astimezone(UTC) - timedelta(days=7))
    assert said == f"Gratis å avbestille til {until}. Etter det koster det 150 kroner."
    assert not is_due


def test_when_the_hour_has_passed_it_is_told_what_it_costs_now() -> None:
    said, is_due = fee_of(KIND, START, BOKMAL, now=START.astimezone(UTC) - timedelta(hours=2))
    assert said.endswith("Avbestiller du etter den, koster det 150 kroner.")
    assert is_due


def test_where_a_unit_takes_no_fee_that_is_told() -> None:
    free = VisitType(id="free", unit={}, names={"nb": "Samtale"}, minutes=20)
    assert fee_of(free, START, BOKMAL, now=START) == ("Det koster ingenting å avbestille.", False)


def test_the_interpreter_and_the_way_are_told_in_words() -> None:
    spoken = {"coding": [{"system": "urn:ietf:bcp:47", "code": "ti"}]}
    extensions = [
        {"url": "urn:samjournal:way", "valueCode": "phone"},
        {"url": "urn:samjournal:interpreter", "valueCodeableConcept": spoken},
    ]
    found = detail(one(extension=extensions), KIND, BOKMAL, may_book=True, now=START)
    assert (found.how, found.interpreter, found.version) == ("Telefon, de ringer deg", "tigrinja", 3)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("cancelled", "Du skal betale 150 kroner, for timen ble avbestilt etter fristen."),
        ("noshow", "Du skal betale 150 kroner, for du møtte ikke."),
    ],
)
def test_what_is_owed_for_one_that_was_not_held_is_told(status: str, told: str) -> None:
    fee = {"url": "urn:samjournal:fee", "valueMoney": {"value": 150, "currency": "NOK"}}
    found = detail(one(status=status, extension=[fee]), KIND, BOKMAL, may_book=True, now=START)
    assert found.owes == told
    assert detail(one(status=status), KIND, BOKMAL, may_book=True, now=START).owes == ""
