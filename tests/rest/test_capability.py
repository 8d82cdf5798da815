"""The CapabilityStatement is sound, and what it says can be done. hl7.org/fhir/R4/capabilitystatement.html"""

from __future__ import annotations

import pytest

from samjournal.fhir import xml
from samjournal.fhir.errors import Invalid
from samjournal.fhir.parsing import parse
from samjournal.fhir.structure import check
from samjournal.record import BEYOND, query_of
from samjournal.rest.operations import OPERATIONS
from samjournal.rest.routes import ROUTES
from world import World

pytestmark = pytest.mark.anyio


async def test_it_is_sound_in_json_and_in_xml(world: World) -> None:
    async with world.anonymous() as client:
        json = parse((await client.get("/metadata")).content).resource
        same = xml.read((await client.get("/metadata?_format=xml")).content).resource
    assert check(json) == []
    assert same == json


@pytest.mark.parametrize("mode", ["full", "normative", "terminology"])
async def test_whatever_mode_is_asked_for_this_is_the_answer(world: World, mode: str) -> None:
    async with world.anonymous() as client:
        whole, asked = await client.get("/metadata"), await client.get(f"/metadata?mode={mode}")
    assert asked.content == whole.content


@pytest.mark.parametrize("query", ["", "?_format=xml", "?_elements=format"])
async def test_who_has_it_already_is_told_so(world: World, query: str) -> None:
    async with world.anonymous() as client:
        first = await client.get(f"/metadata{query}")
        again = await client.get(f"/metadata{query}", headers={"if-none-match": f'"x", {first.headers["etag"]}'})
        other = await client.get("/metadata?_elements=software", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, other.status_code) == (200, 304, 200)
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"] != other.headers["etag"]


async def test_a_part_of_it_can_be_asked_for_in_both_formats(world: World) -> None:
    async with world.anonymous() as client:
        part = (await client.get("/metadata?_elements=format")).json()
        same = xml.read((await client.get("/metadata?_elements=format&_format=xml")).content).resource
        summary = (await client.get("/metadata?_summary=true")).json()
    assert same == part
    assert part["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert part["format"]
    assert "rest" not in part
    assert summary["kind"] == "instance"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("mdoe=full", "Did you mean “mode”?"),
        ("name=x", "does not take the parameter “name”"),
        ("mode=all", "mode is one of"),
        ("_summary=count", "counts what a search finds"),
        ("_elements=nothing", "has no element"),
    ],
)
@pytest.mark.parametrize("prefer", ["handling=strict", "handling=lenient"])
async def test_what_it_does_not_take_is_refused_for_it_has_no_place_to_say_so(
    world: World, query: str, told: str, prefer: str
) -> None:
    async with world.anonymous() as client:
        answer = await client.get(f"/metadata?{query}", headers={"prefer": prefer})
    assert answer.status_code == 400
    assert told in answer.json()["issue"][0]["diagnostics"]


async def test_every_interaction_is_that_of_a_route(world: World) -> None:
    async with world.anonymous() as client:
        (rest,) = (await client.get("/metadata")).json()["rest"]
    told = {one["code"] for resource in rest["resource"] for one in resource["interaction"]}
    told |= {one["code"] for one in rest["interaction"]}
    told |= {f"${one['name']}" for resource in rest["resource"] for one in resource["operation"]}
    told |= {f"${one['name']}" for one in rest["operation"]}
    assert told == {route.code for route in ROUTES} - {"async"}


async def test_every_operation_stands_where_it_is_answered(world: World) -> None:
    async with world.anonymous() as client:
        (rest,) = (await client.get("/metadata")).json()["rest"]
    of_type = {one["type"]: {operation["name"] for operation in one["operation"]} for one in rest["resource"]}
    for one in OPERATIONS:
        if one.level == "system":
            assert one.name in {operation["name"] for operation in rest["operation"]}
        else:
            assert one.name in of_type["Patient" if one.type == "*" else one.type]
    assert "lastn" not in of_type["Patient"]


async def test_what_it_says_of_searching_is_taken(world: World) -> None:
    """Each include, modifier and parameter that it names for some types is understood; what it does not name is not."""
    async with world.anonymous() as client:
        (rest,) = (await client.get("/metadata")).json()["rest"]
    told = {one["type"]: one for one in rest["resource"]}
    assert {one["name"] for one in rest["searchParam"]} == {*BEYOND}
    assert len(rest["compartment"]) == 5
    for type_ in ("Patient", "Observation", "Questionnaire"):
        for name, key in (("_include", "searchInclude"), ("_revinclude", "searchRevInclude")):
            for value in told[type_][key]:
                assert query_of(type_, [(name, value)]).includes
        for one in told[type_]["searchParam"]:
            for modifier in one["documentation"].split():
                if modifier.startswith(":") and modifier not in (":missing", ":Patient"):
                    value = "x|y|z" if modifier == ":of-type" else "http://x/y"
                    asked = [(f"{one['name']}{modifier}", value)]
                    assert query_of(type_, asked).filters, asked
            with pytest.raises(Invalid, match=r"does not take the modifier|takes no modifier"):
                query_of(type_, [(f"{one['name']}:unheard", "x")])


async def test_every_operation_has_a_sound_definition(world: World) -> None:
    async with await world.client() as client:
        for one in OPERATIONS:
            answer = await client.get(f"/OperationDefinition/{one.id}")
            told = answer.json()
            assert (answer.status_code, told["code"]) == (200, one.name)
            assert told[one.level] is True
            assert told["affectsState"] is one.changes
            assert [issue for issue in check(told) if issue.severity == "error"] == []
        assert (await client.get("/OperationDefinition/none")).status_code == 404
        (rest,) = (await client.get("/metadata")).json()["rest"]
        usage = next(one["definition"] for one in rest["operation"] if one["name"] == "usage")
        assert (await client.get(usage)).json()["code"] == "usage"
        mine = {"resourceType": "OperationDefinition", "id": "usage", "name": "Mine", "status": "draft",
                "code": "usage", "kind": "operation", "system": True, "type": False, "instance": False}  # fmt: skip
        assert (await client.put("/OperationDefinition/usage", json=mine)).status_code == 201
        assert (await client.get("/OperationDefinition/usage")).json()["name"] == "Mine"
