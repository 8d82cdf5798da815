"""What citizens say about a page: kept apart, forgotten in time, answered once by who does not know who asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from samjournal import accounts, feedback
from samjournal.accounts import Account, RoleAt
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound
from samjournal.record import log_for_patient
from world import World

pytestmark = pytest.mark.anyio
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
async def operated(world: World) -> World:
    async with world.pool.transaction() as db:
        role = RoleAt("operator", "hospital", "operator-role", "Hospital")
        await accounts.add(db, [Account("operator", "Operator", "staff", (role,), practitioner_id="operator")])
    return world


async def said(world: World, words: str = "Fin side", *, asked_by: str | None = None, now: datetime = NOW) -> str:
    where: dict[str, Any] = {"page": "/portal/referrals/{id}", "version": "0.1.0+abc", "language": "nn"}
    return await feedback.say(world.pool, words, **where, asked_by=asked_by, now=now)


async def waiting(world: World) -> dict[str, feedback.Remark]:
    return {one.id: one for one in await feedback.remarks(world.pool, await world.permit("operator"))}


async def row(world: World, id_: str) -> dict[str, Any]:
    return dict(await world.pool.fetchrow("SELECT * FROM feedback.remark WHERE id = $1::text::uuid", id_) or {})


async def test_who_said_it_is_kept_only_when_he_wants_an_answer(operated: World) -> None:
    quiet, asking = await said(operated), await said(operated, asked_by="kari")
    assert "kari" not in str(await row(operated, quiet))
    assert (await row(operated, asking))["asked_by"] == "kari"
    found = await waiting(operated)
    assert (found[quiet].due - NOW, found[asking].due - NOW) == (timedelta(days=30), timedelta(days=7))
    assert not hasattr(found[asking], "asked_by")


async def test_an_answer_is_a_message_of_the_citizen_s_and_is_sent_once(operated: World) -> None:
    id_ = await said(operated, "Hvor er knappen?", asked_by="kari")
    permit = await operated.permit("operator")
    await feedback.answer(operated.door, permit, id_, "Nederst.", topic="Svar", now=NOW)
    with pytest.raises(NotFound):
        await feedback.answer(operated.door, permit, id_, "Øverst.", topic="Svar", now=NOW)
    # A crash after the message and before the row: the second try sends nothing.
    await operated.pool.execute(
        "UPDATE feedback.remark SET state = 'open', handled = NULL, asked_by = 'kari' WHERE id = $1::text::uuid", id_
    )
    await feedback.answer(operated.door, permit, id_, "Øverst.", topic="Svar", now=NOW)
    async with await operated.client("kari") as client:
        bundle = (await client.get("/Communication?recipient=Patient/kari")).json()
    sent = [one["resource"]["payload"][0]["contentString"] for one in bundle.get("entry", ())]
    assert sent == ["Nederst."]
    assert (await row(operated, id_))["asked_by"] is None
    looks = await log_for_patient(operated.door, await operated.permit("kari"), "kari", count=50)
    assert "answer-feedback" in [one.action for one in looks]


async def test_what_nobody_waits_for_is_closed_with_why_and_its_words_may_go(operated: World) -> None:
    id_, asked = await said(operated, "Jeg har vondt i foten"), await said(operated, asked_by="kari")
    permit = await operated.permit("operator")
    for wrong in (" ", "x" * (feedback.LONGEST + 1)):
        with pytest.raises(Invalid):
            await feedback.close(operated.pool, permit, id_, wrong, now=NOW)
    with pytest.raises(Conflict):
        await feedback.close(operated.pool, permit, asked, "Nei", now=NOW)
    await feedback.close(operated.pool, permit, id_, "Ikke om siden", now=NOW, erase=True)
    assert id_ not in await waiting(operated)
    stored = await row(operated, id_)
    assert (stored["words"], stored["said"], stored["state"]) == ("", "Ikke om siden", "closed")
    with pytest.raises(NotFound):
        await feedback.close(operated.pool, permit, id_, "Igjen", now=NOW)


async def test_what_waits_too_long_is_late_and_what_was_handled_goes_after_a_year(operated: World) -> None:
    before = await feedback.late(operated.pool)
    old = await said(operated, now=NOW - timedelta(days=31))
    assert await feedback.late(operated.pool) == before + 1
    permit = await operated.permit("operator")
    counts = {(one.page, one.version): one for one in await feedback.counted(operated.pool, permit)}
    found = counts["/portal/referrals/{id}", "0.1.0+abc"]
    assert found.late == before + 1
    assert found.said >= found.waiting >= found.late
    await feedback.close(operated.pool, permit, old, "Gjort", now=NOW - timedelta(days=366))
    await said(operated)
    assert await row(operated, old) == {}


@pytest.mark.parametrize("words", ["", "  \n ", "x" * (feedback.LONGEST + 1), "Jeg er 13097248022", "130972 48022"])
async def test_no_words_too_many_and_identity_numbers_are_refused(operated: World, words: str) -> None:
    with pytest.raises(Invalid):
        await said(operated, words)


async def test_only_those_who_run_the_program_see_it(operated: World) -> None:
    for login in ("kari", "nurse"):
        with pytest.raises(Forbidden):
            await feedback.remarks(operated.pool, await operated.permit(login))


def test_nobody_says_more_than_a_few_things_in_an_hour() -> None:
    pace = feedback.Pace(each=2, all=3)
    pace.take("kari")
    pace.take("kari")
    with pytest.raises(feedback.TooOften):
        pace.take("kari")
    pace.take("ola")
    with pytest.raises(feedback.TooOften):
        pace.take("per")
    later = feedback.Pace(each=1, hour=0.0)
    later.take("kari")
    later.take("kari")
