"""Hazard: what is reserved opens to everybody when a job writes it again, as a later version of it comes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from exchange.letters import message, referral
from exchange.test_receiving import addressed, kept, took  # noqa: F401
from samjournal.messages import state_of
from samjournal.messages.making import bare
from world import World

pytestmark = pytest.mark.anyio
RESERVED = [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}]


async def test_a_message_that_is_overtaken_stays_as_reserved_as_it_was(addressed: World) -> None:  # noqa: F811
    document, first = str(uuid4()), str(uuid4())
    await took(addressed, message(referral(document), kind="HENVISNING", id_=first))
    (came,) = await kept(addressed, "Communication", first)
    reserved: dict[str, Any] = {**bare(came), "meta": {"security": RESERVED}}
    await addressed.put(reserved)
    await took(addressed, message(referral(document, "M"), kind="HENVISNING"))
    (after,) = await kept(addressed, "Communication", first)
    assert state_of(after) == "superseded"
    assert [one["code"] for one in after["meta"].get("security", ())] == ["PSY"]
