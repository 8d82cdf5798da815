"""Nobody can be sent to who does not read what comes: an active, staffed queue, or an address that was tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exchange.test_outbox import answer, connected, endpoint, in_folder, outbox, standing  # noqa: F401
from exchange.test_receiving import addressed  # noqa: F401
from samjournal import access, messages, tasks
from samjournal.exchange import receive
from samjournal.exchange.outbox import Outbox, step
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Conflict
from samjournal.record.beside import matches, resources
from world import World

pytestmark = pytest.mark.anyio
JOB = access.for_job("messages")
KIND = "DIALOG_HELSEFAGLIG"
NOW = datetime.now(UTC)


async def why(world: World, unit: str, kind: str = KIND, now: datetime = NOW) -> messages.Receiver:
    (found,) = await messages.receivers(world.door, await world.permit("doctor"), kind, now, units=[unit])
    return found


@pytest.mark.parametrize(
    ("more", "kind", "reason"),
    [
        ({}, KIND, ""),
        ({}, "EPIKRISE", "kind"),
        ({"status": "test"}, KIND, "untested"),
        ({"status": "suspended"}, KIND, "closed"),
        ({"period": {"start": (NOW + timedelta(days=3)).isoformat()}}, KIND, "not-yet"),
        ({"period": {"end": (NOW - timedelta(days=3)).isoformat()}}, KIND, "over"),
    ],
)
async def test_a_place_outside_says_why_it_cannot_be_chosen(
    connected: World,  # noqa: F811
    more: dict[str, Any],
    kind: str,
    reason: str,
) -> None:
    await connected.put(endpoint("outside-other", "outside", **more))
    found = await why(connected, "outside", kind)
    assert (found.why, found.is_ready) == (reason, not reason)


async def test_a_place_that_no_organisation_here_has_is_nobody_to_send_to(connected: World) -> None:  # noqa: F811
    whole = endpoint("bare", "bare", status="test")
    named = {"identifier": {"system": "urn:oid:2.16", "value": "7"}, "display": "Elsewhere"}
    nameless = {key: value for key, value in whole.items() if key != "managingOrganization"}
    await connected.put(nameless, {**whole, "id": "elsewhere", "managingOrganization": named})
    found = await messages.receivers(connected.door, await connected.permit("doctor"), KIND, NOW)
    assert "outside" in {one.id for one in found}
    assert not {"bare", "elsewhere"} & {one.endpoint for one in found}
    assert await messages.tested(connected.door, JOB, NOW) == 0


async def test_a_unit_without_an_address_can_choose_nobody_outside(connected: World) -> None:  # noqa: F811
    await connected.put(endpoint("outside-other", "outside"), endpoint("homecare-own", "homecare", way="shared"))
    found = {}
    for sender in ("ward", "clinic", "homecare"):
        ways = await messages.receivers(
            connected.door, await connected.permit("doctor"), KIND, NOW, units=["outside", "homecare"], sender=sender
        )
        found[sender] = {one.id: one.why for one in ways}
    assert found["ward"] == {"outside": "", "homecare": ""}
    assert found["clinic"] == found["homecare"] == {"outside": "no-sender", "homecare": ""}


async def test_who_has_no_place_cannot_be_chosen(connected: World) -> None:  # noqa: F811
    assert (await why(connected, "clinic")).why == "no-endpoint"


async def test_a_unit_here_must_have_somebody_who_is_not_away(connected: World) -> None:  # noqa: F811
    await connected.put(
        endpoint("homecare-shared", "homecare", way="shared"), endpoint("clinic-shared", "clinic", way="shared")
    )
    found = await why(connected, "homecare")
    assert (found.why, found.way, found.owner) == ("", "shared", "Homenurse")
    assert (await why(connected, "clinic")).why == "nobody"
    await connected.put(
        {
            "resourceType": "Basic",
            "id": "gone",
            "code": {"coding": [{"system": "urn:samjournal:absence", "code": "away"}]},
            "subject": {"reference": "PractitionerRole/homenurse-role"},
            "extension": [
                {"url": "urn:samjournal:absence:substitute", "valueReference": {"reference": "PractitionerRole/x"}},
                {
                    "url": "urn:samjournal:absence:days",
                    "valuePeriod": {
                        "start": NOW.astimezone(OSLO).date().isoformat(),
                        "end": (NOW.astimezone(OSLO).date() + timedelta(days=1)).isoformat(),
                    },
                },
            ],
        }
    )
    assert (await why(connected, "homecare")).why == "nobody"
    assert (await why(connected, "homecare", now=NOW + timedelta(days=3))).why == ""


async def test_of_two_places_the_ready_one_counts_and_the_shared_one_before_others(
    connected: World,  # noqa: F811
) -> None:
    joins = (NOW + timedelta(days=30)).isoformat()
    await connected.put(
        endpoint("ward-shared", "ward", way="shared", period={"start": joins}),
        endpoint("ward-folder", "ward", period={"end": joins}),
    )
    assert (await why(connected, "ward")).way == "folder"
    assert (await why(connected, "ward", now=NOW + timedelta(days=31))).way == "shared"
    await connected.put(endpoint("ward-shared", "ward", way="shared"))
    assert (await why(connected, "ward")).way == "shared", "nobody is sent what he reads here"


async def test_a_unit_here_is_opened_when_somebody_there_confirms(connected: World) -> None:  # noqa: F811
    await connected.put(endpoint("ward-new", "hospital", way="shared", status="test"))
    await messages.activate(connected.door, JOB, "ward-new", NOW)
    with pytest.raises(Conflict):
        await messages.activate(connected.door, JOB, "ward-new", NOW)
    assert await messages.tested(connected.door, JOB, NOW) == 0
    (task,) = await matches(connected.door, JOB, "Task", [("focus", "Endpoint/ward-new")])
    await connected.put({**task.resource(), "owner": {"reference": "Organization/ward"}})
    taken = await tasks.take(connected.door, await connected.permit("doctor"), task.id, task.version + 1)
    await tasks.finish(connected.door, await connected.permit("doctor"), task.id, taken.version, "Ja")
    assert await messages.tested(connected.door, JOB, NOW) == 1
    assert (await why(connected, "hospital")).why == "nobody", "it is open, and nobody can sign in there"


async def test_a_place_outside_is_opened_by_the_receipt_of_a_test_message(
    connected: World,  # noqa: F811
    outbox: Outbox,  # noqa: F811
    tmp_path: Any,
) -> None:
    await connected.put(endpoint("outside-new", "outside-heart", status="test"))
    await messages.activate(connected.door, JOB, "outside-new", NOW)
    await step(outbox, NOW)
    assert await messages.tested(connected.door, JOB, NOW) == 0
    (file,) = in_folder(tmp_path)
    await receive(connected.door, JOB, answer(file.read_bytes()), now=NOW)
    assert await messages.tested(connected.door, JOB, NOW) == 1
    found = await resources(connected.door, JOB, [("Endpoint", "outside-new")])
    assert found["Endpoint/outside-new"].resource()["status"] == "active"
