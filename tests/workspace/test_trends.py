"""Graphs: what is drawn lies in the drawing, is told in words, and leaves out what was struck."""

from __future__ import annotations

from datetime import timedelta

import pytest

from samjournal.workspace.early_warning import state
from samjournal.workspace.trends import DOTS, FOLDED, HEIGHT, POINTS, SHOWN, WIDTH, Trend, thinned, trends
from workspace.charts import NOW, Resource, pressure, reader


def at(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).isoformat()


def single(code: str, value: float, unit: str, hours: float, **more: object) -> Resource:
    return {
        "id": f"{code}-{hours}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": at(hours),
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
        **more,
    }


def with_units(observation: Resource) -> Resource:
    for part in observation["component"]:
        part["valueQuantity"] |= {"unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}
    return observation


def drawn(*observations: Resource, adult: bool = True, scale_2: bool = False) -> Trend:
    (found,) = trends(observations, reader(), adult=adult, scale_2=scale_2)
    return found


@pytest.mark.parametrize("values", [(36.9, 37.0), (25.0, 44.0), (37.0, 37.0), (38.2, 39.9)])
def test_every_point_and_tick_lies_in_the_drawing(values: tuple[float, float]) -> None:
    found = drawn(*(single("8310-5", value, "Cel", hours) for hours, value in zip((3, 1), values, strict=True))).drawing
    assert found is not None
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in found.dots)
    assert all(0 <= tick.at <= HEIGHT for tick in found.up)
    assert len(found.up) <= 8
    if found.band:
        assert found.band[1] > 0


def test_a_blood_pressure_has_two_lines_on_one_axis() -> None:
    found = drawn(with_units(pressure(131, 80, at(30))), with_units(pressure(118, 68, at(1))))
    assert found.drawing is not None
    assert len(found.drawing.lines) == 2
    assert "Lavest 118/68, høyest 131/80, sist 118/68. Vanlig er 100 til 150." in found.words


def test_a_struck_value_is_in_the_table_and_not_in_the_drawing() -> None:
    struck = single("8867-4", 250, "/min", 2, status="entered-in-error", note=[{"text": "Strøket: feil pasient"}])
    found = drawn(single("8867-4", 70, "/min", 3), struck, single("8867-4", 72, "/min", 1))
    assert found.drawing is not None
    assert len(found.drawing.dots) == 2
    assert "høyest 72" in found.words
    assert [(line.value, line.struck, line.note) for line in found.lines][1] == ("250", True, "Strøket: feil pasient")


def test_a_child_has_no_band_and_scale_2_has_its_own() -> None:
    values = [single("59408-5", 90, "%", hours) for hours in (2, 1)]
    assert drawn(*values).lines[0].mark == "lav"
    assert drawn(*values, scale_2=True).lines[0].mark == ""
    assert drawn(*values, adult=False).lines[0].mark == ""


def test_a_value_in_another_unit_is_not_drawn_as_ours() -> None:
    assert trends([single("8310-5", 98.6, "[degF]", 1)], reader(), adult=True) == []


def test_a_device_is_named_as_the_source() -> None:
    assert (
        drawn(single("8867-4", 70, "/min", 1, device={"display": "Monitor 4"})).lines[0].source == "apparat: Monitor 4"
    )


def test_of_half_a_set_the_least_is_told_and_red_only_when_it_is_serious() -> None:
    calm = state([single("8867-4", 95, "/min", 1)], reader(), scale_2=False, not_used="")
    bad = state([single("8867-4", 135, "/min", 1)], reader(), scale_2=False, not_used="")
    assert calm is not None
    assert bad is not None
    assert (calm.total, calm.least, calm.red) == (None, 1, False)
    assert (bad.total, bad.least, bad.red) == (None, 3, True)


def test_an_older_set_is_told_as_old_and_nothing_of_the_score_is_none() -> None:
    old = state([single("8867-4", 70, "/min", 30)], reader(), scale_2=False, not_used="")
    assert old is not None
    assert old.old == "30 t gammel"
    assert state([single("29463-7", 70, "kg", 1)], reader(), scale_2=False, not_used="") is None


def test_of_many_values_the_newest_are_listed_and_the_last_of_them_is_told() -> None:
    found = drawn(*(single("8867-4", 60 + hours % 30, "/min", hours) for hours in range(100)))
    assert (len(found.lines), len(found.more)) == (SHOWN, FOLDED)
    assert found.older == NOW - timedelta(hours=SHOWN + FOLDED - 1)
    assert drawn(*(single("8867-4", 60, "/min", hours) for hours in range(SHOWN + FOLDED))).older is None


def test_a_line_of_many_values_keeps_its_ends_and_all_that_stands_out() -> None:
    calm = [(float(place), 50.0 + place % 3) for place in range(1000)]
    for out in (377, 0, 999):
        line = [*calm[:out], (float(out), 2.0), *calm[out + 1 :]]
        kept = thinned(line)
        assert len(kept) <= POINTS + 2
        assert kept == sorted(kept)
        assert {line[0], line[-1], (float(out), 2.0)} <= set(kept)
    assert thinned(calm[:POINTS]) == calm[:POINTS]


def test_each_of_a_few_values_has_a_dot_and_many_have_none() -> None:
    few, many = ([single("8867-4", 60 + n, "/min", n) for n in range(count)] for count in (DOTS, DOTS + 1))
    assert [len(found.dots) for one in (few, many) if (found := drawn(*one).drawing)] == [DOTS, 0]
