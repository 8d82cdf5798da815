"""Measuring over HTTP: what is saved and for whom, what is asked about, and what the page says of the score."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from samjournal import vitals
from vitals.test_recording import lying, observations
from workspace.test_pages import Enter, enter
from world import World

__all__ = ["enter"]
pytestmark = pytest.mark.anyio
WHOLE = {
    "systolic": "105", "diastolic": "60", "pulse": "95", "respiration": "22", "saturation": "93", "oxygen": "luft",
    "temperature": "38,4", "consciousness": "A",
}  # fmt: skip


def page_of(id_: str) -> str:
    return f"/workspace/patients/{id_}/measurements"


def quick_of(id_: str) -> str:
    return f"/workspace/patients/{id_}/blood-pressure"


async def test_a_whole_set_is_saved_for_whom_the_page_names_and_the_score_is_told(enter: Enter, world: World) -> None:
    id_ = await lying(world)
    nurse = enter("nurse")
    saved = await nurse.post(page_of(id_), data=WHOLE, follow_redirects=True)
    assert "7 målinger er lagret for Test Mål" in saved.text or "målinger er lagret for" in saved.text
    assert re.search(r'score high[^>]*">7<', saved.text)
    assert "Tilkall lege nå" in saved.text
    assert len(await observations(world, id_)) == 8


async def test_half_a_set_says_what_is_missing_and_shows_no_total(enter: Enter, world: World) -> None:
    id_ = await lying(world)
    page = (await enter("nurse").post(page_of(id_), data={"pulse": "95"}, follow_redirects=True)).text
    assert "NEWS2 kan ikke regnes ut: mangler respirasjonsfrekvens, SpO₂, luft eller oksygen, blodtrykk" in page
    assert "Minst 1 poeng" in page


async def test_what_is_rare_is_asked_about_and_another_value_anew(enter: Enter, world: World) -> None:
    id_, nurse = await lying(world), enter("nurse")
    asked = await nurse.post(page_of(id_), data={"pulse": "190"})
    assert asked.status_code == 422
    assert "Puls 190 /min er sjelden. Stemmer det?" in asked.text
    assert (await nurse.post(page_of(id_), data={"pulse": "191", "sure": "pulse=190"})).status_code == 422
    assert (await nurse.post(page_of(id_), data={"pulse": "190", "sure": "pulse=190"})).status_code == 303


@pytest.mark.parametrize(("form", "said"), [
    ({"temperature": "98.6"}, "Det ser ut som °F. Mente du 37 °C?"),
    ({"temperature": "372"}, "Mangler det et komma? Mente du 37,2 °C?"),
    ({"pulse": "abc"}, "Skriv et tall."),
    ({"systolic": "120"}, "Skriv både over- og undertrykk."),
    ({"saturation": "101"}, "Må være mellom 40 og 100."),
    ({}, "Ingenting er fylt ut."),
    ({"pulse": "70", "at": "2099-01-01T10:00"}, "Tidspunktet er ikke kommet ennå."),
    ({"pulse": "70", "at": "2020-01-01T10:00"}, "mer enn et år tilbake"),
    ({"pulse": "70", "at": "i går"}, "Skriv dag og klokkeslett"),
])  # fmt: skip
async def test_a_slip_of_the_finger_is_explained_and_kept(
    enter: Enter, world: World, form: dict[str, str], said: str
) -> None:
    id_ = await lying(world)
    page = await enter("nurse").post(page_of(id_), data=form)
    assert page.status_code == 422
    assert said in page.text
    for value in form.values():
        assert f'value="{value}"' in page.text
    assert await observations(world, id_) == []


async def test_pounds_are_asked_about_by_the_weight_before(enter: Enter, world: World) -> None:
    id_, nurse = await lying(world), enter("nurse")
    await nurse.post(page_of(id_), data={"weight": "70"})
    page = await nurse.post(page_of(id_), data={"weight": "154"})
    assert "sist var den 70 kg. Stemmer det, og er det riktig pasient?" in page.text


async def test_the_same_form_twice_is_saved_once(enter: Enter, world: World) -> None:
    id_, nurse = await lying(world), enter("nurse")
    for _ in range(2):
        last = await nurse.post(page_of(id_), data={"pulse": "70", "once": "k-1"}, follow_redirects=True)
    assert "Ingenting er lagret to ganger" in last.text
    assert len(await observations(world, id_)) == 1


async def test_a_quick_blood_pressure_is_a_part_of_the_score_like_any_other(enter: Enter, world: World) -> None:
    id_, nurse = await lying(world), enter("nurse")
    rest = {name: value for name, value in WHOLE.items() if name not in ("systolic", "diastolic")}
    await nurse.post(page_of(id_), data=rest)
    assert not [one for one in await observations(world, id_) if vitals.is_score(one)]
    saved = await nurse.post(quick_of(id_), data={"systolic": "105", "diastolic": "60"})
    assert saved.headers["location"].endswith("?saved=blood-pressure")
    (score,) = (one for one in await observations(world, id_) if vitals.is_score(one))
    assert score["valueInteger"] == 7


async def test_a_rare_blood_pressure_is_asked_about_on_the_page_of_the_set(enter: Enter, world: World) -> None:
    id_, nurse = await lying(world), enter("nurse")
    asked = await nurse.post(quick_of(id_), data={"systolic": "240", "diastolic": "80", "once": "k-2"})
    assert asked.status_code == 422
    assert "Overtrykk 240 mmHg er sjelden. Stemmer det?" in asked.text
    assert await observations(world, id_) == []
    form = dict(re.findall(r'name="(systolic|diastolic|once|sure)"[^>]*value="([^"]*)"', asked.text))
    assert (await nurse.post(page_of(id_), data=form)).status_code == 303
    assert len(await observations(world, id_)) == 1


async def test_a_quick_form_that_is_sent_twice_is_saved_once_and_with_other_numbers_anew(
    enter: Enter, world: World
) -> None:
    id_, nurse = await lying(world), enter("nurse")
    (once,) = set(re.findall(r'name="once" value="([^"]+)"', (await nurse.get(f"/workspace/patients/{id_}")).text))
    form = {"systolic": "130", "diastolic": "80", "once": once}
    await nurse.post(quick_of(id_), data=form)
    again = await nurse.post(quick_of(id_), data=form, follow_redirects=True)
    assert "Blodtrykket var lagret fra før." in again.text
    await nurse.post(quick_of(id_), data={**form, "systolic": "140"})
    assert len(await observations(world, id_)) == 2


async def test_a_value_from_a_device_stands_with_its_source(enter: Enter, world: World) -> None:
    id_ = await lying(world)
    await world.make(device(id_, 91))
    page = (await enter("nurse").get(page_of(id_))).text
    assert "apparat: Pulsoksymeter 3" in page
    assert "91" in page


async def test_a_value_in_another_unit_is_told_and_not_drawn(enter: Enter, world: World) -> None:
    id_ = await lying(world)
    warm = {**device(id_, 98), "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]}}
    warm["valueQuantity"] = {**warm["valueQuantity"], "unit": "°F", "code": "[degF]"}
    await world.make(warm)
    page = (await enter("nurse").get(page_of(id_))).text
    assert "1 måling har en annen enhet eller ikke noe tall, og er ikke tegnet." in page
    assert 'id="trend-temperature"' not in page


async def test_a_wrong_value_is_corrected_or_struck_with_its_reason(enter: Enter, world: World) -> None:
    id_, nurse = await lying(world), enter("nurse")
    await nurse.post(page_of(id_), data={"temperature": "39,5"})
    (one,) = await observations(world, id_)
    address = f"{page_of(id_)}/{one['id']}"
    assert "39,5 °C" in (await nurse.get(address)).text
    refused = await nurse.post(address, data={"decision": "correct", "temperature": "36,5", "reason": ""})
    assert (refused.status_code, "Skriv kort hva som var galt." in refused.text) == (422, True)
    page = await nurse.post(
        address, data={"decision": "correct", "temperature": "36,5", "reason": "Skrev feil"}, follow_redirects=True
    )
    assert "Rettet fra 39,5 °C: Skrev feil" in page.text
    page = await nurse.post(address, data={"decision": "strike", "reason": "Feil pasient"}, follow_redirects=True)
    assert "<s>36,5</s> strøket" in page.text
    assert "Ingen målinger å regne NEWS2 av" in page.text


async def test_a_measurement_of_another_patient_is_not_found_here(enter: Enter, world: World) -> None:
    one, other, nurse = await lying(world), await lying(world), enter("nurse")
    await nurse.post(page_of(one), data={"pulse": "70"})
    (measured,) = await observations(world, one)
    assert (await nurse.get(f"{page_of(other)}/{measured['id']}")).status_code == 404
    answer = await nurse.post(f"{page_of(other)}/{measured['id']}", data={"decision": "strike", "reason": "Feil"})
    assert answer.status_code == 404
    assert (await observations(world, one))[0]["status"] == "final"


async def test_a_doctor_decides_the_scale_and_a_nurse_does_not(enter: Enter, world: World) -> None:
    id_ = await lying(world)
    assert "En lege avgjør hvilken skala som brukes." in (await enter("nurse").get(page_of(id_))).text
    form = {"decision": "2", "reason": "Kols med CO2-retensjon"}
    assert (await enter("nurse").post(f"{page_of(id_)}/scale", data=form)).status_code == 403
    page = await enter("doctor").post(f"{page_of(id_)}/scale", data=form, follow_redirects=True)
    assert "SpO₂-skala 2" in page.text


async def test_who_may_not_write_sees_the_graphs_and_no_form(enter: Enter, world: World) -> None:
    id_ = await lying(world)
    for minutes in (90, 10):
        await world.make(device(id_, 90 + minutes // 10, minutes=minutes))
    page = (await enter("secretary").get(page_of(id_))).text
    assert 'name="pulse"' not in page
    assert "SpO₂: 2 målinger fra" in page
    assert "Rett</a>" not in page
    assert (await enter("secretary").post(page_of(id_), data={"pulse": "70"})).status_code == 403


async def test_without_a_relation_the_page_asks_for_a_reason(enter: Enter) -> None:
    page = await enter("nurse").get(page_of("ola"))
    assert page.status_code == 403
    assert "Hvorfor må du lese nå?" in page.text


@pytest.mark.parametrize("period", ["2d", "7d", "30d", "1y", "all", "nonsense"])
async def test_each_period_is_shown(enter: Enter, world: World, period: str) -> None:
    id_ = await lying(world)
    await world.make(device(id_, 95, minutes=10))
    await world.make(device(id_, 88, minutes=60 * 24 * 20))
    page = (await enter("nurse").get(page_of(id_), params={"period": period})).text
    assert ("<b>88</b>" in page) == (period in ("30d", "1y", "all"))


async def test_older_values_are_reached_page_by_page_and_no_score_is_told_of_then(enter: Enter, world: World) -> None:
    id_, nurse = await lying(world), enter("nurse")
    for minutes in range(40):
        await world.make(device(id_, 50 + minutes, minutes=5 + minutes))
    page = (await nurse.get(page_of(id_))).text
    older = re.search(r'href="(\?period=7d&amp;until=[^"#]+)#trend-saturation"', page)
    assert older
    assert ("<b>81</b>" in page, "<b>89</b>" in page, 'name="pulse"' in page) == (True, False, True)
    page = (await nurse.get(page_of(id_) + older[1].replace("&amp;", "&"))).text
    assert ("<b>81</b>" in page, "<b>89</b>" in page, 'name="pulse"' in page) == (True, True, False)
    assert "Bare det som er målt fram til" in page
    assert 'id="news2-heading"' not in page
    assert 'href="?period=7d&amp;until=' not in page


@pytest.mark.parametrize("until", ["nonsense", "2026-11-01", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59Z%00"])
async def test_a_moment_that_is_none_is_refused(enter: Enter, world: World, until: str) -> None:
    assert (await enter("nurse").get(f"{page_of(await lying(world))}?until={until}")).status_code == 400


def device(patient: str, value: int, *, minutes: int = 5) -> dict[str, Any]:
    """A saturation as an instrument sends it over FHIR."""
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": category, "code": "vital-signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "59408-5"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat(timespec="seconds"),
        "device": {"display": "Pulsoksymeter 3"},
        "valueQuantity": {"value": value, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
    }
