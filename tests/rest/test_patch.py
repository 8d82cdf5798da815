"""PATCH by JSON Patch and FHIRPath Patch, alone and in Bundles. hl7.org/fhir/R4/http.html#patch"""

from __future__ import annotations

import base64
import json
from typing import Any

import anyio
import httpx
import pytest

from samjournal.fhir import xml
from world import CONFIDENTIALITY, World, observation, patient

pytestmark = pytest.mark.anyio
JSON_PATCH = {"content-type": "application/json-patch+json"}
Operation = dict[str, Any]


def part(name: str, **value: Any) -> dict[str, Any]:
    return {"name": name, **value}


def operation(kind: str, path: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return part("operation", part=[part("type", valueCode=kind), part("path", valueString=path), *parts])


def parameters(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(operations)}


async def stored(world: World, resource: dict[str, Any]) -> None:
    await world.put(resource)


async def by_pointer(world: World, url: str, *operations: Operation, **headers: str) -> httpx.Response:
    async with await world.client() as client:
        return await client.patch(url, content=json.dumps(operations), headers={**JSON_PATCH, **headers})


async def by_path(world: World, url: str, *operations: Operation) -> httpx.Response:
    async with await world.client() as client:
        return await client.patch(url, json=parameters(*operations))


# JSON Patch


async def test_a_json_patch_changes_what_it_names_and_nothing_else(world: World) -> None:
    sent = (
        b'{"resourceType":"Observation","id":"exact","status":"final","code":{"text":"X"},'
        b'"valueQuantity":{"value":1.00,"unit":"mmol/L"},"component":[{"code":{"text":"a"},"valueInteger":-0},'
        b'{"code":{"text":"b"},"valueQuantity":{"value":1.50e-1}}]}'
    )
    async with await world.client() as client:
        assert (await client.put("/Observation/exact", content=sent)).status_code == 201
        answer = await client.patch(
            "/Observation/exact",
            content=b'[{"op":"replace","path":"/status","value":"amended"},'
            b'{"op":"add","path":"/referenceRange","value":[{"low":{"value":0.10}}]}]',
            headers=JSON_PATCH,
        )
        kept = (await client.get("/Observation/exact")).content
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == 'W/"2"'
    assert kept.partition(b"},")[2] == (
        b'"status":"amended","code":{"text":"X"},"valueQuantity":{"value":1.00,"unit":"mmol/L"},'
        b'"component":[{"code":{"text":"a"},"valueInteger":-0},{"code":{"text":"b"},"valueQuantity":{"value":1.50e-1}}],'
        b'"referenceRange":[{"low":{"value":0.10}}]}'
    )


@pytest.mark.parametrize(
    ("operations", "name"),
    [
        (
            [{"op": "add", "path": "/name/-", "value": {"family": "C"}}],
            [{"family": "A"}, {"family": "B"}, {"family": "C"}],
        ),
        (
            [{"op": "add", "path": "/name/0", "value": {"family": "C"}}],
            [{"family": "C"}, {"family": "A"}, {"family": "B"}],
        ),
        ([{"op": "remove", "path": "/name/0"}], [{"family": "B"}]),
        ([{"op": "remove", "path": "/name/0"}, {"op": "remove", "path": "/name/0"}], None),
        ([{"op": "move", "from": "/name/1", "path": "/name/0"}], [{"family": "B"}, {"family": "A"}]),
        ([{"op": "copy", "from": "/name/0", "path": "/name/-"}], [{"family": "A"}, {"family": "B"}, {"family": "A"}]),
        ([{"op": "replace", "path": "/name/0/family", "value": "Å"}], [{"family": "Å"}, {"family": "B"}]),
        (
            [{"op": "test", "path": "/name/0", "value": {"family": "A"}}, {"op": "remove", "path": "/name/1"}],
            [{"family": "A"}],
        ),
    ],
)
async def test_every_operation_of_json_patch_does_what_rfc_6902_says(
    world: World, operations: list[Operation], name: Any
) -> None:
    await stored(world, {"resourceType": "Patient", "id": "ops", "name": [{"family": "A"}, {"family": "B"}]})
    answer = await by_pointer(world, "/Patient/ops", *operations)
    assert answer.status_code == 200, answer.text
    assert answer.json().get("name") == name


async def test_a_pointer_may_name_a_member_with_a_slash_or_a_tilde(world: World) -> None:
    await stored(world, patient("odd", "Odd"))
    answer = await by_pointer(world, "/Patient/odd", {"op": "add", "path": "/a~1b~0c", "value": 1})
    assert answer.status_code == 400
    assert "a/b~c" in answer.text


@pytest.mark.parametrize(
    ("operations", "status", "told"),
    [
        ([{"op": "test", "path": "/birthDate", "value": "1900-01-01"}], 422, "the value there is another"),
        ([{"op": "remove", "path": "/photo"}], 422, "there is nothing at /photo"),
        ([{"op": "replace", "path": "/name/4", "value": {}}], 422, "there is nothing at /name/4"),
        ([{"op": "add", "path": "/name/01", "value": {}}], 422, "no place in an array"),
        ([{"op": "add", "path": "/name/9", "value": {}}], 422, "has 1 elements"),
        ([{"op": "replace", "path": "/id", "value": "other"}], 422, "leaves id as it is"),
        ([{"op": "replace", "path": "/resourceType", "value": "Person"}], 422, "leaves resourceType as it is"),
        ([{"op": "remove", "path": ""}], 422, "whole resource"),
        ([{"op": "replace", "path": "/gender", "value": "both"}], 422, "there is nothing at /gender"),
        ([{"op": "add", "path": "/gender", "value": "both"}], 400, "Patient.gender"),
        ([{"op": "add", "path": "/nam", "value": "x"}], 400, "nam"),
        ([{"op": "add", "path": "/name", "value": []}], 400, "name"),
        ([{"op": "become", "path": "/name"}], 400, "is one of add, remove"),
        ([{"op": "add", "path": "/name"}], 400, "has no “value”"),
        ([{"op": "move", "path": "/name/0/family", "from": "/name"}], 400, "into itself"),
        ([{"op": "add", "path": "name", "value": 1}], 400, "JSON Pointer"),
        ([{"op": "add", "path": "/a~2", "value": 1}], 400, "JSON Pointer"),
    ],
)
async def test_a_json_patch_that_does_not_fit_changes_nothing_and_says_why(
    world: World, operations: list[Operation], status: int, told: str
) -> None:
    await stored(world, patient("misfit", "Misfit"))
    async with await world.client() as client:
        before = await client.get("/Patient/misfit")
    answer = await by_pointer(world, "/Patient/misfit", *operations)
    assert answer.status_code == status, answer.text
    assert told in answer.json()["issue"][0]["diagnostics"] + str(answer.json()["issue"][0].get("expression"))
    async with await world.client() as client:
        assert (await client.get("/Patient/misfit")).content == before.content


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b"{}", b'[{"op":"test","op":"add","path":"/a","value":1}]', b"[" * 5000, b"\xff"]
)
async def test_what_is_no_json_patch_is_refused(world: World, body: bytes) -> None:
    async with await world.client() as client:
        answer = await client.patch("/Patient/kari", content=body, headers=JSON_PATCH)
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"[]", "application/json-patch+json"), (b'{"resourceType":"Parameters"}', "application/fhir+json")],
)
async def test_a_patch_without_operations_leaves_everything_as_it_is(world: World, body: bytes, kind: str) -> None:
    """As HL7's own cases of patches have it ("No Difference")."""
    await stored(world, patient("same", "Same"))
    async with await world.client() as client:
        before = (await client.get("/Patient/same")).json()
        answer = await client.patch("/Patient/same", content=body, headers={"content-type": kind})
    assert answer.status_code == 200, answer.text
    assert {**answer.json(), "meta": None} == {**before, "meta": None}


async def test_a_patch_that_copies_without_end_is_stopped(world: World) -> None:
    await stored(world, patient("grows", "Grows"))
    doubling = [{"op": "copy", "from": "", "path": f"/a{number}"} for number in range(60)]
    assert (await by_pointer(world, "/Patient/grows", *doubling)).status_code == 422


async def test_another_media_type_is_refused_and_says_which_are_taken(world: World) -> None:
    async with await world.client() as client:
        answer = await client.patch("/Patient/kari", content=b"<x/>", headers={"content-type": "application/xml-patch"})
    assert answer.status_code == 415
    assert "application/json-patch+json" in answer.text


# FHIRPath Patch


@pytest.mark.parametrize(
    ("operations", "changed"),
    [
        (
            [operation("add", "Patient", part("name", valueString="gender"), part("value", valueCode="male"))],
            {"gender": "male"},
        ),
        (
            [
                operation(
                    "add", "Patient", part("name", valueString="name"), part("value", valueHumanName={"text": "N"})
                )
            ],
            {"name": [{"family": "A", "given": ["x", "y"]}, {"text": "N"}]},
        ),
        (
            [operation("add", "Patient.name[0]", part("name", valueString="given"), part("value", valueString="z"))],
            {"name": [{"family": "A", "given": ["x", "y", "z"]}]},
        ),
        (
            [
                operation(
                    "add",
                    "Patient",
                    part("name", valueString="contact"),
                    part(
                        "value", part=[part("name", valueHumanName={"text": "c"}), part("gender", valueCode="female")]
                    ),
                )
            ],
            {"contact": [{"name": {"text": "c"}, "gender": "female"}]},
        ),
        (
            [operation("insert", "Patient.name.given", part("index", valueInteger=1), part("value", valueString="m"))],
            {"name": [{"family": "A", "given": ["x", "m", "y"]}]},
        ),
        (
            [
                operation(
                    "add",
                    path,
                    part("name", valueString="extension"),
                    part("value", part=[part("url", valueUri="http://x"), part("value[x]", valueCode="y")]),
                )
                for path in ("Patient.birthDate", "Patient.name.given[1]")
            ],
            {
                "_birthDate": {"extension": [{"url": "http://x", "valueCode": "y"}]},
                "name": [
                    {
                        "family": "A",
                        "given": ["x", "y"],
                        "_given": [None, {"extension": [{"url": "http://x", "valueCode": "y"}]}],
                    }
                ],
            },
        ),
        ([operation("delete", "Patient.name.given[0]")], {"name": [{"family": "A", "given": ["y"]}]}),
        ([operation("delete", "Patient.name.where(family = 'A')")], {"name": None}),
        ([operation("delete", "Patient.photo")], {}),
        ([operation("replace", "Patient.birthDate", part("value", valueDate="1950"))], {"birthDate": "1950"}),
        (
            [operation("replace", "Patient.deceased", part("value", valueDateTime="2020-01-01"))],
            {"deceasedBoolean": None, "deceasedDateTime": "2020-01-01"},
        ),
        (
            [
                operation(
                    "move", "Patient.name.given", part("source", valueInteger=1), part("destination", valueInteger=0)
                )
            ],
            {"name": [{"family": "A", "given": ["y", "x"]}]},
        ),
        (
            [
                operation(
                    "add", "Patient", part("name", valueString="name"), part("value", valueHumanName={"text": "N"})
                ),
                operation("replace", "Patient.name[1].text", part("value", valueString="M")),
            ],
            {"name": [{"family": "A", "given": ["x", "y"]}, {"text": "M"}]},
        ),
    ],
)
async def test_every_operation_of_fhirpath_patch_does_what_fhir_says(
    world: World, operations: list[Operation], changed: dict[str, Any]
) -> None:
    before = {
        "resourceType": "Patient",
        "id": "path",
        "name": [{"family": "A", "given": ["x", "y"]}],
        "birthDate": "1948-03-11",
        "deceasedBoolean": False,
    }
    await stored(world, before)
    answer = await by_path(world, "/Patient/path", *operations)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    del told["meta"]
    assert told == {name: value for name, value in {**before, **changed}.items() if value is not None}


async def test_what_stands_beside_a_primitive_follows_it(world: World) -> None:
    beside = {"extension": [{"url": "http://x", "valueCode": "b"}]}
    name = {"given": ["a", "b"], "_given": [None, beside]}
    await stored(world, {"resourceType": "Patient", "id": "beside", "name": [name]})
    moved = [part("source", valueInteger=1), part("destination", valueInteger=0)]
    answer = await by_path(world, "/Patient/beside", operation("move", "Patient.name.given", *moved))
    assert answer.json()["name"] == [{"given": ["b", "a"], "_given": [beside, None]}]
    answer = await by_path(world, "/Patient/beside", operation("delete", "Patient.name.given[0]"))
    assert answer.json()["name"] == [{"given": ["a"]}]


@pytest.mark.parametrize(
    ("made", "status", "told"),
    [
        (operation("replace", "Patient.photo", part("value", valueString="x")), 422, "finds no elements"),
        (operation("delete", "Patient.name"), 422, "finds 2 elements"),
        (operation("delete", "Patient"), 422, "whole resource"),
        (
            operation("add", "Patient", part("name", valueString="nam"), part("value", valueString="x")),
            422,
            "no element",
        ),
        (
            operation("add", "Patient", part("name", valueString="birthDate"), part("value", valueDate="1950")),
            422,
            "is there already",
        ),
        (
            operation(
                "insert", "Patient.name", part("index", valueInteger=9), part("value", valueHumanName={"text": "x"})
            ),
            422,
            "no place 9",
        ),
        (operation("replace", "Patient.nam", part("value", valueString="x")), 400, "no element “nam”"),
        (operation("replace", "Patient.name[", part("value", valueString="x")), 400, "ends too early"),
        (operation("replace", "'x'", part("value", valueString="x")), 422, "no element of the resource"),
        (operation("replace", "Patient.birthDate"), 400, "no part called “value”"),
        (operation("become", "Patient"), 400, "is one of add, insert"),
        (operation("delete", "Patient", part("value", valueString="x")), 400, "does not take the part “value”"),
        (part("op"), 400, "operation"),
        (operation("replace", "Patient.birthDate", part("value", valueString="yesterday")), 400, "Patient.birthDate"),
        (operation("replace", "Patient.id", part("value", valueId="other")), 422, "leaves id"),
    ],
)
async def test_a_fhirpath_patch_that_does_not_fit_says_why(
    world: World, made: Operation, status: int, told: str
) -> None:
    await stored(world, {**patient("unfit", "A"), "name": [{"family": "A"}, {"family": "B"}]})
    answer = await by_path(world, "/Patient/unfit", made)
    assert answer.status_code == status, answer.text
    assert told in answer.text


async def test_a_fhirpath_patch_comes_as_xml_too(world: World) -> None:
    await stored(world, patient("as-xml", "A"))
    made = parameters(operation("replace", "Patient.birthDate", part("value", valueDate="1951")))
    body = xml.write(json.dumps(made).encode())
    async with await world.client() as client:
        headers = {"content-type": "application/fhir+xml", "accept": "application/fhir+xml"}
        answer = await client.patch("/Patient/as-xml", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert '<birthDate value="1951"/>' in answer.text


# What holds for both


async def test_a_patch_is_a_version_in_the_history_the_log_and_the_feed(world: World) -> None:
    await stored(world, observation("kari") | {"id": "logged"})
    fed = "SELECT count(*) FROM store.feed WHERE id = 'logged'"
    feed = await world.pool.fetchval(fed)
    await by_pointer(world, "/Observation/logged", {"op": "replace", "path": "/status", "value": "amended"})
    async with await world.client() as client:
        history = (await client.get("/Observation/logged/_history")).json()
    assert await world.pool.fetchval(fed) == feed + 1
    looks = await world.pool.fetch("SELECT action FROM audit.look WHERE shown = 'Observation/logged' ORDER BY at, id")
    assert history["total"] == 2
    assert [row["action"] for row in looks][-3:-1] == ["read", "update"]


async def test_a_patch_is_found_by_what_it_changed(world: World) -> None:
    await stored(world, patient("found", "Before"))
    await by_pointer(world, "/Patient/found", {"op": "replace", "path": "/name/0/family", "value": "Etterpå"})
    async with await world.client() as client:
        assert (await client.get("/Patient?_id=found&family=etterpå&_summary=count")).json()["total"] == 1
        assert (await client.get("/Patient?_id=found&family=before&_summary=count")).json()["total"] == 0


async def test_if_match_is_heeded(world: World) -> None:
    await stored(world, patient("match", "Match"))
    change = {"op": "replace", "path": "/birthDate", "value": "1950"}
    assert (await by_pointer(world, "/Patient/match", change, **{"if-match": 'W/"7"'})).status_code == 412
    assert (await by_pointer(world, "/Patient/match", change, **{"if-match": 'W/"1"'})).status_code == 200


async def test_what_is_absent_or_deleted_is_not_patched(world: World) -> None:
    change = {"op": "replace", "path": "/birthDate", "value": "1950"}
    assert (await by_pointer(world, "/Patient/nobody", change)).status_code == 404
    await stored(world, patient("gone", "Gone"))
    async with await world.client() as client:
        await client.delete("/Patient/gone")
    assert (await by_pointer(world, "/Patient/gone", change)).status_code == 410


async def test_twelve_who_patch_at_once_all_get_theirs_in(world: World) -> None:
    await stored(world, patient("raced", "Raced"))
    statuses: list[int] = []

    async def add(number: int) -> None:
        while True:
            made = {"op": "add", "path": "/name/-", "value": {"text": f"name {number}"}}
            answer = await by_pointer(world, "/Patient/raced", made)
            statuses.append(answer.status_code)
            if answer.status_code != 409:
                return

    async with anyio.create_task_group() as group:
        for number in range(12):
            group.start_soon(add, number)
    assert set(statuses) <= {200, 409}
    async with await world.client() as client:
        names = {name.get("text") for name in (await client.get("/Patient/raced")).json()["name"]}
    assert {f"name {number}" for number in range(12)} <= names


async def test_a_conditional_patch_goes_to_the_one_that_fits(world: World) -> None:
    await stored(world, {**patient("cond", "Cond"), "identifier": [{"system": "urn:c", "value": "1"}]})
    await stored(world, {**patient("cond2", "Cond"), "identifier": [{"system": "urn:c", "value": "2"}]})
    change = {"op": "replace", "path": "/birthDate", "value": "1950"}
    answer = await by_pointer(world, "/Patient?identifier=urn:c|1", change)
    assert (answer.status_code, answer.json()["id"]) == (200, "cond")
    assert (await by_pointer(world, "/Patient?identifier=urn:c|9", change)).status_code == 404
    assert (await by_pointer(world, "/Patient?identifier=urn:c|", change)).status_code == 412
    assert (await by_pointer(world, "/Patient", change)).status_code == 400


def binary(*operations: Operation) -> dict[str, Any]:
    data = base64.b64encode(json.dumps(operations).encode()).decode()
    return {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}


@pytest.mark.parametrize("kind", ["batch", "transaction"])
async def test_both_kinds_of_patch_are_entries_of_bundles(world: World, kind: str) -> None:
    await stored(world, patient(f"{kind}-1", "One"))
    await stored(world, patient(f"{kind}-2", "Two"))
    change = operation("replace", "Patient.birthDate", part("value", valueDate="1952"))
    entries = [
        {
            "resource": binary({"op": "replace", "path": "/birthDate", "value": "1951"}),
            "request": {"method": "PATCH", "url": f"Patient/{kind}-1"},
        },
        {"resource": parameters(change), "request": {"method": "PATCH", "url": f"Patient?_id={kind}-2"}},
    ]
    async with await world.client() as client:
        answer = await client.post("", json={"resourceType": "Bundle", "type": kind, "entry": entries})
        assert answer.status_code == 200, answer.text
        assert [one["response"]["status"] for one in answer.json()["entry"]] == ["200 OK", "200 OK"]
        dates = [(await client.get(f"/Patient/{kind}-{number}")).json()["birthDate"] for number in (1, 2)]
    assert dates == ["1951", "1952"]


async def test_a_transaction_with_a_patch_that_does_not_fit_changes_nothing_and_names_the_entry(world: World) -> None:
    await stored(world, patient("whole", "Whole"))
    entries = [
        {"resource": patient("whole-new", "New"), "request": {"method": "PUT", "url": "Patient/whole-new"}},
        {
            "resource": binary({"op": "remove", "path": "/photo"}),
            "request": {"method": "PATCH", "url": "Patient/whole"},
        },
    ]
    async with await world.client() as client:
        answer = await client.post("", json={"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert answer.status_code == 422
        assert "Bundle.entry[1]" in answer.text
        assert (await client.get("/Patient/whole-new")).status_code == 404


async def test_a_patch_in_a_bundle_may_refer_to_another_entry(world: World) -> None:
    await stored(world, observation("kari") | {"id": "refers"})
    urn = "urn:uuid:33333333-3333-4333-8333-333333333333"
    entries = [
        {
            "fullUrl": urn,
            "resource": {"resourceType": "Practitioner", "name": [{"family": "P"}]},
            "request": {"method": "POST", "url": "Practitioner"},
        },
        {
            "resource": binary({"op": "add", "path": "/performer", "value": [{"reference": urn}]}),
            "request": {"method": "PATCH", "url": "Observation/refers"},
        },
    ]
    async with await world.client() as client:
        answer = await client.post("", json={"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert answer.status_code == 200, answer.text
        made = (
            answer.json()["entry"][0]["response"]["location"].partition("/_history")[0].rpartition("Practitioner/")[2]
        )
        performer = (await client.get("/Observation/refers")).json()["performer"]
    assert performer == [{"reference": f"Practitioner/{made}"}]


async def test_an_address_of_ours_in_a_patch_becomes_a_literal(world: World) -> None:
    await stored(world, observation("kari") | {"id": "literal"})
    value = [{"reference": "http://test/fhir/Practitioner/7"}]
    answer = await by_pointer(world, "/Observation/literal", {"op": "add", "path": "/performer", "value": value})
    assert answer.json()["performer"] == [{"reference": "Practitioner/7"}]


async def test_somebody_without_a_relation_cannot_patch_and_learns_nothing(world: World) -> None:
    await stored(world, observation("ola") | {"id": "olas"})
    asked = [{"op": "test", "path": "/status", "value": "final"}]
    async with await world.client("doctor") as client:
        right = await client.patch("/Observation/olas", content=json.dumps(asked), headers=JSON_PATCH)
        asked[0]["value"] = "amended"
        wrong = await client.patch("/Observation/olas", content=json.dumps(asked), headers=JSON_PATCH)
        nothing = await client.patch("/Observation/nothing", content=json.dumps(asked), headers=JSON_PATCH)
    assert right.status_code == wrong.status_code == nothing.status_code == 404
    assert right.json()["issue"] == wrong.json()["issue"]


async def test_who_may_write_but_not_read_cannot_patch(world: World) -> None:
    async with await world.client(scope="system/Patient.u") as client:
        asked = [{"op": "test", "path": "/birthDate", "value": "1948-03-11"}]
        answer = await client.patch("/Patient/kari", content=json.dumps(asked), headers=JSON_PATCH)
    assert answer.status_code == 403


async def test_a_protected_address_cannot_be_patched_or_asked_for_by_who_does_not_see_it(world: World) -> None:
    texts = set()
    async with await world.client(scope="system/*.*") as client:
        for city in ("Hemmelig", "Oslo"):
            asked = [{"op": "test", "path": "/address/0/city", "value": city}]
            answer = await client.patch("/Patient/elias", content=json.dumps(asked), headers=JSON_PATCH)
            assert answer.status_code == 403
            texts.add(answer.json()["issue"][0]["diagnostics"])
    assert len(texts) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"op": "add", "path": "/meta/security", "value": [{"system": CONFIDENTIALITY, "code": "R"}]},
        {"op": "add", "path": "/link", "value": [{"other": {"reference": "Patient/ola"}, "type": "seealso"}]},
    ],
)
async def test_people_do_not_change_labels_or_links_by_a_patch(world: World, change: Operation) -> None:
    async with await world.client("doctor") as client:
        fine = {"op": "add", "path": "/gender", "value": "female"}
        allowed = await client.patch("/Patient/kari", content=json.dumps([fine]), headers=JSON_PATCH)
        answer = await client.patch("/Patient/kari", content=json.dumps([fine, change]), headers=JSON_PATCH)
    assert allowed.status_code == 200, allowed.text
    assert answer.status_code == 403, answer.text


async def test_a_patch_does_not_move_a_resource_to_another_patient(world: World) -> None:
    await stored(world, observation("kari") | {"id": "stays"})
    change = {"op": "replace", "path": "/subject/reference", "value": "Patient/ola"}
    assert (await by_pointer(world, "/Observation/stays", change)).status_code == 422
