"""Hazard: what somebody takes out of the record holds what is not for him: unsigned, held back, delayed, or beyond what
he may read for another; or it goes on after his right has ended. Requirement 3.3, pasient- og brukerrettighetsloven 5-1
"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from samjournal import accounts
from samjournal.access import Permit
from samjournal.accounts import Account, RoleAt
from samjournal.extracts import archive, gathered, summary, whole
from samjournal.fhir.errors import NotRepresenting, ReasonNeeded
from samjournal.fhir.release import NOPAT
from samjournal.fhir.reserved import ACT_CODE
from samjournal.portal.record_paper import record_paper
from samjournal.record import give
from samjournal.ui.language import language
from world import Resource, World, made, observation, patient, to

pytestmark = pytest.mark.anyio
KARI = to("Patient/kari")
SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074"
LAB = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}]
SHOWN = ("Vist notat", "Vist diagnose", "Vist prøve", "Vist allergi")
HIDDEN = ("Usignert notat", "Holdt tilbake", "Ny biopsi", "Prøve med biopsien", "Gentest", "Mellom kolleger")


def note(id_: str, text: str, status: str = "final", **more: Any) -> Resource:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}</p></div>'
    return made(
        "Composition",
        id_,
        status=status,
        type={"coding": [{"system": "http://loinc.org", "code": "11506-3"}]},
        subject=KARI,
        date="2026-11-20T08:00:00Z",
        author=[to("PractitionerRole/doctor-role")],
        title=text,
        section=[{"title": "Tekst", "text": {"status": "generated", "div": div}}],
        **more,
    )


def report(id_: str, text: str, service: str, **more: Any) -> Resource:
    category = [{"coding": [{"system": SERVICE, "code": service}]}]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return made("DiagnosticReport", id_, status="final", category=category, code={"text": text}, subject=KARI,
                issued=now, conclusion=text, **more)  # fmt: skip


@pytest.fixture(scope="module")
async def filled(world: World) -> World:
    role = (RoleAt("citizen", "", "citizen", ""),)
    async with world.pool.transaction() as db:
        await accounts.add(db, [Account("jon", "Jon", "citizen", role, patient_id="jon")])
    await world.put(
        patient("jon", "Nordmann", number="13859298346"),
        note("shown", "Vist notat"), note("unsigned", "Usignert notat", "preliminary"),
        note("held", "Holdt tilbake", meta={"security": [NOPAT]}),
        made("Condition", "shown", subject=KARI, code={"text": "Vist diagnose"}),
        made("Condition", "held", subject=KARI, code={"text": "Holdt tilbake"}, meta={"security": [NOPAT]}),
        {**observation("kari"), "id": "shown", "code": {"text": "Vist prøve"}, "category": LAB},
        {**observation("kari"), "id": "biopsy-value", "code": {"text": "Prøve med biopsien"}, "category": LAB},
        report("biopsy", "Ny biopsi", "SP", result=[to("Observation/biopsy-value")]),
        report("gene", "Gentest", "GE"),
        made("AllergyIntolerance", "shown", patient=KARI, code={"text": "Vist allergi"}),
        made("AllergyIntolerance", "mine-alone", patient=KARI, code={"text": "Bare for meg"},
             meta={"security": [{"system": ACT_CODE, "code": "PRS"}]}),
        made("Communication", "between", status="completed", subject=KARI,
             payload=[{"contentString": "Mellom kolleger"}],
             sender=to("Practitioner/doctor"), recipient=[to("Organization/homecare")]),
        {**observation("ola"), "id": "ola-secret", "code": {"text": "Olas prøve"}},
    )  # fmt: skip
    return world


async def taken_out(world: World, permit: Permit) -> dict[str, str]:
    """All that somebody gets of Kari's record: the files, the summary, and what is set on paper, as text."""
    zipped = b"".join([one async for one in archive(world.door, permit, "kari", told="Les", made=datetime.now(UTC))])
    with zipfile.ZipFile(io.BytesIO(zipped)) as files:
        in_files = "\n".join(files.read(name).decode() for name in files.namelist())
    lists: dict[str, list[Resource]] = {}
    async for page in gathered(world.door, permit, "kari"):
        for one in page.matches:
            lists.setdefault(one.type, []).append(one.resource())
    paper = record_paper(lists["Patient"][0], lists, language("nb"), made=datetime.now(UTC))
    ips = await summary(world.door, permit, "kari", base="http://test/fhir")
    return {"files": in_files, "summary": ips.decode(), "paper": msgspec.json.encode(paper).decode()}


async def test_what_is_not_for_the_patient_is_in_none_of_the_files(filled: World) -> None:
    found = await taken_out(filled, await filled.permit("kari"))
    for kind, text in found.items():
        assert not [words for words in (*HIDDEN, "Olas prøve") if words in text], kind
    assert all(words in found["files"] and words in found["paper"] for words in SHOWN)
    assert all(words in found["summary"] for words in SHOWN[1:])


async def test_staff_see_it_so_it_is_there(filled: World) -> None:
    text = (await taken_out(filled, await filled.permit("doctor")))["files"]
    assert all(words in text for words in (*SHOWN, *HIDDEN))


async def test_who_represents_him_gets_the_parts_that_were_given_and_nothing_that_was_withheld(filled: World) -> None:
    kari = await filled.permit("kari")
    await give(filled.door, kari, "13859298346", "Nordmann", types=("AllergyIntolerance",))
    found = await taken_out(filled, await filled.permit("jon", acts_for="kari"))
    for kind, text in found.items():
        assert "Vist allergi" in text, kind
        assert not [words for words in (*HIDDEN, *SHOWN[:3], "Bare for meg") if words in text], kind
    assert '"code":"withheld"' in found["summary"]


async def test_a_right_that_ends_while_it_is_fetched_gives_no_more_and_nothing_that_opens(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "PAGE", 3)

    async def ended() -> Permit:
        raise NotRepresenting("It ended.")

    pieces = archive(filled.door, await filled.permit("kari"), "kari", told="Les", made=datetime.now(UTC), again=ended)
    sent: list[bytes] = []

    async def fetched() -> None:
        async for piece in pieces:
            sent.append(piece)

    with pytest.raises(NotRepresenting):
        await fetched()
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(sent)))


async def test_a_record_of_many_pages_is_whole_and_nothing_stands_twice(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def everything() -> list[str]:
        permit = await filled.permit("kari")
        zipped = b"".join([one async for one in archive(filled.door, permit, "kari", told="", made=datetime.now(UTC))])
        with zipfile.ZipFile(io.BytesIO(zipped)) as files:
            lines = [
                line for name in files.namelist() if name.endswith("ndjson") for line in files.read(name).splitlines()
            ]
        return sorted(f"{one['resourceType']}/{one['id']}" for one in map(msgspec.json.decode, lines))

    at_once = await everything()
    monkeypatch.setattr(whole, "PAGE", 2)
    assert await everything() == at_once
    assert len(at_once) == len(set(at_once)) > 5


async def test_nobody_takes_out_what_he_may_not_open(filled: World) -> None:
    with pytest.raises(ReasonNeeded):
        async for _ in archive(filled.door, await filled.permit("homenurse"), "kari", told="", made=datetime.now(UTC)):
            pass
