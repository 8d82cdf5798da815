"""A message says something that the record has no place for, and is tried again and again, lost at last, or keeps all
that came after it from being taken.

What can be told right is told right; the bytes of all else are kept, and the message desk looks at them.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exchange.letters import dialog, message
from exchange.test_receiving import addressed, kept, receipts, took  # noqa: F401
from samjournal import access
from samjournal.exchange import plain, receive, receiving, xml
from samjournal.messages.making import CUT
from world import World

pytestmark = pytest.mark.anyio
PDF = "JVBERi0xLjQK"


def replaced(data: bytes, old: str, new: str) -> bytes:
    assert old.encode() in data
    return data.replace(old.encode(), new.encode())


def dated(written: str) -> bytes:
    data = message(dialog())
    start, end = data.index(b"<GenDate>") + 9, data.index(b"</GenDate>")
    return data[:start] + written.encode() + data[end:]


SOUND = {
    "an empty attachment": message(dialog(), attached=" "),
    "an odd type of file": replaced(message(dialog(), attached=PDF), "application/pdf", "text/plain;  charset=x"),
    "an odd kind": message(dialog(), kind="DIALOG  X"),
    "the end of time": dated("9999-12-31T23:59:59-12:00"),
    "the beginning of time": dated("0001-01-01T00:00:00+12:00"),
    "more than is shown": message(dialog("blåbær " * 200_000)),
    "marks that part values": message(dialog(), conversation="a|b,c\\|d$e\\"),
}


@pytest.mark.parametrize("how", SOUND)
async def test_it_is_taken_over_and_answered_once(addressed: World, how: str) -> None:  # noqa: F811
    data = SOUND[how]
    outcome = await took(addressed, data)
    assert (outcome.state, receipts(outcome)) == ("received", [("PRIM", "1")])
    assert (await took(addressed, data)).state == "duplicate"
    (document,) = await kept(addressed, "DocumentReference", outcome.id)
    assert base64.b64decode(document["content"][0]["attachment"]["data"]) == data
    (said,) = await kept(addressed, "Communication", outcome.id)
    assert abs(datetime.fromisoformat(said["sent"]) - datetime.now(UTC)) < timedelta(hours=2)
    assert said["payload"][0]["contentString"].endswith(CUT) == (how == "more than is shown")


async def test_an_id_of_nothing_but_spaces_is_refused(addressed: World) -> None:  # noqa: F811
    outcome = await took(addressed, message(dialog(), id_="  "))
    assert (outcome.state, len(outcome.receipts)) == ("refused", 1)


async def test_what_cannot_be_told_at_all_is_with_the_desk(
    addressed: World,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(_: Any) -> Any:
        raise RecursionError

    data = message(dialog())
    with monkeypatch.context() as patch:
        patch.setattr(plain, "readable", fails)
        outcome = await took(addressed, data)
        assert outcome.state == "unplaced"
        assert outcome.owner
        assert receipts(outcome) == []
        assert (await took(addressed, data)).state == "duplicate"
        more = message(dialog())
        (other,) = await receiving.receive_together(
            addressed.door, access.for_job("messages"), [more], now=datetime.now(UTC)
        )
        assert other.state == "unplaced"


async def test_what_the_database_cannot_do_now_is_no_fault_of_the_message(
    addressed: World,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(*_: Any, **__: Any) -> Any:
        raise OSError("away")

    data = message(dialog())
    with monkeypatch.context() as patch:
        patch.setattr(receiving, "keep", away)
        with pytest.raises(OSError, match="away"):
            await receive(addressed.door, access.for_job("messages"), data, now=datetime.now(UTC))
    assert (await took(addressed, data)).state == "received"
    assert xml.parse(data) is not None
