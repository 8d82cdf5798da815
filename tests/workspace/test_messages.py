"""The messages of a unit over HTTP: who has them, until when, that they were opened, and how long they take."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from exchange.letters import dialog, message
from exchange.test_receiving import addressed, kept, took  # noqa: F401
from samjournal import access, messages, tasks
from samjournal.fhir.keys import key
from samjournal.record import Change, change, messages_waiting, owners_of
from samjournal.record.beside import resources
from workspace.test_pages import enter  # noqa: F401
from world import World, made, to

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
PAGE = "/workspace/messages"


@pytest.fixture
async def at_work(addressed: World) -> World:  # noqa: F811
    """Who works on the ward stands in the register."""
    await addressed.put(
        *(
            made(
                "PractitionerRole",
                f"{one}-role",
                organization=to("Organization/ward"),
                practitioner=to(f"Practitioner/{one}"),
            )
            for one in ("nurse", "secretary")
        )
    )
    return addressed


async def came(world: World, words: str, **how: Any) -> str:
    """A message to the ward; the id of its Communication, which is its Task's too."""
    id_ = str(uuid4())
    await took(world, message(dialog(words), id_=id_, **how))
    return str((await kept(world, "Communication", id_))[0]["id"])


def form(login: str = "nurse", version: int = 1, **more: str) -> dict[str, str]:
    return {"role": f"{login}-role", "version": str(version), **more}


def card(page: str, id_: str) -> str:
    return page[page.index(f'id="message-{id_}"') :].partition("</article>")[0]


async def test_a_message_is_seen_by_the_unit_and_counted_on_every_page(enter: Enter, at_work: World) -> None:  # noqa: F811
    id_ = await came(at_work, "Faller oftere enn før, se på medisinene.")
    page = (await enter("nurse").get(PAGE)).text
    shown = card(page, id_)
    for said in ("Kari Lege, Fjordgløtt legesenter", "NORDMANN, Kari", "Faller oftere enn før", "Ingen har tatt den"):
        assert said in shown
    assert re.search(r'class="badge" data-late="0">.*?\d', (await enter("doctor").get("/workspace/inbox")).text)
    assert id_ not in (await enter("homenurse").get(PAGE)).text
    assert (await enter(None).get(PAGE)).status_code == 303


async def test_who_took_it_is_seen_by_all_and_the_second_is_told(enter: Enter, at_work: World) -> None:  # noqa: F811
    id_ = await came(at_work, "Ring meg om furosemid i dag.")
    taken = await enter("nurse").post(f"{PAGE}/{id_}/take", data=form())
    assert "did=taken" in taken.headers["location"]
    assert "Nurse · ikke lest" in card((await enter("secretary").get(PAGE)).text, id_)
    assert "Du · " in card((await enter("nurse").get(PAGE)).text, id_)
    late = await enter("secretary").post(f"{PAGE}/{id_}/take", data=form("secretary"))
    assert late.status_code == 409
    assert "en annen har gjort noe" in late.text
    over = await enter("secretary").post(f"{PAGE}/{id_}/take", data=form("secretary", 2))
    assert "did=taken" in over.headers["location"]


async def test_a_patient_of_nobody_elses_stays_open_to_the_unit(enter: Enter, at_work: World) -> None:  # noqa: F811
    """The way to harm: what opened the record was the message alone, and whoever took it hid it from the next shift."""
    await at_work.put(
        made("Patient", "lone", name=[{"family": "Alene", "given": ["Lise"]}], birthDate="1950-01-02", gender="female",
             identifier=[{"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": "02015012326"}]),
    )  # fmt: skip
    stored = await at_work.make(
        made("Communication", "x", status="completed", subject=to("Patient/lone"), sent="2026-11-29T08:00:00Z",
             sender={"display": "Legevakten"}, recipient=[to("Organization/ward")], topic={"text": "Utskrivningsklar"},
             payload=[{"contentString": "Klar i dag kl. 14."}])
    )  # fmt: skip
    now = datetime.now(UTC)
    task = tasks.written(kind="do", patient="lone", owner=to("Organization/ward"), at=now, due=now + timedelta(hours=2),
                         focus=f"Communication/{stored.id}")  # fmt: skip
    id_ = (await at_work.make(task)).id
    await enter("nurse").post(f"{PAGE}/{id_}/take", data=form())
    page = (await enter("doctor").get(PAGE)).text
    assert "Klar i dag kl. 14." in card(page, id_)
    assert "ALENE, Lise" in card(page, id_)


async def test_to_open_it_is_said_once_and_reads_it_whole(enter: Enter, at_work: World) -> None:  # noqa: F811
    id_ = await came(at_work, "Første linje. " + "ord " * 80 + "Siste linje.")
    assert "Siste linje." not in card((await enter("nurse").get(PAGE)).text, id_)
    page = (await enter("nurse").get(f"{PAGE}?item={id_}")).text
    assert "Siste linje." in card(page, id_)
    assert "lest i dag" in card(page, id_)
    await enter("doctor").get(f"{PAGE}?item={id_}")
    found = await resources(at_work.door, access.for_job("messages"), [("Communication", id_)])
    letter = found[f"Communication/{id_}"]
    assert letter.version == 2
    assert [state for state, _ in messages.steps_of(letter.resource())] == ["opened"]
    assert messages.state_of(letter.resource()) == "received"
    assert letter.resource()["status"] == "completed"


async def test_what_we_sent_inside_the_record_becomes_opened(enter: Enter, at_work: World) -> None:  # noqa: F811
    state = {"coding": [{"system": "urn:samjournal:message-state", "code": "accepted"}]}
    sent = await at_work.make(
        made("Communication", "x", status="in-progress", statusReason=state, subject=to("Patient/kari"),
             sender=to("Organization/homecare"), recipient=[to("Organization/ward")], topic={"text": "Spørsmål"},
             payload=[{"contentString": "Kommer hun hjem i dag?"}])
    )  # fmt: skip
    now = datetime.now(UTC)
    task = tasks.written(kind="answer", patient="kari", owner=to("Organization/ward"), at=now,
                         due=now + timedelta(hours=2), focus=f"Communication/{sent.id}")  # fmt: skip
    id_ = (await at_work.make(task)).id
    await enter("nurse").get(f"{PAGE}?item={id_}")
    found = await resources(at_work.door, access.for_job("messages"), [("Communication", sent.id)])
    assert messages.state_of(found[f"Communication/{sent.id}"].resource()) == "opened"


async def test_somebody_must_go_there(enter: Enter, at_work: World) -> None:  # noqa: F811
    id_ = await came(at_work, "Hun trenger hjelp med strømpene.")
    done = await enter("nurse").post(f"{PAGE}/{id_}/visit", data=form(words="Ta med strømper"))
    assert "did=visit" in done.headers["location"]
    shown = card((await enter("doctor").get(PAGE)).text, id_)
    assert "Trenger besøk, sier Nurse" in shown
    assert "Ta med strømper" in shown
    await enter("nurse").post(f"{PAGE}/{id_}/take", data=form(version=2))
    assert "Trenger besøk, sier" in card((await enter("doctor").get(PAGE)).text, id_)
    off = await enter("nurse").post(f"{PAGE}/{id_}/no-visit", data=form(version=3))
    assert "did=no-visit" in off.headers["location"]
    assert "Trenger besøk, sier" not in card((await enter("doctor").get(PAGE)).text, id_)


async def test_over_the_deadline_is_first_and_an_alarm_on_every_page(enter: Enter, at_work: World) -> None:  # noqa: F811
    await came(at_work, "Dette haster ikke.")
    id_ = await came(at_work, "Dette er over fristen.")
    stored = (await resources(at_work.door, access.for_job("messages"), [("Task", id_)]))[f"Task/{id_}"]
    over = {"period": {"end": (datetime.now(UTC) - timedelta(minutes=5)).isoformat(timespec="milliseconds")}}
    body = {name: value for name, value in stored.resource().items() if name != "meta"}
    await change(at_work.door, at_work.system, [Change.update({**body, "restriction": over})])
    page = (await enter("nurse").get(PAGE)).text
    assert re.findall(r'<article[^>]* id="message-([^"]+)"', page)[0] == id_
    assert "over fristen" in card(page, id_)
    for address in ("/workspace", "/workspace/patients/kari", "/workspace/help", f"{PAGE}/count"):
        assert "1 forfalt" in (await enter("nurse").get(address)).text
    assert "forfalt" not in (await enter("homenurse").get("/workspace")).text


async def test_done_is_under_today_and_counts_in_the_median(enter: Enter, at_work: World) -> None:  # noqa: F811
    id_ = await came(at_work, "Kan dere ringe tilbake?")
    empty = await enter("nurse").post(f"{PAGE}/{id_}/done", data=form(words=""))
    assert empty.status_code == 422
    done = await enter("nurse").post(f"{PAGE}/{id_}/done", data=form(words="Ringt opp."))
    assert done.headers["location"] == f"{PAGE}?did=done"
    page = (await enter("secretary").get(done.headers["location"])).text
    assert f'id="message-{id_}"' not in page
    assert "Ferdig i dag" in page
    assert re.search(r"Siste uke: median \d+ min fra mottatt til ferdig \(\d+ melding", page)
    figures = (await messages_waiting(at_work.door, await at_work.permit("nurse"), datetime(2026, 1, 1, tzinfo=UTC),
                                      today=datetime.now(UTC) - timedelta(hours=1))).figures  # fmt: skip
    assert figures.done >= 1
    assert figures.median is not None
    assert (await enter("nurse").post(f"{PAGE}/{id_}/eat", data=form())).status_code == 404


async def test_an_open_page_of_a_colleague_hears_that_it_is_done(at_work: World) -> None:
    """Whoever watches the unit is told of what its people do."""
    id_ = await came(at_work, "Ingen hast.")
    assert key("Organization/ward") in await owners_of(at_work.door, [id_])
    await tasks.finish(at_work.door, await at_work.permit("nurse"), id_, 1, "Ringt opp.")
    assert key("Organization/ward") in await owners_of(at_work.door, [id_])
