"""The chart's first page: complete for a full chart, in words for an empty one, alike for all roles."""

from __future__ import annotations

from dataclasses import astuple
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest

from samjournal.workspace.layouts import LAYOUTS
from workspace.charts import NOW, lab, pressure, ragnhild, snapshot, view

ROLES = sorted(LAYOUTS)


def test_every_block_of_a_full_chart_has_something() -> None:
    shown = view(ragnhild())
    blocks = [*shown["history"], *shown["plan"].blocks, shown["middle"].medicines]
    assert [block.title for block in blocks if not block.rows] == []
    assert shown["middle"].reason
    assert shown["middle"].notes
    assert shown["plan"].aim
    assert shown["banner"].allergies


def test_an_empty_chart_says_in_words_what_is_not_there() -> None:
    shown = view(snapshot())
    blocks = [*shown["history"], *shown["plan"].blocks, shown["middle"].medicines]
    assert all(block.rows or block.empty for block in blocks)
    assert shown["banner"].allergy_words == "Allergi: ikke spurt"
    assert shown["banner"].number == "mangler"
    assert [measure.value for measure in shown["middle"].vitals] == [""] * 6
    assert shown["middle"].since == "ikke innlagt"


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_three_things_first(role: str) -> None:
    assert len({thing.title for thing in view(ragnhild(), role)["first"]}) == 3


@pytest.mark.parametrize(("one", "other"), list(combinations(ROLES, 2)))
def test_no_role_has_the_same_three_as_another(one: str, other: str) -> None:
    first, second = ({thing.title for thing in view(ragnhild(), role)["first"]} for role in (one, other))
    assert not first & second


@pytest.mark.parametrize("role", ROLES)
def test_values_are_the_same_for_every_role(role: str) -> None:
    mine, doctors = view(ragnhild(), role), view(ragnhild(), "doctor")
    for part in ("banner", "middle", "plan"):
        assert astuple(mine[part]) == astuple(doctors[part])
    assert mine["history"] == doctors["history"]


def test_a_missing_check_up_after_a_stay_is_said_out_loud() -> None:
    stay = {
        "status": "in-progress",
        "class": {"code": "IMP"},
        "period": {"start": (NOW - timedelta(days=1)).isoformat()},
    }
    rows = [row for block in view(snapshot(encounters=[stay]))["plan"].blocks for row in block.rows]
    assert ("Kontroll hos fastlege", "ikke bestilt", "warn") in [(row.strong, row.right, row.state) for row in rows]


def test_a_stay_that_does_not_say_since_when_is_shown_without_a_count_of_days() -> None:
    stay = {"status": "in-progress", "class": {"code": "IMP"}, "reasonCode": [{"text": "Pneumoni"}]}
    problem = {"code": {"text": "Astma"}, "recordedDate": "2019-03-01"}
    middle = view(snapshot(encounters=[stay], problems=[problem]))["middle"]
    assert (middle.since, [text for text, _sure in middle.reason]) == ("innlagt", ["Pneumoni"])


def test_a_task_past_its_deadline_says_so_and_who_owns_it() -> None:
    task = {
        "status": "requested",
        "description": "Bytte venekanyle",
        "owner": {"reference": "PractitionerRole/ayla", "display": "Ayla Demir"},
        "restriction": {"period": {"end": (NOW - timedelta(hours=2)).isoformat()}},
    }
    row = next(row for block in view(snapshot(tasks=[task]))["plan"].blocks for row in block.rows)
    assert (row.strong, row.right, row.state) == ("Bytte venekanyle", "A. Demir · over fristen", "warn")


def test_what_was_entered_in_error_is_never_shown() -> None:
    wrong = {"code": {"text": "Feil sykdom"}, "verificationStatus": _status("entered-in-error")}
    mistaken = {**pressure(300, 200, NOW.isoformat()), "status": "entered-in-error"}
    shown = view(snapshot(problems=[wrong], vitals=[mistaken]))
    assert "Feil sykdom" not in str(shown["history"])
    assert shown["middle"].vitals[0].value == ""


def test_what_came_since_the_last_look_is_counted_and_marked() -> None:
    new = lab("718-7", 11.2, NOW.isoformat(), meta={"lastUpdated": NOW.isoformat(), "versionId": "1"})
    changed = {**new, "code": lab("2823-3", 1, "").get("code"), "meta": {**new["meta"], "versionId": "2"}}
    shown = view(snapshot(labs=[new, changed]), since=NOW - timedelta(hours=1))
    assert shown["news"] == [("2 svar", "labs")]
    assert [measure.new for measure in shown["middle"].labs] == ["Ny", "Endret"]


def test_a_paused_medicine_says_why_and_stays_on_the_list() -> None:
    paused = {
        "status": "on-hold",
        "statusReason": {"text": "Satt på pause: nyrefunksjon"},
        "medicationCodeableConcept": {"text": "Metformin"},
        "authoredOn": NOW.isoformat(),
    }
    (row,) = view(snapshot(medicines=[paused]))["middle"].medicines.rows
    assert (row.strong, row.rest, row.right) == ("Metformin", "dose ikke oppgitt", "Pause: nyrefunksjon")


def test_a_protected_address_is_said_and_not_shown() -> None:
    patient = {"id": "elias", "birthDate": "1990-01-01"}
    shown = view(snapshot(patient, protected=True))
    assert shown["banner"].protected
    assert "beskyttet, vises ikke" in str(shown["history"])


@pytest.mark.parametrize(("code", "heading"), [("nn", "Sjukdommar"), ("en", "Illnesses")])
def test_the_chart_speaks_the_reader_s_language(code: str, heading: str) -> None:
    assert view(ragnhild(), language=code)["history"][0].title == heading


def test_long_names_and_texts_are_kept_whole() -> None:
    long = "Svært lang diagnosetekst " * 20
    shown = view(snapshot(problems=[{"code": {"text": long}}]))
    assert shown["history"][0].rows[0].strong == long


def _status(code: str) -> dict[str, object]:
    return {"coding": [{"system": "s", "code": code}]}


def _block(shown: dict[str, Any], title: str) -> list[Any]:
    return next(list(block.rows) for block in [*shown["history"], *shown["plan"].blocks] if block.title == title)


def test_nobody_waits_for_a_decision_that_a_service_is_given_by() -> None:
    asked = {"resourceType": "ServiceRequest", "status": "active", "authoredOn": "2026-10-01"}
    decisions = [{**asked, "id": id_, "code": {"text": id_}} for id_ in ("given", "asked")]
    service = {"status": "active", "referralRequest": [{"reference": "ServiceRequest/given"}]}
    shown = view(snapshot(referrals=decisions, services=[service]))
    assert [row.strong for row in _block(shown, "Venter på")] == ["asked"]


def test_a_gp_sees_the_latest_that_others_wrote_and_not_the_own_office() -> None:
    notes = [
        {"resourceType": "Composition", "title": unit, "date": "2026-11-01", "meta": {"source": f"Organization/{unit}"}}
        for unit in ("office", "ward")
    ]
    latest = view(snapshot(notes=notes), "gp", unit_id="office")["first"][0]
    assert [row.strong for row in latest.rows] == ["ward:"]


def test_a_vaccine_is_not_called_a_vaccine_twice() -> None:
    given = [
        {"resourceType": "Immunization", "status": "completed", "vaccineCode": {"text": name}}
        for name in ("Influensavaksine", "Gammaglobulin")
    ]
    rows = _block(view(snapshot(vaccines=given)), "Vaner og vaksiner")
    assert [(row.strong, row.rest) for row in rows][-2:] == [("Influensavaksine", ""), ("Gammaglobulin", "vaksine")]


def test_of_long_notes_each_is_read_here_whole_or_on_its_own_page() -> None:
    def note(day: int, letters: int) -> dict[str, Any]:
        section = [{"text": {"div": f"<div><p>{'x' * letters}</p></div>"}}]
        return {"resourceType": "Composition", "title": "Notat", "date": f"2026-11-{day:02d}", "section": section}

    shown = view(snapshot(notes=[note(9, 5000), note(8, 5000), note(7, 3000), note(6, 1)]))["middle"].notes
    assert [(sum(map(len, one.paragraphs)), one.elsewhere) for one in shown] == [
        (5000, False), (0, True), (3000, False), (0, True),
    ]  # fmt: skip
