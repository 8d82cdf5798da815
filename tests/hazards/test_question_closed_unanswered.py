"""A citizen's question ends with an answer to the citizen, by whatever way somebody would end it otherwise."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from samjournal import conversations, tasks
from samjournal.access import for_job
from samjournal.conversations import Asked
from samjournal.fhir.errors import Conflict, Forbidden
from samjournal.record import Change, Ending, change, query_of, search
from samjournal.tasks import escalate
from world import World, organization, stay, to

pytestmark = pytest.mark.anyio
Resource = dict[str, Any]


async def question(world: World) -> tuple[str, Resource, int]:
    """A new question of Kari to the ward: its message, its Task as it stands, and the version of that."""
    kari = await world.permit("kari")
    asked = Asked("Organization/ward", "Medisin", "Skal jeg slutte?")
    id_ = await conversations.ask(world.door, kari, asked, Ending(uuid4(), 0, "page"))
    found = await search(world.door, world.system, query_of("Task", [("focus", f"Communication/{id_}")]))
    (one,) = found.matches
    body = {name: value for name, value in one.resource().items() if name != "meta"}
    return id_, body, one.version


ENDS: dict[str, Resource] = {
    "done": {"status": "completed"},
    "cancelled": {"status": "cancelled"},
    "rejected": {"status": "rejected"},
    "failed": {"status": "failed"},
    "in error": {"status": "entered-in-error"},
    "other work": {"code": {"coding": [{"system": "urn:samjournal:task", "code": "do"}]}},
    "of another kind": {"code": {"text": "Ferdig"}},
    "about something else": {"focus": {"reference": "Patient/kari"}},
    "nobody's": {"owner": None},
    "the patient's own": {"owner": {"reference": "Patient/kari"}},
    "for ever": {"restriction": None},
    "later": {"restriction": {"period": {"end": "2099-01-01T00:00:00Z"}}},
}


@pytest.mark.parametrize("how", ENDS)
async def test_staff_end_or_hide_it_in_no_other_way_over_the_api(world: World, how: str) -> None:
    _, task, version = await question(world)
    wrong = {name: value for name, value in {**deepcopy(task), **ENDS[how]}.items() if value is not None}
    async with await world.client("nurse") as client:
        answer = await client.put(f"/Task/{task['id']}", json=wrong, headers={"if-match": f'W/"{version}"'})
        assert answer.status_code == 403, answer.text
        assert (await client.delete(f"/Task/{task['id']}")).status_code == 403
        patch = [{"op": "replace", "path": "/status", "value": "cancelled"}]
        kind = {"content-type": "application/json-patch+json"}
        assert (await client.patch(f"/Task/{task['id']}", json=patch, headers=kind)).status_code == 403
    assert (await search(world.door, world.system, query_of("Task", [("_id", task["id"])]))).matches[0].version == 1


async def test_an_answer_to_somebody_else_or_to_another_question_is_none(world: World) -> None:
    id_, task, _ = await question(world)
    other, _, _ = await question(world)
    nurse = await world.permit("nurse")
    right: Resource = {
        "resourceType": "Communication", "status": "completed", "subject": to("Patient/kari"),
        "sender": to("PractitionerRole/nurse-role"), "recipient": [to("Patient/kari")],
        "inResponseTo": [to(f"Communication/{id_}")], "payload": [{"contentString": "Nei."}],
    }  # fmt: skip
    wrong: tuple[Resource, ...] = (
        {"recipient": [to("PractitionerRole/doctor-role")]},
        {"inResponseTo": [to(f"Communication/{other}")]},
        {"payload": [{"contentString": " "}]},
        {"status": "preparation"},
        {"sender": to("Patient/kari")},
    )
    for each in wrong:
        async with await world.client("nurse") as client:
            made = await client.post("/Communication", json={**right, **each})
            if made.status_code != 201:
                continue
            output = {"type": {"text": "Svar"}, "valueReference": to(f"Communication/{made.json()['id']}")}
            done = await client.put(f"/Task/{task['id']}", json={**task, "status": "completed", "output": [output]})
            assert done.status_code == 403, each
    done = await conversations.answer(world.door, nurse, task["id"], 1, "Nei, fortsett.")
    assert done.task.resource()["status"] == "completed"


async def test_the_page_says_that_it_is_answered_and_not_merely_done(world: World) -> None:
    _, task, version = await question(world)
    with pytest.raises(Conflict):
        await tasks.finish(world.door, await world.permit("nurse"), task["id"], version, "Ringte henne.")


async def test_what_a_patient_wrote_is_not_changed_or_taken_away(world: World) -> None:
    id_, _, _ = await question(world)
    async with await world.client("nurse") as client:
        message = (await client.get(f"/Communication/{id_}")).json()
        message.pop("meta")
        for more in ({"payload": [{"contentString": "Takk!"}]}, {"status": "entered-in-error"}, {"sender": None}):
            wrong = {name: value for name, value in {**message, **more}.items() if value is not None}
            assert (await client.put(f"/Communication/{id_}", json=wrong)).status_code == 403
        assert (await client.delete(f"/Communication/{id_}")).status_code == 403
        forged = {name: value for name, value in message.items() if name != "id"}
        assert (await client.post("/Communication", json=forged)).status_code == 403


async def test_past_its_day_it_is_marked_and_not_lost(world: World) -> None:
    _, task, version = await question(world)
    late = {**task, "restriction": {"period": {"end": "2026-01-02T00:00:00Z"}}}
    await change(world.door, world.system, [Change.update(late, if_match=version)])
    assert await escalate(world.door, for_job("escalate"), datetime.now(UTC)) >= 1
    found = (await search(world.door, world.system, query_of("Task", [("_id", task["id"])]))).matches[0]
    assert tasks.said(found.resource()).escalated


async def test_it_goes_to_nobody_who_is_not_at_work(world: World) -> None:
    """A question that names a unit in which nobody signs in is not sent at all."""
    await world.put(organization("empty"), {**stay("empty-stay", "kari"), "serviceProvider": to("Organization/empty")})
    kari = await world.permit("kari")
    assert "Organization/empty" not in {one.unit for one in await conversations.teams(world.door, kari)}
    asked = Asked("Organization/empty", "Hei", "Er det noen der?")
    with pytest.raises(conversations.Unwritable):
        await conversations.ask(world.door, kari, asked, Ending(uuid4(), 0, "page"))
    nurse = await world.permit("nurse")
    with pytest.raises(Forbidden):
        await conversations.ask(world.door, nurse, asked, Ending(uuid4(), 0, "page"))
