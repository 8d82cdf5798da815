"""A citizen asks about a look: who answers for access answers, and neither the reader nor his unit hears of it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from samjournal import accounts, conversations
from samjournal.accounts import Account, RoleAt
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound
from samjournal.record import Ending, log_for_patient, look_over, open_chart, state_reason, to_review
from world import World

pytestmark = pytest.mark.anyio


def fresh() -> Ending:
    return Ending(uuid4(), 0, "page")


@pytest.fixture(scope="module")
async def watched(world: World) -> World:
    """The home nurse looks without an agreement; the ward's hospital has a privacy officer, and so has home care."""
    at = {one: RoleAt("privacy-officer", one, f"{one}-officer", one) for one in ("hospital", "homecare")}
    async with world.pool.transaction() as db:
        people = [Account(f"{one}-dpo", "Ombudet", "staff", (role,), practitioner_id=one) for one, role in at.items()]
        await accounts.add(db, people)
    nurse = await world.permit("homenurse")
    await state_reason(world.door, nurse, "kari", "Pårørende ringte og var urolig")
    await open_chart(world.door, await world.permit("homenurse"), "kari", [])
    return world


async def asked(world: World) -> str:
    kari = await world.permit("kari")
    look = next(one for one in await log_for_patient(world.door, kari, "kari") if one.actor == "homenurse")
    return await conversations.ask_about(world.door, kari, look.at, "Hvorfor var du her?", fresh())


async def test_the_officer_answers_and_only_he(watched: World) -> None:
    id_, kari = await asked(watched), await watched.permit("kari")
    thread = await conversations.conversation(watched.door, kari, id_)
    assert (await conversations.standing(watched.door, kari, thread, datetime.now(UTC)))[id_].state == "sent"
    officer, other = await watched.permit("homecare-dpo"), await watched.permit("hospital-dpo")
    (matter,) = [one for one in (await to_review(watched.door, officer))[0].matters if one.kind == "asked"]
    assert matter.reason is not None
    assert (matter.actor, "Hvorfor var du her?" in matter.reason) == ("homenurse", True)
    assert not [one for one in (await to_review(watched.door, other))[0].matters if one.kind == "asked"]
    for login in ("homenurse", "nurse", "doctor"):
        async with await watched.client(login) as client:
            assert (await client.get(f"/Communication/{id_}")).status_code == 404
        with pytest.raises(Forbidden):
            await conversations.answer_look(watched.door, await watched.permit(login), matter.id, "Hm")
    with pytest.raises(Conflict):
        await look_over(watched.door, officer, matter.id)
    with pytest.raises(Conflict):
        await conversations.answer_look(watched.door, other, matter.id, "Ikke vårt")
    with pytest.raises(Invalid):
        await conversations.answer_look(watched.door, officer, matter.id, " ")
    await conversations.answer_look(watched.door, officer, matter.id, "Hun hadde ingen grunn. Det er meldt.")
    with pytest.raises(Conflict):
        await conversations.answer_look(watched.door, officer, matter.id, "En gang til")
    thread = await conversations.conversation(watched.door, kari, id_)
    assert thread[-1]["payload"] == [{"contentString": "Hun hadde ingen grunn. Det er meldt."}]
    stand = (await conversations.standing(watched.door, kari, thread, datetime.now(UTC)))[id_]
    assert (stand.state, stand.unread) == ("answered", 1)
    assert ("reviewed", "oversight") in {
        (one.action, one.why) for one in await log_for_patient(watched.door, kari, "kari")
    }
    await conversations.follow_up(watched.door, kari, id_, "Hvem er det meldt til?", fresh())
    again = [one for one in (await to_review(watched.door, officer))[0].matters if one.kind == "asked"]
    assert len(again) == 1


async def test_what_was_no_look_and_the_own_are_not_asked_about(watched: World) -> None:
    kari = await watched.permit("kari")
    with pytest.raises(NotFound):
        await conversations.ask_about(watched.door, kari, datetime(2020, 1, 1, tzinfo=UTC), "Hva?", fresh())
    own = next(one for one in await log_for_patient(watched.door, kari, "kari") if one.why == "self")
    with pytest.raises(NotFound):
        await conversations.ask_about(watched.door, kari, own.at, "Hva?", fresh())
