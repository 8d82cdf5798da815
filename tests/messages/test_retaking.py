"""What came for nobody here is taken anew when the register knows whom it is for, once, and answered once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from exchange.letters import dialog, message, referral
from exchange.test_receiving import addressed, kept, open_tasks, took  # noqa: F401
from messages.test_matching import FAULTY, receipts
from samjournal import access, accounts, messages
from samjournal.accounts import Account, RoleAt
from samjournal.exchange.receiving import due
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound, VersionMoved
from samjournal.fhir.identifiers import HER
from samjournal.messages import state_of
from samjournal.record.beside import resources
from workspace.test_pages import Enter, enter
from world import World, made, to

pytestmark = pytest.mark.anyio
__all__ = ["enter"]
JOB = access.for_job("messages")
Resource = dict[str, Any]


@pytest.fixture(scope="module")
async def staffed(world: World) -> World:
    """Somebody runs the connections, and somebody sits at the message desk."""
    await messages.receiving.at_desk(world.door, JOB)
    async with world.pool.transaction() as db:
        runs = RoleAt("operator", "hospital", "operator-role", "Hospital")
        sits = RoleAt("secretary", "message-desk", "desk-role", "Meldingssentralen")
        await accounts.add(db, [Account("operator", "Operator", "staff", (runs,), practitioner_id="operator")])
        await accounts.add(db, [Account("desk", "Dag Desk", "staff", (sits,), practitioner_id="desk")])
    return world


async def lost(world: World, number: str, body: str = "", **how: Any) -> tuple[str, Resource, bytes]:
    """A message for a unit that nobody here knows: its MsgId, its Communication, its bytes."""
    id_ = str(uuid4())
    data = message(body or dialog(f"Faller oftere {id_}."), id_=id_, to=(f"7{number}", number), **how)
    assert (await took(world, data)).state == "unplaced"
    (letter,) = await kept(world, "Communication", id_)
    return id_, letter, data


async def known(world: World, number: str) -> None:
    """The register has learnt whom it is for."""
    her = [[{"system": HER, "value": value}] for value in (f"7{number}", number)]
    top, unit = f"top-{number}", f"unit-{number}"
    await world.put(
        made("Organization", top, name="Ny virksomhet", identifier=her[0]),
        made("Organization", unit, name="Ny post", identifier=her[1], partOf=to(f"Organization/{top}")),
    )


async def again(world: World, letter: Resource, login: str = "operator") -> None:
    await messages.retry(world.door, await world.permit(login), letter["id"], int(letter["meta"]["versionId"]))


async def round_(world: World) -> None:
    await due(world.door, JOB, datetime.now(UTC))


async def states(world: World, id_: str) -> dict[str, Resource]:
    return {state_of(one): one for one in await kept(world, "Communication", id_)}


async def test_it_is_taken_anew_under_the_patient_and_answered_once(addressed: World, staffed: World) -> None:  # noqa: F811
    id_, letter, data = await lost(addressed, "800901")
    assert [one for one in await receipts(addressed) if one.original == id_] == []
    await again(addressed, letter)
    await round_(addressed)
    assert list(await states(addressed, id_)) == ["unplaced"], "nobody knows the receiver yet"
    await known(addressed, "800901")
    (letter,) = await kept(addressed, "Communication", id_)
    await again(addressed, letter)
    (receipt,) = [one for one in await receipts(addressed) if one.original == id_]
    assert (receipt.status, receipt.role) == ("1", "PRIM")
    found = await states(addressed, id_)
    assert sorted(found) == ["received", "retaken"]
    assert found["received"]["subject"]["reference"] == "Patient/kari"
    assert "subject" not in found["retaken"]
    (task,) = await open_tasks(addressed, id_)
    assert (task.patient, task.owner) == ("Patient/kari", "Organization/unit-800901")
    for of, original, made_ in await due(addressed.door, JOB, datetime.now(UTC)):
        if original == id_:
            await messages.answered(addressed.door, JOB, of, made_)
    assert [one for one in await receipts(addressed) if one.original == id_] == []
    with pytest.raises(Conflict):
        await again(addressed, found["retaken"])
    await took(addressed, data)
    await round_(addressed)
    assert sorted(await states(addressed, id_)) == ["received", "retaken"]
    assert len(await kept(addressed, "Communication", id_)) == 2


async def test_said_twice_and_by_two_at_once_it_is_done_once(addressed: World, staffed: World) -> None:  # noqa: F811
    id_, letter, _ = await lost(addressed, "800902")
    await known(addressed, "800902")
    done = await asyncio.gather(again(addressed, letter), again(addressed, letter, "desk"), return_exceptions=True)
    assert sum(isinstance(one, (Conflict, VersionMoved)) for one in done) == 1, done
    await asyncio.gather(round_(addressed), round_(addressed))
    assert sorted(state_of(one) for one in await kept(addressed, "Communication", id_)) == ["received", "retaken"]


async def test_a_referral_becomes_one_and_a_patient_not_found_is_held(addressed: World, staffed: World) -> None:  # noqa: F811
    id_, letter, _ = await lost(addressed, "800904", referral(str(uuid4())), kind="HENVISNING")
    held, other, _ = await lost(addressed, "800904", patient=FAULTY)
    await known(addressed, "800904")
    for one in (letter, other):
        await again(addressed, one)
    await round_(addressed)
    about = (await states(addressed, id_))["received"]["about"]
    request = await resources(addressed.door, JOB, [("ServiceRequest", about[0]["reference"].partition("/")[2])])
    assert [one.resource()["performer"][0]["reference"] for one in request.values()] == ["Organization/unit-800904"]
    waiting = (await states(addressed, held))["held"]
    rights = access.keeping(await addressed.permit("doctor"), "Communication", "DocumentReference", "Task", "Patient")
    await messages.match(addressed.door, rights, waiting["id"], 1, "kari")
    assert [one.status for one in await receipts(addressed) if one.original == held] == ["1"]
    assert sorted(await states(addressed, held)) == ["matched", "received", "retaken"]


async def test_two_messages_with_one_id_are_for_the_desk(addressed: World, staffed: World) -> None:  # noqa: F811
    id_ = str(uuid4())
    await took(addressed, message(dialog("Den første."), id_=id_))
    for words in ("En annen.", "En tredje."):
        assert (await took(addressed, message(dialog(words), id_=id_))).state == "clash"
    asked = [("status", "not-done"), ("_count", "50")]
    found = [
        one.resource()
        for one in await messages.matching.matches(addressed.door, JOB, "Communication", asked)
        if state_of(one.resource()) == "clash" and str(id_) in str(one.resource()["identifier"])
    ]
    assert len(found) == 2
    taken, away = found
    with pytest.raises(Forbidden):
        await again(addressed, taken)
    with pytest.raises((NotFound, Forbidden)):
        await again(addressed, taken, "homenurse")
    await again(addressed, taken, "desk")
    desk = await addressed.permit("desk")
    with pytest.raises(Invalid):
        await messages.put_away(addressed.door, desk, away["id"], 1, " ")
    await messages.put_away(addressed.door, desk, away["id"], 1, "Den samme, sendt om igjen av avsenderens program.")
    before = len([one for one in await receipts(addressed) if one.original == id_])
    assert before == 0, "its sender got a receipt for this id"
    now = await resources(addressed.door, JOB, [("Communication", one["id"]) for one in found])
    assert sorted(state_of(one.resource()) for one in now.values()) == ["put-away", "retaken"]
    anew = (await resources(addressed.door, JOB, [("Communication", f"{taken['id']}-a")])).popitem()[1].resource()
    assert (state_of(anew), anew["subject"]["reference"]) == ("received", "Patient/kari")
    tasks = await resources(addressed.door, JOB, [("Task", one["id"]) for one in found])
    assert {one.resource()["status"] for one in tasks.values()} == {"completed"}


async def test_the_desk_and_the_console_try_again(enter: Enter, addressed: World, staffed: World) -> None:  # noqa: F811
    id_, letter, _ = await lost(addressed, "800905")
    desk, page = enter("desk"), f"/workspace/messages/{letter['id']}"
    assert f'href="{page}"' in (await desk.get("/workspace/inbox?tab=team")).text
    shown = (await desk.get(page)).text
    for said in ("Til ingen som er kjent her", f"Faller oftere {id_}", f"{page}/1", "Prøv igjen"):
        assert said in shown
    assert (await enter("homenurse").get(page)).status_code == 404
    away = await desk.post(page, data={"role": "desk-role", "version": "1", "do": "away", "words": ""})
    assert (away.status_code, "Skriv hvorfor" in away.text) == (422, True)
    await known(addressed, "800905")
    console = enter("operator")
    assert "Prøv igjen" in (await console.get("/workspace/connections")).text
    done = await console.post("/workspace/connections", data={"message": letter["id"], "version": "1"})
    assert done.headers["location"] == "/workspace/connections?did=retaken"
    again_ = await desk.post(page, data={"role": "desk-role", "version": "1", "do": "retake"})
    assert again_.status_code == 409
    await round_(addressed)
    assert sorted(await states(addressed, id_)) == ["received", "retaken"]
    over = await desk.post(page, data={"role": "desk-role", "version": "3", "do": "away", "words": "Alt gjort."})
    assert (over.status_code, "Noen har alt sett til meldingen" in over.text) == (409, True)


async def test_a_copy_that_is_taken_anew_changes_nothing_for_who_has_the_referral(
    addressed: World,  # noqa: F811
    staffed: World,
) -> None:
    """The way to harm: the copy becomes the referral, and it stands on nobody's list any longer."""
    id_ = str(uuid4())
    copied = message(referral(str(uuid4())), kind="HENVISNING", id_=id_, copies=[("7800906", "800906")])
    await took(addressed, copied)
    first = await states(addressed, id_)
    assert sorted(first) == ["received", "unplaced"]
    about = first["received"]["about"]
    named = [("ServiceRequest", about[0]["reference"].partition("/")[2])]
    before = await resources(addressed.door, JOB, named)
    await known(addressed, "800906")
    await again(addressed, first["unplaced"])
    await round_(addressed)
    found = [one for one in await kept(addressed, "Communication", id_) if state_of(one) == "received"]
    assert {one["recipient"][0]["reference"] for one in found} == {"Organization/ward", "Organization/unit-800906"}
    assert [one["about"] for one in found] == [about, about]
    after = await resources(addressed.door, JOB, named)
    assert {one.version for one in after.values()} == {one.version for one in before.values()}
