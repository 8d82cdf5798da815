"""What goes wrong carries the code by which a program tells it from all else. docs/reference/errors.md"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from samjournal.fhir import xml
from samjournal.fhir.errors import SYSTEM
from samjournal.fhir.parsing import parse
from samjournal.fhir.structure import check
from world import World, observation, patient

pytestmark = pytest.mark.anyio


def codes(outcome: dict[str, Any]) -> set[str]:
    """The codes of ours in an OperationOutcome; every issue must have one."""
    return {one["code"] for issue in outcome["issue"] for one in issue["details"]["coding"] if one["system"] == SYSTEM}


async def _told(answer: httpx.Response) -> tuple[int, set[str]]:
    outcome = parse(answer.content).resource
    del outcome["id"]  # The number of the request, which the program gives and these tests do not.
    assert check(outcome) == []
    return answer.status_code, codes(outcome)


async def test_two_failures_of_one_status_are_told_apart(world: World) -> None:
    await world.put(patient("twin", "Dobbel"), patient("twin2", "Dobbel"))
    twice = {**observation("kari"), "id": "moved"}
    await world.put(twice)
    await world.put(twice)
    async with await world.client() as client:
        stale = await client.put("/Observation/moved", json=twice, headers={"if-match": 'W/"1"'})
        several = await client.post("/Patient", json=patient("x", "X"), headers={"if-none-exist": "family=Dobbel"})
    assert await _told(stale) == (412, {"version-moved"})
    assert await _told(several) == (412, {"several-fit"})


async def test_a_delete_that_leaves_others_behind_is_no_clash_with_somebody_else(world: World) -> None:
    async with await world.client() as client:
        assert await _told(await client.delete("/Organization/hospital")) == (409, {"still-referred-to"})


async def test_an_id_that_is_taken_is_told_as_such(world: World) -> None:
    async with await world.client() as client:
        taken = await client.put("/Patient?identifier=urn:x|nobody", json=patient("ola", "Ny"))
    assert await _told(taken) == (409, {"id-taken"})


async def test_a_reference_that_fits_nothing_is_told_as_a_missing_precondition(world: World) -> None:
    sent = {**observation("kari"), "performer": [{"reference": "Practitioner?identifier=urn:x|nobody"}]}
    entry = {"resource": sent, "request": {"method": "POST", "url": "Observation"}}
    async with await world.client() as client:
        answer = await client.post("", json={"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    assert await _told(answer) == (412, {"precondition-failed"})


async def test_every_issue_of_one_answer_has_the_code(world: World) -> None:
    wrong = {"resourceType": "Observation", "status": "finished", "colour": "red"}
    async with await world.client() as client:
        answer = await client.post("/Observation", json=wrong)
    assert len(answer.json()["issue"]) > 1
    assert await _told(answer) == (400, {"invalid"})


async def test_an_entry_of_a_batch_has_its_own_code(world: World) -> None:
    gone = await world.make(observation("kari"))
    async with await world.client() as client:
        await client.delete(f"/Observation/{gone.id}")
        asked = [f"Observation/{gone.id}", "Observation/never", "Observation?colour=red"]
        entries = [{"request": {"method": "GET", "url": one}} for one in asked]
        answer = await client.post("", json={"resourceType": "Bundle", "type": "batch", "entry": entries})
    told = [codes(entry["response"]["outcome"]) for entry in answer.json()["entry"]]
    assert told == [{"deleted"}, {"not-found"}, {"parameter-unknown"}]


async def test_a_reason_that_is_missing_is_no_scope_that_is_missing(world: World) -> None:
    async with await world.client("doctor") as client:
        assert await _told(await client.get("/Patient/ola")) == (403, {"reason-needed"})
    async with await world.client(scope="system/Patient.r") as client:
        assert await _told(await client.get("/Observation")) == (403, {"forbidden"})
    async with world.anonymous() as client:
        assert await _told(await client.get("/Patient/ola")) == (401, {"token-needed"})


async def test_the_code_is_in_xml_too(world: World) -> None:
    async with await world.client() as client:
        answer = await client.get("/Patient/never", headers={"accept": "application/fhir+xml"})
    assert codes(xml.read(answer.content).resource) == {"not-found"}


async def test_what_was_done_carries_no_error_code(world: World) -> None:
    async with await world.client() as client:
        made = await client.post(
            "/Observation", json=observation("kari"), headers={"prefer": "return=OperationOutcome"}
        )
    assert "details" not in made.json()["issue"][0]
