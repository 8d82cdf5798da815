"""Conditional create, update and delete, alone and in Bundles. hl7.org/fhir/R4/http.html#ccreate"""

from __future__ import annotations

from collections import Counter
from typing import Any

import anyio
import pytest

from world import World, observation, patient

pytestmark = pytest.mark.anyio
MRN = "urn:mrn"


def person(value: str, family: str = "Ny", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": MRN, "value": value}],
        "name": [{"family": family}],
        **more,
    }


def bundle(*entries: dict[str, Any], kind: str = "transaction") -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


async def total(world: World, query: str) -> int:
    async with await world.client() as client:
        answer = await client.get(f"/{query}&_summary=count")
        assert answer.status_code == 200, answer.text
        return int(answer.json()["total"])


async def test_a_conditional_create_finds_what_is_there(world: World) -> None:
    async with await world.client() as client:
        header = {"if-none-exist": f"identifier={MRN}|create"}
        first = await client.post("/Patient", json=person("create"), headers=header)
        again = await client.post("/Patient", json=person("create", "Other"), headers=header)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["etag"] == 'W/"1"'


async def test_a_conditional_create_that_fits_several_is_refused(world: World) -> None:
    async with await world.client() as client:
        for _ in range(2):
            await client.post("/Patient", json=person("several"))
        header = {"if-none-exist": f"identifier={MRN}|several"}
        answer = await client.post("/Patient", json=person("several"), headers=header)
    assert answer.status_code == 412
    assert "More than one fits" in answer.text


async def test_the_address_may_stand_before_a_criterion_as_hapis_client_sends_it(world: World) -> None:
    base = "http://record.example/fhir/Patient?_format=json&"
    async with await world.client() as client:
        first = await client.post(
            "/Patient", json=person("hapi?x"), headers={"if-none-exist": f"identifier={MRN}|hapi?x"}
        )
        for before in (base, "Patient?", "?", "/Patient?"):
            again = await client.post(
                "/Patient", json=person("hapi?x"), headers={"if-none-exist": f"{before}identifier={MRN}%7Chapi?x"}
            )
            assert (again.status_code, again.json().get("id")) == (200, first.json()["id"]), again.text
        other = await client.post("/Patient", json=person("hapi?x"), headers={"if-none-exist": "Observation?code=x"})
        bare = await client.post("/Patient", json=person("hapi?x"), headers={"if-none-exist": "Patient?_format=json"})
    assert (other.status_code, bare.status_code) == (400, 400)


@pytest.mark.parametrize("criterion", ["", "_count=1", "_sort=name", "nonsense=1", "identifier="])
async def test_what_is_no_criterion_is_refused(world: World, criterion: str) -> None:
    async with await world.client() as client:
        made = await client.post("/Patient", json=person("none"), headers={"if-none-exist": criterion})
        put = await client.put(f"/Patient?{criterion}", json=person("none"))
        deleted = await client.delete(f"/Patient?{criterion}")
    assert [made.status_code, put.status_code, deleted.status_code] == [400, 400, 400]


async def test_eight_who_create_by_one_criterion_at_once_make_one(world: World) -> None:
    header = {"if-none-exist": f"identifier={MRN}|raced"}
    answers: Counter[int] = Counter()

    async def create() -> None:
        async with await world.client() as client:
            answers[(await client.post("/Patient", json=person("raced"), headers=header)).status_code] += 1

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(create)
    assert answers == {201: 1, 200: 7}
    assert await total(world, f"Patient?identifier={MRN}|raced") == 1


async def test_eight_bundles_with_one_criterion_at_once_make_one(world: World) -> None:
    sent = bundle(
        {
            "fullUrl": "urn:uuid:11111111-1111-4111-8111-111111111111",
            "resource": person("raced-bundle"),
            "request": {"method": "POST", "url": "Patient", "ifNoneExist": f"identifier={MRN}|raced-bundle"},
        },
        {
            "resource": {
                **observation("x"),
                "subject": {"reference": "urn:uuid:11111111-1111-4111-8111-111111111111"},
            },
            "request": {"method": "POST", "url": "Observation"},
        },
    )
    statuses: Counter[str] = Counter()

    async def send() -> None:
        async with await world.client() as client:
            answer = await client.post("", json=sent)
            assert answer.status_code == 200, answer.text
            statuses[answer.json()["entry"][0]["response"]["status"]] += 1

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(send)
    assert statuses == {"201 Created": 1, "200 OK": 7}
    assert await total(world, f"Patient?identifier={MRN}|raced-bundle") == 1
    async with await world.client() as client:
        (one,) = (await client.get(f"/Patient?identifier={MRN}|raced-bundle")).json()["entry"]
    assert await total(world, f"Observation?subject=Patient/{one['resource']['id']}") == 8


async def test_eight_who_update_by_one_criterion_at_once_make_one_with_eight_versions(world: World) -> None:
    answers: Counter[int] = Counter()

    async def update() -> None:
        async with await world.client() as client:
            answer = await client.put(f"/Patient?identifier={MRN}|raced-update", json=person("raced-update"))
            answers[answer.status_code] += 1

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(update)
    assert answers == {201: 1, 200: 7}
    async with await world.client() as client:
        (one,) = (await client.get(f"/Patient?identifier={MRN}|raced-update")).json()["entry"]
        history = (await client.get(f"/Patient/{one['resource']['id']}/_history")).json()
    assert history["total"] == 8


async def test_bundles_with_the_same_criteria_in_other_order_and_form_do_not_lock_each_other_out(world: World) -> None:
    def entry(value: str, criterion: str) -> dict[str, Any]:
        return {
            "resource": person(value, active=True),
            "request": {"method": "POST", "url": "Patient", "ifNoneExist": criterion},
        }

    one = [entry("order-1", f"identifier={MRN}|order-1&active=true"), entry("order-2", f"identifier={MRN}|order-2")]
    two = [entry("order-2", f"identifier={MRN}%7Corder-2"), entry("order-1", f"active=true&identifier={MRN}|order-1")]
    answers: Counter[int] = Counter()

    async def send(*entries: dict[str, Any]) -> None:
        async with await world.client() as client:
            answers[(await client.post("", json=bundle(*entries))).status_code] += 1

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(send, *one)
            group.start_soon(send, *two)
    assert answers == {200: 8}
    assert await total(world, f"Patient?identifier={MRN}|order-1,{MRN}|order-2") == 2


async def test_a_criterion_may_name_its_type_and_our_own_address(world: World) -> None:
    async with await world.client() as client:
        header = {"if-none-exist": "Observation?subject=http://test/fhir/Patient/ola&code=once"}
        sent = {**observation("ola", code="once")}
        statuses = [(await client.post("/Observation", json=sent, headers=header)).status_code for _ in range(2)]
        url = "Observation?subject=Patient/ola&code=once"
        entry = {"resource": sent, "request": {"method": "PUT", "url": f"http://test/fhir/{url}"}}
        answer = await client.post("", json=bundle(entry))
    assert statuses == [201, 200]
    assert answer.json()["entry"][0]["response"]["status"] == "200 OK"


async def test_reads_in_a_bundle_heed_what_the_client_has(world: World) -> None:
    stored = await world.make(observation("kari"))
    at = stored.at.isoformat().replace("+00:00", "Z")
    entries = [
        {"request": {"method": "GET", "url": stored.reference, "ifNoneMatch": 'W/"1"'}},
        {"request": {"method": "GET", "url": stored.reference, "ifModifiedSince": at}},
        {"request": {"method": "GET", "url": stored.reference, "ifModifiedSince": "2001-01-01T00:00:00Z"}},
    ]
    async with await world.client() as client:
        answer = await client.post("", json=bundle(*entries, kind="batch"))
    assert [entry["response"]["status"][:3] for entry in answer.json()["entry"]] == ["304", "304", "200"]
    assert ["resource" in entry for entry in answer.json()["entry"]] == [False, False, True]


async def test_a_conditional_update_creates_then_changes(world: World) -> None:
    async with await world.client() as client:
        url = f"/Patient?identifier={MRN}|update"
        made = await client.put(url, json=person("update"))
        changed = await client.put(url, json=person("update", "Changed"))
        stale = await client.put(url, json=person("update"), headers={"if-match": 'W/"1"'})
        wrong = await client.put(url, json=person("update", id="another"))
        right = await client.put(url, json=person("update", id=made.json()["id"]))
    assert [made.status_code, changed.status_code, stale.status_code] == [201, 200, 412]
    assert changed.json()["id"] == made.json()["id"]
    assert changed.json()["meta"]["versionId"] == "2"
    assert (wrong.status_code, right.status_code) == (400, 200)
    assert "the resource another" in wrong.text


async def test_a_conditional_update_that_finds_nothing_takes_the_id_that_is_sent_when_it_is_free(world: World) -> None:
    await world.put(patient("taken", "Taken"))
    async with await world.client() as client:
        url = f"/Patient?identifier={MRN}|by-id"
        over = await client.put(url, json=person("by-id", id="taken"))
        made = await client.put(url, json=person("by-id", id="free"))
    assert over.status_code == 409
    assert "does not find it" in over.text
    assert (made.status_code, made.json()["id"]) == (201, "free")


async def test_a_conditional_delete_deletes_all_that_fits_and_nothing_else(world: World) -> None:
    tag = {"meta": {"tag": [{"system": "urn:t", "code": "away"}]}}
    kept = await world.make(observation("kari"))
    for _ in range(3):
        await world.make({**observation("kari"), **tag})
    async with await world.client() as client:
        first = await client.delete("/Observation?_tag=urn:t|away")
        again = await client.delete("/Observation?_tag=urn:t|away")
        assert (await client.get(f"/{kept.reference}")).status_code == 200
    assert (first.status_code, again.status_code) == (204, 204)
    assert await total(world, "Observation?_tag=urn:t|away") == 0


async def test_a_conditional_delete_heeds_if_match_and_stands_in_the_history(world: World) -> None:
    made = await world.make({**observation("kari"), "identifier": [{"system": MRN, "value": "gone"}]})
    async with await world.client() as client:
        url = f"/Observation?identifier={MRN}|gone"
        assert (await client.delete(url, headers={"if-match": 'W/"2"'})).status_code == 412
        deleted = await client.delete(url, headers={"if-match": 'W/"1"'})
        history = (await client.get(f"/{made.reference}/_history")).json()
    assert (deleted.status_code, deleted.headers["etag"]) == (204, 'W/"2"')
    assert [one["request"]["method"] for one in history["entry"]] == ["DELETE", "POST"]


async def test_more_than_a_thousand_are_not_deleted_at_once(world: World) -> None:
    many = {**observation("kari"), "identifier": [{"system": MRN, "value": "many"}]}
    await world.put(*({**many, "id": f"many-{number}"} for number in range(1001)))
    async with await world.client() as client:
        answer = await client.delete(f"/Observation?identifier={MRN}|many")
        assert answer.status_code == 412
        assert "More than 1000 fit" in answer.text
        await client.delete("/Observation/many-7")
        assert (await client.delete(f"/Observation?identifier={MRN}|many")).status_code == 204
    assert await total(world, f"Observation?identifier={MRN}|many") == 0


async def test_a_criterion_finds_only_what_the_reader_sees(world: World) -> None:
    mark = {"identifier": [{"system": MRN, "value": "unseen"}]}
    hidden = await world.make({**observation("ola"), **mark})
    async with await world.client("nurse") as client:
        made = await client.post(
            "/Observation",
            json={**observation("kari"), **mark},
            headers={"if-none-exist": f"identifier={MRN}|unseen"},
        )
        assert made.status_code == 201
        assert made.json()["id"] != hidden.id
        assert (await client.delete(f"/Observation?identifier={MRN}|unseen")).status_code == 204
    assert await total(world, f"Observation?identifier={MRN}|unseen") == 1


async def test_people_do_not_choose_ids_by_a_conditional_update(world: World) -> None:
    async with await world.client("nurse") as client:
        answer = await client.put("/Observation?identifier=urn:x|nobody", json={**observation("kari"), "id": "mine"})
    assert answer.status_code == 404


async def test_a_conditional_create_that_found_something_is_logged_as_a_look(world: World) -> None:
    mark = {"identifier": [{"system": MRN, "value": "logged"}]}
    made = await world.make({**observation("kari"), **mark})
    async with await world.client("nurse") as client:
        header = {"if-none-exist": f"identifier={MRN}|logged"}
        answer = await client.post("/Observation", json={**observation("kari"), **mark}, headers=header)
    assert answer.status_code == 200
    shown = await world.pool.fetchval("SELECT shown FROM audit.look WHERE actor = 'nurse' ORDER BY at DESC LIMIT 1")
    assert shown == made.reference


async def test_all_conditional_kinds_in_one_transaction(world: World) -> None:
    await world.put({**person("t-change"), "id": "t-change"}, {**person("t-delete"), "id": "t-delete"})
    entries = [
        {
            "resource": person("t-create"),
            "request": {"method": "POST", "url": "Patient", "ifNoneExist": f"identifier={MRN}|t-create"},
        },
        {
            "fullUrl": "urn:uuid:22222222-2222-4222-8222-222222222222",
            "resource": person("t-change", "Changed"),
            "request": {"method": "PUT", "url": f"Patient?identifier={MRN}|t-change", "ifMatch": 'W/"1"'},
        },
        {"request": {"method": "DELETE", "url": f"Patient?identifier={MRN}|t-delete"}},
        {"request": {"method": "DELETE", "url": f"Patient?identifier={MRN}|t-nobody"}},
        {
            "resource": {
                **observation("x"),
                "subject": {"reference": "urn:uuid:22222222-2222-4222-8222-222222222222"},
            },
            "request": {"method": "POST", "url": "Observation"},
        },
    ]
    async with await world.client() as client:
        answer = await client.post("", json=bundle(*entries))
        assert answer.status_code == 200, answer.text
        responses = [entry["response"]["status"][:3] for entry in answer.json()["entry"]]
        assert responses == ["201", "200", "204", "204", "201"]
        assert (await client.get("/Patient/t-delete")).status_code == 410
        assert (await client.get("/Patient/t-change")).json()["name"] == [{"family": "Changed"}]
    assert answer.json()["entry"][4]["resource"]["subject"] == {"reference": "Patient/t-change"}


async def test_a_conditional_fault_in_a_transaction_names_the_entry_and_undoes_all(world: World) -> None:
    for _ in range(2):
        await world.make(person("double"))
    entries = [
        {"resource": person("undone"), "request": {"method": "POST", "url": "Patient"}},
        {
            "resource": person("double"),
            "request": {"method": "PUT", "url": f"Patient?identifier={MRN}|double"},
        },
    ]
    async with await world.client() as client:
        answer = await client.post("", json=bundle(*entries))
    assert answer.status_code == 412
    assert "Bundle.entry[1]" in answer.text
    assert await total(world, f"Patient?identifier={MRN}|undone") == 0


async def test_a_batch_answers_each_conditional_entry_for_itself(world: World) -> None:
    entries = [
        {
            "resource": person("batch"),
            "request": {"method": "POST", "url": "Patient", "ifNoneExist": f"identifier={MRN}|batch"},
        }
    ] * 2 + [{"request": {"method": "DELETE", "url": "Patient"}}]
    async with await world.client() as client:
        answer = await client.post("", json=bundle(*entries, kind="batch"))
    assert [entry["response"]["status"][:3] for entry in answer.json()["entry"]] == ["201", "200", "400"]


async def test_a_put_that_must_be_the_first_does_not_change_what_is_there(world: World) -> None:
    async with await world.client() as client:
        body = {**observation("kari"), "id": "first"}
        made = await client.put("/Observation/first", json=body, headers={"if-none-match": "*"})
        again = await client.put("/Observation/first", json=body, headers={"if-none-match": "*"})
    assert (made.status_code, again.status_code) == (201, 412)


async def test_what_a_client_has_already_is_not_sent_again(world: World) -> None:
    stored = await world.make(observation("kari"))
    async with await world.client() as client:
        whole = await client.get(f"/{stored.reference}")
        since = {"if-modified-since": whole.headers["last-modified"]}
        assert (await client.get(f"/{stored.reference}", headers=since)).status_code == 304
        earlier = {"if-modified-since": "Sun, 01 Jan 2006 00:00:00 GMT"}
        assert (await client.get(f"/{stored.reference}", headers=earlier)).status_code == 200
        several = {"if-none-match": 'W/"9", W/"1"', **earlier}
        assert (await client.get(f"/{stored.reference}", headers=several)).status_code == 304


async def test_prefer_decides_what_a_write_answers_with(world: World) -> None:
    async with await world.client() as client:
        url = f"/Patient?identifier={MRN}|prefer"
        minimal = await client.put(url, json=person("prefer"), headers={"prefer": "return=minimal"})
        told = await client.put(url, json=person("prefer"), headers={"prefer": "return=OperationOutcome"})
        gone = await client.delete(url, headers={"prefer": "return=OperationOutcome"})
    assert (minimal.status_code, minimal.content) == (201, b"")
    assert told.json()["resourceType"] == "OperationOutcome"
    assert "is version 2 now" in told.text
    assert gone.status_code == 200
    assert "was deleted" in gone.text


async def test_who_may_not_do_it_is_told_so_also_when_the_criterion_finds_nothing(world: World) -> None:
    for login in ("kari", "secretary"):
        async with await world.client(login) as client:
            assert (await client.delete(f"/Observation?identifier={MRN}|nobody")).status_code == 403
            assert (await client.delete("/Patient?_id=nobody")).status_code == 403
