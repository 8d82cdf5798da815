"""A message whose patient was not found is kept anew in the record of whom a person says, and answered then."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from exchange.letters import KARI, dialog, message, referral
from exchange.test_receiving import HELD, addressed, kept, open_tasks, took  # noqa: F401
from samjournal import access, messages
from samjournal.exchange import apprec, xml
from samjournal.exchange.receiving import due
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound, VersionMoved
from samjournal.messages import state_of
from world import World

pytestmark = pytest.mark.anyio
JOB = access.for_job("messages")
FAULTY = HELD["a faulty number"]


async def waiting(world: World, **how: Any) -> tuple[str, str]:
    """A message that waits: its MsgId, and the id of its Communication."""
    id_ = str(uuid4())
    outcome = await took(world, message(dialog(f"Faller oftere {id_}."), id_=id_, **{"patient": FAULTY, **how}))
    assert outcome.state == "held"
    return id_, (await kept(world, "Communication", id_))[0]["id"]


async def receipts(world: World) -> list[apprec.Receipt]:
    return [apprec.read(xml.parse(data)) for _, _, data in await due(world.door, JOB, datetime.now(UTC))]


async def test_whoever_has_it_says_who_it_is(addressed: World) -> None:  # noqa: F811
    id_, name = await waiting(addressed)
    doctor = await addressed.permit("doctor")
    held = await messages.held(addressed.door, doctor, name)
    assert "11834826227" in held.text, "the number as it was written helps to find him"
    await messages.match(addressed.door, doctor, name, held.version, "kari")
    states = {state_of(one): one for one in await kept(addressed, "Communication", id_)}
    assert sorted(states) == ["matched", "received"]
    assert states["received"]["subject"]["reference"] == "Patient/kari"
    documents = await kept(addressed, "DocumentReference", id_)
    assert sorted(one.get("subject", {}).get("reference", "") for one in documents) == ["", "Patient/kari"]
    (task,) = await open_tasks(addressed, id_)
    assert (task.patient, task.owner) == ("Patient/kari", "Organization/ward")
    async with await addressed.client("doctor") as client:
        assert (await client.get(f"/Communication/{states['received']['id']}")).status_code == 200


async def test_the_sender_is_answered_once(addressed: World) -> None:  # noqa: F811
    id_, name = await waiting(addressed)
    doctor = await addressed.permit("doctor")
    assert [one for one in await receipts(addressed) if one.original == id_] == []
    await messages.match(addressed.door, doctor, name, 1, "kari")
    (first,) = [one for one in await receipts(addressed) if one.original == id_]
    (second,) = [one for one in await receipts(addressed) if one.original == id_]
    assert (first.status, first.role) == ("1", "PRIM")
    assert first.id == second.id, "sent again it is the same receipt"
    for of, original, data in await due(addressed.door, JOB, datetime.now(UTC)):
        if original == id_:
            await messages.answered(addressed.door, JOB, of, data)
    assert [one for one in await receipts(addressed) if one.original == id_] == []


async def test_what_was_answered_at_once_is_not_answered_again(addressed: World) -> None:  # noqa: F811
    id_ = str(uuid4())
    data = message(
        referral(str(uuid4()), urgency="0"), kind="HENVISNING", id_=id_, patient=(*KARI[:2], "", "", "FNR", "")
    )
    assert (await took(addressed, data)).receipts, "a referral for immediate help is taken over at once"
    (held,) = await kept(addressed, "Communication", id_)
    await messages.match(addressed.door, await addressed.permit("doctor"), held["id"], 1, "kari")
    assert [one for one in await receipts(addressed) if one.original == id_] == []
    states = sorted(state_of(one) for one in await kept(addressed, "Communication", id_))
    assert states == ["matched", "received"]
    await took(addressed, data.replace(id_.encode(), (other := str(uuid4())).encode()))
    (held,) = await kept(addressed, "Communication", other)
    await messages.refuse(addressed.door, await addressed.permit("doctor"), held["id"], 1, "E36")
    assert [one for one in await receipts(addressed) if one.original == other] == []
    (task,) = await open_tasks(addressed, other)
    assert task.words.startswith("Ring Kari Lege, Fjordgløtt legesenter: ")


async def test_a_message_is_refused_with_a_code(addressed: World) -> None:  # noqa: F811
    id_, name = await waiting(addressed)
    doctor = await addressed.permit("doctor")
    with pytest.raises(Invalid):
        await messages.refuse(addressed.door, doctor, name, 1, "T01")
    await messages.refuse(addressed.door, doctor, name, 1, "E35")
    (said,) = await kept(addressed, "Communication", id_)
    assert state_of(said) == "refused"
    assert await open_tasks(addressed, id_) == []
    (receipt,) = [one for one in await receipts(addressed) if one.original == id_]
    assert (receipt.status, [one.code for one in receipt.errors]) == ("2", ["E35"])


async def test_of_two_who_decide_at_once_one_is_told(addressed: World) -> None:  # noqa: F811
    id_, name = await waiting(addressed)
    doctor, nurse = await addressed.permit("doctor"), await addressed.permit("nurse")
    done = await asyncio.gather(
        messages.match(addressed.door, doctor, name, 1, "kari"),
        messages.match(addressed.door, nurse, name, 1, "ola"),
        return_exceptions=True,
    )
    assert sum(isinstance(one, (Conflict, VersionMoved)) for one in done) == 1, done
    assert len([one for one in await kept(addressed, "Communication", id_) if "subject" in one]) == 1


async def test_nobody_else_sees_or_decides(addressed: World) -> None:  # noqa: F811
    _, name = await waiting(addressed)
    stranger = await addressed.permit("homenurse")
    with pytest.raises((NotFound, Forbidden)):
        await messages.match(addressed.door, stranger, name, 1, "kari")
    doctor = await addressed.permit("doctor")
    with pytest.raises(NotFound):
        await messages.match(addressed.door, doctor, name, 1, "nobody-at-all")
    with pytest.raises(VersionMoved):
        await messages.match(addressed.door, doctor, name, 7, "kari")
    await messages.match(addressed.door, doctor, name, 1, "kari")
    with pytest.raises(Conflict):
        await messages.refuse(addressed.door, doctor, name, 2, "E36")


async def test_each_of_two_receivers_finds_its_patient_and_answers_for_itself(addressed: World) -> None:  # noqa: F811
    id_, name = await waiting(addressed, copies=[("800001", "800003")])
    listed = await kept(addressed, "Communication", id_)
    assert len(listed) == 2
    doctor = await addressed.permit("doctor")
    mine = next(one["id"] for one in listed if one["recipient"][0]["reference"] == "Organization/ward")
    await messages.match(addressed.door, doctor, mine, 1, "kari")
    assert [one.role for one in await receipts(addressed) if one.original == id_] == ["PRIM"]
    assert name in {one["id"] for one in listed}
    assert KARI[5] != FAULTY[5]
