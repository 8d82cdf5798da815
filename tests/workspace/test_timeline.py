"""The timeline over HTTP: order, pages, filters, and what somebody may not see."""

from __future__ import annotations

import re
from typing import Any

import pytest

from samjournal.fhir.reserved import ACT_CODE
from workspace.test_pages import Enter, enter
from world import Resource, World, made, observation, patient, stay, to

__all__ = ["enter"]
pytestmark = pytest.mark.anyio
TIMELINE = "/workspace/patients/kari/timeline"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
PROFESSION = "urn:oid:2.16.578.1.12.4.1.1.9060"


def note(id_: str, at: str, text: str, **rest: Any) -> Resource:
    div = f"<div xmlns='http://www.w3.org/1999/xhtml'><p>{text}</p></div>"
    return (
        made(
            "Composition",
            id_,
            status="final",
            type={"coding": [{"system": "http://loinc.org", "code": "28651-8"}], "text": "Sykepleienotat"},
            subject=to("Patient/kari"),
            date=at,
            author=[to("PractitionerRole/nurse-role") | {"display": "Nina Nurse"}],
            title=f"Notat {id_}",
            section=[{"text": {"status": "generated", "div": div}}],
        )
        | rest
    )


@pytest.fixture(scope="module")
async def told(world: World) -> World:
    vital = [{"coding": [{"system": CATEGORY, "code": "vital-signs"}]}]
    code = [{"coding": [{"system": PROFESSION, "code": "SP"}]}]
    await world.put(
        made("PractitionerRole", "nurse-role", organization=to("Organization/ward"), code=code),
        made("EpisodeOfCare", "care", status="active", patient=to("Patient/kari"), period={"start": "2020"}),
        stay("old-stay", "kari", status="finished")
        | {"period": {"start": "2024-02-01", "end": "2024-02-09"}, "episodeOfCare": [to("EpisodeOfCare/care")]},
        note("first", "2024-02-03T10:00:00+01:00", "Var svimmel.", encounter=to("Encounter/old-stay")),
        note("second", "2026-11-20T10:00:00+01:00", "Har det bra.", encounter=to("Encounter/kari-stay")),
        note("secret", "2026-11-20T11:00:00+01:00", "Bare for oss.")
        | {"meta": {"security": [{"system": ACT_CODE, "code": "PSY"}]}, "custodian": to("Organization/homecare")},
        *(
            observation("kari", at=f"2026-11-20T{8 + place // 60:02d}:{place % 60:02d}:00Z", value=60 + place % 7)
            | {"id": f"pulse-{place:03d}", "category": vital, "encounter": to("Encounter/kari-stay")}
            for place in range(300)
        ),
        made("Condition", "flu", subject=to("Patient/kari"), code={"text": "Influensa"}, onsetDateTime="2011"),
        made("Appointment", "soon", status="booked", description="Kontroll", start="2090-01-02T10:00:00+01:00")
        | {"end": "2090-01-02T10:30:00+01:00", "participant": [{"actor": to("Patient/kari"), "status": "accepted"}]},
    )
    return world


async def test_everything_stands_in_the_order_of_time(told: World, enter: Enter) -> None:
    page = (await enter("nurse").get(TIMELINE, params={"kind": ["contacts", "notes", "problems", "plans"]})).text
    places = [page.index(words) for words in ("Kontroll", "Notat second", "Notat first", "Influensa")]
    assert places == sorted(places)
    assert "kommer" in page
    assert re.search(r"<h3>2011\b", page), "a year alone stays a year"


async def test_its_pages_have_everything_once(told: World, enter: Enter) -> None:
    """Three hundred values within five hours, many of one moment with other types."""
    browser, address, counted, pages = enter("nurse"), TIMELINE, 0, 0
    while address:
        page = (await browser.get(address)).text
        gathered = re.findall(r"<b>(?:8867-4|[^<]*)</b> ([\d, ]+)(?= *</span>)", page)
        counted += sum(len(one.split(",")) for one in gathered)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
        pages += 1
    assert pages == 3
    assert counted == 300


@pytest.mark.parametrize(
    ("chosen", "there", "not_there"),
    [
        ({"kind": "notes"}, ["Notat first", "Notat second"], ["Influensa", "Kontroll"]),
        ({"from": "01.01.2025", "kind": "notes"}, ["Notat second"], ["Notat first"]),
        ({"to": "2025-01-01", "kind": "notes"}, ["Notat first"], ["Notat second"]),
        ({"episode": "Encounter/old-stay"}, ["Notat first", "01.02.2024"], ["Notat second", "Influensa"]),
        ({"episode": "EpisodeOfCare/care"}, ["Notat first", "01.02.2024"], ["Notat second", "Influensa"]),
        ({"profession": "SP", "kind": "notes"}, ["Notat first"], []),
        ({"profession": "LE", "kind": "notes"}, ["Ingenting i journalen passer"], ["Notat first"]),
        ({"profession": "SP"}, ["Ikke med i utvalget"], []),
        ({"unit": "nowhere"}, ["Ingenting i journalen passer"], ["Notat"]),
    ],
)
async def test_a_filter_narrows_it(
    told: World, enter: Enter, chosen: dict[str, str], there: list[str], not_there: list[str]
) -> None:
    answer = await enter("nurse").get(TIMELINE, params=chosen)
    assert answer.status_code == 200
    shown = answer.text[answer.text.index('id="along-heading"') :]
    assert [words for words in there if words not in shown] == []
    assert [words for words in not_there if words in shown] == []


async def test_a_day_that_is_none_is_told_where_it_was_written(told: World, enter: Enter) -> None:
    answer = await enter("nurse").get(TIMELINE, params={"from": "31.02.2026"})
    assert answer.status_code == 422
    assert 'id="sift-from-error"' in answer.text
    answer = await enter("nurse").get(TIMELINE, params={"from": "02.02.2026", "to": "01.02.2026"})
    assert "Slutten er før begynnelsen." in answer.text


@pytest.mark.parametrize("before", ["x", "2026_Observation_a", "_1_a", "2026-11-20T10:00:00+00:00_Observation_"])
async def test_an_address_that_is_broken_is_refused(told: World, enter: Enter, before: str) -> None:
    assert (await enter("nurse").get(TIMELINE, params={"before": before})).status_code == 400


async def test_what_is_reserved_for_others_is_not_told_and_that_there_is_more_is(told: World, enter: Enter) -> None:
    page = (await enter("nurse").get(TIMELINE)).text
    assert "Bare for oss" not in page
    assert "Noe i journalen vises ikke for deg." in page


async def test_without_a_relation_it_asks_for_a_reason(told: World, enter: Enter) -> None:
    answer = await enter("homenurse").get(TIMELINE)
    assert answer.status_code == 403
    assert "Notat" not in answer.text.replace("Notater", "")


async def test_it_is_one_look_that_is_no_look_at_the_chart(told: World, enter: Enter) -> None:
    """What is new counts from when the overview was seen."""
    await told.put(patient("siri", "Strand"), stay("siri-stay", "siri"))
    await enter("nurse").get("/workspace/patients/siri/timeline")
    looks = await told.pool.fetch("SELECT action FROM audit.look WHERE shown LIKE '%Patient/siri%' AND actor = 'nurse'")
    assert [row["action"] for row in looks] == ["search"]
