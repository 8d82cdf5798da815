"""A letter is signed and never sent: 16,000 were, by a template without a channel, while who signed saw a receipt.

A discharge summary that is signed is sent in the same transaction, or is work for the unit a day later. Who shall have
it and cannot be reached is shown as such before the signature, never as sent, and is work for the unit at once. A unit
that makes a template of its own for summaries has the same.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from notes.test_summaries import BOTH, JOB, about, aged, furnish, place, signed, summary, went, work
from samjournal import notes
from samjournal.notes import BUILT_IN, Dispatch, NotChosen
from world import World

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True, scope="module")
async def _region(world: World) -> None:
    await furnish(world)


@pytest.mark.parametrize("status", ["suspended", "test", "off"])
async def test_what_has_no_channel_is_never_called_sent(world: World, status: str) -> None:
    await world.put(place("heart-out", "heart", "folder", "Hjertespesialisten", status=status))
    note = await signed(world, Dispatch(("heart", "office")))
    found = await went(world, note)
    assert [one.id for one in found.sent] == ["office"]
    assert [(one.id, one.waits) for one in found.not_sent] == [("heart", True)]
    (lost,) = await work(world, note, "unreached")
    assert (lost.owner, lost.due is not None) == ("Organization/ward", True)
    assert await about(world, note) == []
    await world.put(place("heart-out", "heart", "folder", "Hjertespesialisten"))


async def test_a_queue_that_nobody_reads_is_no_channel(world: World) -> None:
    await world.as_owner("DELETE FROM accounts.role WHERE login = 'gp'")
    note = await signed(world, BOTH)
    assert [one.why for one in (await went(world, note)).not_sent] == ["nobody"]
    assert await work(world, note, "read") == []
    await furnish(world)


async def test_nobody_is_forgotten_in_silence(world: World) -> None:
    for dispatch in (Dispatch(), Dispatch(("office",)), Dispatch(("office",), {"heart": "  "})):
        with pytest.raises(NotChosen):
            await signed(world, dispatch)


@pytest.mark.parametrize("kind", ["discharge", "progress"])
async def test_by_a_template_of_their_own_it_is_work_too(world: World, kind: str) -> None:
    """What makes a summary is its kind, or that it was begun from the built-in template."""
    template = BUILT_IN["epikrise"] if kind == "progress" else None
    permit = await world.permit("doctor")
    written = summary(kind=kind, template="epikrise" if template else "")
    note = await aged(world, await notes.sign_note(world.door, permit, "kari", written, template=template))
    assert await notes.unsent_summaries(world.door, JOB, datetime.now(UTC)) == 1
    (task,) = await work(world, note, "unsent")
    assert task.owner == "Organization/ward"
