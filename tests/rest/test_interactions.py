"""The interactions over HTTP, as a client sees them. hl7.org/fhir/R4/http.html"""

from __future__ import annotations

import json

import pytest

from world import World, observation, patient, stay

pytestmark = pytest.mark.anyio


async def test_create_read_update_history_delete(world: World) -> None:
    async with await world.client() as client:
        made = await client.post("/Observation", json=observation("kari", value=72))
        assert made.status_code == 201
        assert made.headers["etag"] == 'W/"1"'
        where = made.headers["location"].removeprefix("http://test/fhir").partition("/_history")[0]
        body = made.json()
        assert body["meta"]["versionId"] == "1"

        body["valueQuantity"]["value"] = 80
        changed = await client.put(where, json=body, headers={"if-match": 'W/"1"'})
        assert (changed.status_code, changed.headers["etag"]) == (200, 'W/"2"')
        stale = await client.put(where, json=body, headers={"if-match": 'W/"1"'})
        assert stale.status_code == 412

        first = await client.get(f"{where}/_history/1")
        assert first.json()["valueQuantity"]["value"] == 72
        unchanged = await client.get(where, headers={"if-none-match": 'W/"2"'})
        assert (unchanged.status_code, unchanged.content) == (304, b"")

        assert (await client.delete(where)).status_code == 204
        assert (await client.get(where)).status_code == 410
        history = (await client.get(f"{where}/_history")).json()
        assert history["total"] == 3
        assert [entry["request"]["method"] for entry in history["entry"]] == ["DELETE", "PUT", "POST"]
        assert (await client.get(f"{where}/_history/3")).status_code == 410
        assert (await client.get(f"{where}/_history/9")).status_code == 404


async def test_bytes_come_back_as_they_were_sent(world: World) -> None:
    sent = (
        '{ "resourceType":"Observation", "status":"final", "code":{"text":"Vekt \\u00e6 \\" ,"},\n'
        ' "subject":{"reference":"Patient/kari"}, "valueQuantity":{"value":1.00,"unit":"kg"}}'
    )
    async with await world.client() as client:
        made = await client.post("/Observation", content=sent.encode())
        assert made.status_code == 201, made.text
        assert '"value":1.00' in made.text
        assert '"text":"Vekt \\u00e6 \\" ,"' in made.text
        again = await client.get(f"/Observation/{made.json()['id']}")
        assert again.content == made.content


@pytest.mark.parametrize("several", ["return=minimal", "handling=strict, return=minimal", "return=minimal; x=1"])
async def test_prefer_minimal_answers_without_a_body(world: World, several: str) -> None:
    async with await world.client() as client:
        made = await client.post("/Observation", json=observation("kari"), headers={"prefer": several})
    assert (made.status_code, made.content) == (201, b"")
    assert made.headers["location"]


async def test_a_put_to_a_new_id_creates_it(world: World) -> None:
    async with await world.client() as client:
        body = {**observation("kari"), "id": "by-me"}
        assert (await client.put("/Observation/by-me", json=body)).status_code == 201
        assert (await client.put("/Observation/by-me", json=body)).status_code == 200


async def test_the_subject_of_a_stored_resource_does_not_change(world: World) -> None:
    async with await world.client() as client:
        await client.put("/Observation/whose", json={**observation("kari"), "id": "whose"})
        moved = await client.put("/Observation/whose", json={**observation("ola"), "id": "whose"})
    assert moved.status_code == 422
    assert "lives under another patient" in moved.text


async def test_head_is_get_without_the_body(world: World) -> None:
    async with await world.client() as client:
        answer = await client.head("/Patient/kari")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 100


async def test_metadata_says_what_is_implemented(world: World) -> None:
    async with world.anonymous() as client:
        statement = (await client.get("/metadata")).json()
    rest = statement["rest"][0]
    types = {one["type"]: one for one in rest["resource"]}
    assert len(types) > 140
    codes = {one["code"] for one in types["Observation"]["interaction"]}
    assert codes == {
        "read",
        "vread",
        "update",
        "patch",
        "delete",
        "history-instance",
        "history-type",
        "create",
        "search-type",
    }
    assert {one["code"] for one in rest["interaction"]} == {"batch", "transaction", "history-system", "search-system"}
    assert types["Observation"]["conditionalCreate"] is True
    assert types["Observation"]["conditionalDelete"] == "multiple"
    (code,) = (one for one in types["Observation"]["searchParam"] if one["name"] == "code")
    assert code["type"] == "token"


async def test_every_parameter_that_is_named_can_be_searched(world: World) -> None:
    values = {"token": "x", "reference": "Patient/x", "date": "2020", "string": "x", "uri": "http://x"}
    values |= {"number": "1", "quantity": "1", "special": "63.4|10.4|1|km"}  # Composites are made of these.
    async with world.anonymous() as client:
        statement = (await client.get("/metadata")).json()
    async with await world.client() as client:
        for resource in statement["rest"][0]["resource"]:
            known = [one for one in resource.get("searchParam", []) if one["type"] in values]
            query = "&".join(f"{one['name']}={values[one['type']]}" for one in known)
            answer = await client.get(f"/{resource['type']}?{query}")
            assert answer.status_code == 200, (resource["type"], answer.text)


async def test_a_transaction_is_all_or_nothing(world: World) -> None:
    good = {"resource": observation("kari"), "request": {"method": "POST", "url": "Observation"}}
    bad = {
        "resource": {**observation("kari"), "status": "finished"},
        "request": {"method": "POST", "url": "Observation"},
    }
    async with await world.client() as client:
        before = (await client.get("/Observation?_summary=count")).json()["total"]
        answer = await client.post("", json={"resourceType": "Bundle", "type": "transaction", "entry": [good, bad]})
        assert answer.status_code == 400
        assert "entry[1]" in answer.text
        assert (await client.get("/Observation?_summary=count")).json()["total"] == before


async def test_a_transaction_resolves_its_references_in_any_order(world: World) -> None:
    one, two = (
        "urn:uuid:6f9c1f6c-7a1e-4c0b-9b51-000000000001",
        "urn:uuid:6f9c1f6c-7a1e-4c0b-9b51-000000000002",
    )
    about = {**observation("kari"), "subject": {"reference": one}, "encounter": {"reference": two}}
    met = {**stay("x", "x"), "subject": {"reference": one}}
    met.pop("id")
    entries = [
        {"resource": about, "request": {"method": "POST", "url": "Observation"}},
        {"fullUrl": two, "resource": met, "request": {"method": "POST", "url": "Encounter"}},
        {
            "fullUrl": one,
            "resource": {"resourceType": "Patient", "name": [{"family": "Ny"}]},
            "request": {"method": "POST", "url": "Patient"},
        },
    ]
    async with await world.client() as client:
        answer = await client.post("", json={"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert answer.status_code == 200, answer.text
        made = [
            entry["response"]["location"].split("/fhir/")[1].split("/_history")[0] for entry in answer.json()["entry"]
        ]
        stored = (await client.get(f"/{made[0]}")).json()
    assert stored["subject"]["reference"] == made[2]
    assert stored["encounter"]["reference"] == made[1]


async def test_a_reference_to_no_entry_is_refused(world: World) -> None:
    entry = {
        "resource": {**observation("kari"), "encounter": {"reference": "urn:uuid:none"}},
        "request": {"method": "POST", "url": "Observation"},
    }
    async with await world.client() as client:
        answer = await client.post("", json={"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    assert answer.status_code == 400
    assert "urn:uuid:none" in answer.text


async def test_a_search_by_our_own_address_is_a_search_by_id(world: World) -> None:
    async with await world.client() as client:
        await client.post("/Observation", json=observation("kari"))
        short = (await client.get("/Observation?subject=Patient/kari&_summary=count")).json()["total"]
        long = (await client.get("/Observation?subject=http://test/fhir/Patient/kari&_summary=count")).json()["total"]
    assert short == long > 0


async def test_one_criterion_twice_in_a_transaction_is_refused(world: World) -> None:
    request = {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=urn:x|once"}
    person = {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "once"}]}
    async with await world.client() as client:
        two = {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": person, "request": request}] * 2}
        assert (await client.post("", json=two)).status_code == 400
        one = {**two, "entry": two["entry"][:1]}
        assert [(await client.post("", json=one)).status_code for _ in range(2)] == [200, 200]
        assert (await client.get("/Patient?identifier=urn:x|once&_summary=count")).json()["total"] == 1


async def test_a_batch_answers_each_entry_for_itself(world: World) -> None:
    entries = [
        {"request": {"method": "GET", "url": "Patient/kari"}},
        {"request": {"method": "GET", "url": "Patient/none"}},
        {"request": {"method": "GET", "url": "Patient?name=nordmann"}},
        {"resource": observation("kari"), "request": {"method": "POST", "url": "Observation"}},
        {"resource": {"resourceType": "Observation"}, "request": {"method": "POST", "url": "Observation"}},
    ]
    async with await world.client() as client:
        answer = await client.post("", json={"resourceType": "Bundle", "type": "batch", "entry": entries})
    statuses = [entry["response"]["status"][:3] for entry in answer.json()["entry"]]
    assert statuses == ["200", "404", "200", "201", "400"]
    assert answer.json()["entry"][2]["resource"]["type"] == "searchset"


async def test_two_writers_of_one_version_make_one_winner(world: World) -> None:
    import anyio

    await world.put({**observation("kari"), "id": "raced"})
    results: list[int] = []

    async def write() -> None:
        async with await world.client() as client:
            body = {**observation("kari"), "id": "raced"}
            answer = await client.put("/Observation/raced", json=body, headers={"if-match": 'W/"1"'})
            results.append(answer.status_code)

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(write)
    assert sorted(results) == [200] + [412] * 7


async def test_many_who_create_the_same_id_lose_nothing(world: World) -> None:
    import anyio

    results: list[int] = []

    async def write() -> None:
        async with await world.client() as client:
            answer = await client.put("/Observation/once", json={**observation("kari"), "id": "once"})
            results.append(answer.status_code)

    async with anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(write)
    done = [status for status in results if status in (200, 201)]
    async with await world.client() as client:
        assert (await client.get("/Observation/once/_history")).json()["total"] == len(done)
    assert results.count(201) == 1
    assert set(results) <= {200, 201, 409}


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"", {}, 400),
        (b"[]", {}, 400),
        (b'{"resourceType":"Patient","id":"a","id":"b"}', {}, 400),
        (b'{"resourceType":"Observation"}', {}, 400),
        (b'{"resourceType":"Patient","nam":[]}', {}, 400),
        (b'{"resourceType":"Patient","birthDate":"2026-02-30"}', {}, 400),
        (b'{"resourceType":"Patient","active":"yes"}', {}, 400),
        (b'{"resourceType":"Patient","text":NaN}', {}, 400),
        (b'{"resourceType":"Patient","name":[{"family":"\xff"}]}', {}, 400),
        (b'{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}', {}, 400),
        (b'{"resourceType":"Patient","extension":' + b"[" * 500 + b"]" * 500 + b"}", {}, 400),
        (b'{"resourceType":"Patient","name":[{"family":"a\\u0001b"}]}', {}, 400),
        (b"{}", {"content-type": "application/fhir+json; charset=utf-16"}, 415),
        (b'{"resourceType":"Patient","name":[' + b"{}," * 1_100_000 + b"{}]}", {}, 413),
        (b"<Patient/>", {"content-type": "application/fhir+xml"}, 400),
        (b"{}", {"content-type": "text/plain"}, 415),
        (b'{"resourceType":"Observation","status":"final","code":{"text":"x"}}', {}, 400),
    ],
)
async def test_rubbish_gets_a_clear_4xx_and_is_not_stored(
    world: World, content: bytes, headers: dict[str, str], status: int
) -> None:
    async with await world.client() as client:
        answer = await client.post("/Patient", content=content, headers=headers)
        assert answer.status_code == status, answer.text
        issue = answer.json()["issue"][0]
        assert issue["severity"] == "error"
        assert len(issue["diagnostics"]) > 10


async def test_a_body_over_the_limit_is_refused_before_it_is_read(world: World) -> None:
    async with await world.client() as client:
        answer = await client.post("/Patient", content=b" " * (50 * 1024 * 1024))
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/Patient?nam=x", 400),
        ("/Patient?name:foo=x", 400),
        ("/Patient?birthdate=yesterday", 400),
        ("/Patient?birthdate=99999-01-01", 400),
        ("/Patient?_count=-1", 400),
        ("/Patient?_count=abc", 400),
        ("/Patient?_count=999999999999999999999", 400),
        ("/Patient?_sort=nothing", 400),
        ("/Patient?_include=Nothing:x", 400),
        ("/Patient?_cursor=AAAA", 400),
        ("/Patient?name=", 400),
        ("/Patient?_total=all", 400),
        ("/Patient?_count=1&_count=2", 400),
        ("/Observation?subject=Patient/", 400),
        ("/Nothing", 404),
        ("/Nothing/1", 404),
        ("/Patient/1/2/3/4", 404),
        ("/Patient/" + "a" * 65, 404),
        ("/Patient/a%20b", 404),
        ("/Patient/kari/_history/x", 404),
        ("/Patient/kari/_history/99999999999", 404),
        ("/Patient/kari?foo=1", 400),
        ("/Patient?_format=turtle", 406),
        ("/Patient?name=" + "x" * 20000, 413),
        ("/Patient?name=%00", 400),
        ("/Patient?name=%ff", 400),
        ("/Patient?" + "&".join(f"name=a{n}" for n in range(300)), 400),
    ],
)
async def test_a_request_that_cannot_be_is_told_what_is_wrong(world: World, path: str, status: int) -> None:
    async with await world.client() as client:
        answer = await client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("text", ["' OR 1=1 --", "'); DROP TABLE store.current; --", "%", "_", "\\", "$1", "a|b|c"])
async def test_sql_in_a_parameter_is_only_text(world: World, text: str) -> None:
    async with await world.client() as client:
        for name in (
            "name",
            "name:contains",
            "name:exact",
            "identifier",
            "_id",
            "general-practitioner",
            "_tag",
        ):
            answer = await client.get("/Patient", params={name: text})
            assert answer.status_code == 200, (name, answer.text)
            assert answer.json().get("entry", []) == [], name
        assert (await client.get("/Patient?_summary=count")).json()["total"] >= 3


async def test_a_method_that_is_not_there_says_which_are(world: World) -> None:
    async with await world.client() as client:
        answer = await client.post("/Patient/kari", json={})
    assert answer.status_code == 405
    assert "DELETE, GET, PATCH, PUT" in answer.text


async def test_an_answer_is_never_kept_by_a_cache(world: World) -> None:
    async with await world.client() as client:
        assert (await client.get("/Patient/kari")).headers["cache-control"] == "no-store"


async def test_pages_are_stable_while_others_write(world: World) -> None:
    await world.put(patient("paged", "Paged"))
    for number in range(12):
        made = observation("paged", value=number, at=f"2026-11-{number + 1:02}T08:00:00Z")
        await world.put({**made, "id": f"paged-{number:02}"})
    seen: list[str] = []
    async with await world.client() as client:
        url: str | None = "/Observation?patient=paged&_sort=-date&_count=5"
        while url:
            bundle = (await client.get(url)).json()
            seen += [entry["resource"]["id"] for entry in bundle["entry"]]
            await world.make(observation("paged", at="2026-11-20T08:00:00Z"))
            following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
            url = following[0].removeprefix("http://test/fhir") if following else None
    assert seen == [f"paged-{number:02}" for number in reversed(range(12))]


def test_the_issue_names_the_element() -> None:
    from samjournal.fhir.structure import check

    (issue,) = check(json.loads('{"resourceType":"Patient","gender":"man"}'))
    assert "gender" in (issue.path or "")


async def test_an_absolute_reference_to_this_server_is_a_reference_to_the_patient(world: World) -> None:
    sent = {**observation("kari"), "subject": {"reference": "http://test/fhir/Patient/kari"}}
    async with await world.client("nurse") as client:
        made = await client.post("/Observation", json=sent)
        assert made.status_code == 201, made.text
        assert made.json()["subject"]["reference"] == "Patient/kari"
    async with await world.client("homenurse") as client:
        assert (await client.post("/Observation", json=sent)).status_code == 403
        assert (await client.get(f"/Observation/{made.json()['id']}")).status_code == 404
