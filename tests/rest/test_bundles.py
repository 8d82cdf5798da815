"""Batches and transactions as R4 wants them, entry by entry. hl7.org/fhir/R4/http.html#transaction"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from world import World, observation, patient

pytestmark = pytest.mark.anyio
OLD = "http://old.example/fhir"
Entry = dict[str, Any]


def entry(
    method: str, url: str, resource: dict[str, Any] | None = None, full: str | None = None, **asked: Any
) -> Entry:
    made: Entry = {"request": {"method": method, "url": url, **asked}}
    if resource is not None:
        made["resource"] = resource
    return {**made, "fullUrl": full} if full else made


async def send(world: World, kind: str, *entries: Entry, **headers: str) -> httpx.Response:
    bundle = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    async with await world.client() as client:
        return await client.post("", json=bundle, headers=headers)


async def done(world: World, kind: str, *entries: Entry, **headers: str) -> list[dict[str, Any]]:
    answer = await send(world, kind, *entries, **headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["type"] == f"{kind}-response"
    found: list[dict[str, Any]] = answer.json()["entry"]
    return found


def status(one: dict[str, Any]) -> str:
    text: str = one["response"]["status"]
    return text[:3]


def why(one: dict[str, Any]) -> str:
    text: str = one["response"]["outcome"]["issue"][0]["diagnostics"]
    return text


def subject(of: str) -> dict[str, Any]:
    return {**observation("x"), "subject": {"reference": of}}


async def test_reads_of_a_transaction_see_what_its_writes_made_whatever_their_order(world: World) -> None:
    await world.put({**observation("kari"), "id": "leaves"}, {**observation("kari"), "id": "changes"})
    came = await done(
        world,
        "transaction",
        entry("GET", "Observation?_id=leaves,changes,none"),
        entry("PUT", "Observation/changes", {**observation("kari", value=99), "id": "changes"}),
        entry("GET", "Observation/changes"),
        entry("POST", "Observation", observation("kari")),
        entry("DELETE", "Observation/leaves"),
        entry("HEAD", "Observation/changes"),
    )
    assert [status(one) for one in came] == ["200", "200", "200", "201", "204", "200"]
    assert [one["resource"]["id"] for one in came[0]["resource"]["entry"]] == ["changes"]
    assert came[2]["resource"]["valueQuantity"]["value"] == 99
    assert came[2]["response"]["etag"] == 'W/"2"'
    assert "resource" not in came[5]


@pytest.mark.parametrize(
    ("full", "text"),
    [
        ("urn:uuid:7a1f3a3e-6a58-4c0c-9d3e-000000000001", "urn:uuid:7a1f3a3e-6a58-4c0c-9d3e-000000000001"),
        ("urn:oid:1.2.840.7", "urn:oid:1.2.840.7"),
        (f"{OLD}/Patient/7", f"{OLD}/Patient/7"),
        (f"{OLD}/Patient/8", "Patient/8"),
        (f"{OLD}/Patient/9", f"{OLD}/Patient/9/_history/3"),
        (f"{OLD}/Patient/10", "Patient/10/_history/3"),
        (None, "Patient?identifier=urn:mrn|bundled"),
    ],
)
async def test_every_form_of_reference_leads_to_what_its_entry_became(
    world: World, full: str | None, text: str
) -> None:
    identifier = [{"system": "urn:mrn", "value": "bundled" if full is None else full}]
    refers, made = await done(
        world,
        "transaction",
        entry("POST", "Observation", subject(text)),
        entry("POST", "Patient", {**patient("x", "Ny"), "identifier": identifier}, full),
    )
    where = made["response"]["location"].partition("/_history")[0].removeprefix("http://test/fhir/")
    assert refers["resource"]["subject"]["reference"] == where


async def test_links_in_canonicals_uris_and_narratives_are_replaced_and_strings_are_not(world: World) -> None:
    plan = {"resourceType": "PlanDefinition", "status": "active", "title": f"{OLD}/PlanDefinition/1"}
    narrative = f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{OLD}/PlanDefinition/1">x</a> {OLD}</div>'
    careplan = {
        "resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"reference": "Patient/kari"},
        "text": {"status": "generated", "div": narrative}, "instantiatesCanonical": [f"{OLD}/PlanDefinition/1"],
        "instantiatesUri": [f"{OLD}/PlanDefinition/1", "urn:uuid:7a1f3a3e-6a58-4c0c-9d3e-00000000000b"],
        "identifier": [{"system": "urn:x", "value": f"{OLD}/PlanDefinition/1"}],
    }  # fmt: skip
    made, refers, basic = await done(
        world,
        "transaction",
        entry("POST", "PlanDefinition", plan, f"{OLD}/PlanDefinition/1"),
        entry("POST", "CarePlan", careplan),
        entry(
            "POST",
            "Basic",
            {"resourceType": "Basic", "code": {"text": "x"}},
            "urn:uuid:7a1f3a3e-6a58-4c0c-9d3e-00000000000b",
        ),
    )
    where = f"PlanDefinition/{made['resource']['id']}"
    told = refers["resource"]
    assert told["instantiatesCanonical"] == [where]
    assert told["instantiatesUri"] == [where, f"Basic/{basic['resource']['id']}"]
    assert f'href="{where}"' in told["text"]["div"]
    assert told["identifier"][0]["value"] == f"{OLD}/PlanDefinition/1"
    assert made["resource"]["title"] == f"{OLD}/PlanDefinition/1"


async def test_a_conditional_reference_fits_one_among_what_is_there_and_what_is_made(world: World) -> None:
    await world.put({**patient("there", "A"), "identifier": [{"system": "urn:mrn", "value": "one"}]})
    again = {**patient("x", "B"), "identifier": [{"system": "urn:mrn", "value": "one"}]}
    several = await send(
        world,
        "transaction",
        entry("POST", "Observation", subject("Patient?identifier=urn:mrn|one")),
        entry("POST", "Patient", again),
    )
    assert several.status_code == 412
    none = await send(world, "transaction", entry("POST", "Observation", subject("Patient?identifier=urn:mrn|none")))
    assert none.status_code == 412
    (refers, made) = await done(
        world,
        "transaction",
        entry("POST", "Observation", subject("Patient?identifier=urn:mrn|one")),
        entry("POST", "Patient", again, ifNoneExist="identifier=urn:mrn|one"),
    )
    assert status(made) == "200"
    assert refers["resource"]["subject"]["reference"] == "Patient/there"


async def test_preconditions_of_entries_are_heeded(world: World) -> None:
    await world.put({**observation("kari"), "id": "held"})
    held = {**observation("kari", value=5), "id": "held"}
    stale = await send(world, "transaction", entry("PUT", "Observation/held", held, ifMatch='W/"7"'))
    assert stale.status_code == 412
    taken = await send(world, "transaction", entry("PUT", "Observation/held", held, ifNoneMatch="*"))
    assert taken.status_code == 412
    free = {**observation("kari"), "id": "free"}
    came = await done(
        world,
        "batch",
        entry("PUT", "Observation/free", free, ifNoneMatch="*"),
        entry("PUT", "Observation/free", free, ifNoneMatch="*"),
        entry("GET", "Observation/held", ifNoneMatch='W/"1"'),
        entry("GET", "Observation/held", ifModifiedSince="2999-01-01T00:00:00Z"),
        entry("GET", "Observation/held", ifModifiedSince="2001-01-01T00:00:00Z"),
        entry("DELETE", "Observation/held", ifMatch='W/"7"'),
        entry("DELETE", "Observation/held", ifMatch='W/"1"'),
    )
    assert [status(one) for one in came] == ["201", "412", "304", "304", "200", "412", "204"]


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (entry("POST", "Observation", observation("kari"), ifMatch='W/"1"'), "ifMatch"),
        (entry("POST", "Observation", observation("kari"), ifNoneMatch="*"), "ifNoneMatch"),
        (entry("PUT", "Observation/a", {**observation("kari"), "id": "a"}, ifNoneExist="_id=a"), "ifNoneExist"),
        (entry("PUT", "Observation/a", {**observation("kari"), "id": "a"}, ifNoneMatch="1"), "If-None-Match"),
        (entry("DELETE", "Observation/a", ifNoneExist="_id=a"), "ifNoneExist"),
        (entry("DELETE", "Observation/a", ifModifiedSince="2001-01-01T00:00:00Z"), "ifModifiedSince"),
        (entry("GET", "Observation/a", ifMatch='W/"1"'), "ifMatch"),
        (entry("GET", "Observation/a", ifNoneExist="_id=a"), "ifNoneExist"),
    ],
)
async def test_a_precondition_that_means_nothing_for_its_method_is_refused(
    world: World, wrong: Entry, word: str
) -> None:
    whole = await send(world, "transaction", entry("POST", "Observation", observation("kari")), wrong)
    assert whole.status_code == 400
    alone = await done(world, "batch", entry("GET", "Patient/kari"), wrong)
    assert [status(one) for one in alone] == ["200", "400"]
    for told in (whole.text, why(alone[1])):
        assert word in told
        assert "Bundle.entry[1]" in told


async def test_a_batch_searches_counts_and_asks_operations(world: World) -> None:
    await world.put({**observation("kari"), "id": "counted"})
    came = await done(
        world,
        "batch",
        entry("GET", "Observation?_id=counted&_include=Observation:subject"),
        entry("GET", "Observation?_id=counted&_summary=count"),
        entry("GET", "Observation/counted/_history"),
        entry("GET", "Patient/kari/$everything?_type=Patient"),
        entry("GET", "Observation/$lastn?patient=kari"),
        entry("POST", "Observation/$validate", observation("kari")),
        entry("GET", "Patient/kari/$nothing"),
        entry("DELETE", "Patient/kari/$everything"),
        entry("GET", "Nothing/1"),
        entry("GET", "Observation?nothing=1"),
        entry("PATCH", "Observation/counted", {"resourceType": "Binary", "contentType": "application/json"}),
    )
    assert [status(one) for one in came][:10] == ["200"] * 6 + ["404", "404", "404", "400"]
    assert came[0]["resource"]["entry"][1]["search"]["mode"] == "include"
    assert came[1]["resource"]["total"] == 1
    assert [one["resource"]["id"] for one in came[3]["resource"]["entry"]] == ["kari"]
    assert came[5]["resource"]["issue"][0]["severity"] == "information"
    assert status(came[10]).startswith("4")


async def test_an_operation_that_changes_something_is_for_batches(world: World) -> None:
    await world.put({**observation("kari"), "id": "tagged"})
    sent = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": {"tag": [{"code": "batched"}]}}]}
    (came,) = await done(world, "batch", entry("POST", "Observation/tagged/$meta-add", sent))
    assert came["resource"]["parameter"][0]["valueMeta"]["tag"] == [{"code": "batched"}]
    refused = await send(world, "transaction", entry("POST", "Observation/tagged/$meta-add", sent))
    assert (refused.status_code, "transaction" in refused.text) == (400, True)


async def test_entries_of_a_batch_may_not_lean_on_each_other(world: World) -> None:
    urn = "urn:uuid:7a1f3a3e-6a58-4c0c-9d3e-0000000000aa"
    made, by_urn, by_url, other, alone = await done(
        world,
        "batch",
        entry("POST", "Patient", patient("x", "Ny"), urn),
        entry("POST", "Observation", subject(urn)),
        entry(
            "POST", "Observation", {**subject("Patient/kari"), "performer": [{"reference": f"{OLD}/Practitioner/1"}]}
        ),
        entry("POST", "Practitioner", {"resourceType": "Practitioner"}, f"{OLD}/Practitioner/1"),
        entry("POST", "Observation", {**observation("kari"), "performer": [{"reference": f"{OLD}/Practitioner/2"}]}),
    )
    assert (status(made), status(other), status(alone)) == ("201", "201", "201")
    for one in (by_urn, by_url):
        assert status(one) == "400"
        assert "transaction" in why(one)


async def test_prefer_holds_for_the_whole_bundle(world: World) -> None:
    sent = [entry("POST", "Observation", observation("kari")), entry("GET", "Patient/kari")]
    for kind in ("batch", "transaction"):
        minimal = await done(world, kind, *sent, prefer="return=minimal")
        assert ("resource" in minimal[0], "location" in minimal[0]["response"]) == (False, True)
        assert minimal[1]["resource"]["id"] == "kari"
        told = await done(world, kind, *sent, prefer="return=OperationOutcome")
        assert told[0]["response"]["outcome"]["issue"][0]["severity"] == "information"
        whole = await done(world, kind, *sent, prefer="return=representation")
        assert whole[0]["resource"]["resourceType"] == "Observation"


async def test_the_same_resource_twice_or_the_same_full_url_is_refused(world: World) -> None:
    await world.put({**observation("kari"), "id": "twice", "identifier": [{"system": "urn:x", "value": "twice"}]})
    twice = {**observation("kari"), "id": "twice"}
    by_criterion = await send(
        world,
        "transaction",
        entry("PUT", "Observation/twice", twice),
        entry("DELETE", "Observation?identifier=urn:x|twice"),
    )
    assert by_criterion.status_code == 400
    urls = await send(
        world,
        "transaction",
        entry("POST", "Observation", observation("kari"), "urn:uuid:7a1f3a3e-6a58-4c0c-9d3e-0000000000bb"),
        entry("POST", "Observation", observation("kari"), "urn:uuid:7a1f3a3e-6a58-4c0c-9d3e-0000000000bb"),
    )
    assert (urls.status_code, "stands twice" in urls.text) == (400, True)


async def test_a_transaction_that_reads_what_is_not_there_does_nothing(world: World) -> None:
    """hl7.org/fhir/R4/http.html#transaction: all entries are done, or none, reads too."""
    made = {**observation("kari", code="with-a-read"), "id": "with-a-read"}
    for url, status in (
        ("Observation/is-not-there", 404),
        ("Observation?nothing=1", 400),
        ("Patient/kari/$nothing", 404),
        ("Observation/with-a-read", 200),
    ):
        sent = [entry("PUT", "Observation/with-a-read", made), entry("GET", url)]
        answer = await send(world, "transaction", *sent)
        async with await world.client() as client:
            there = await client.get("/Observation/with-a-read")
        assert answer.status_code == status, url
        if status != 200:
            assert "Nothing of the transaction was done" in answer.json()["issue"][0]["diagnostics"]
            assert "Bundle.entry[1]" in answer.json()["issue"][0]["diagnostics"]
            assert there.status_code == 404, url


async def test_a_transaction_reads_what_it_has_written(world: World) -> None:
    made = {**observation("kari", code="read-after"), "id": "read-after"}
    other = {**observation("kari", code="read-beside"), "id": "read-beside"}
    await world.put(other)
    answer = await send(
        world,
        "transaction",
        entry("GET", "Observation/read-after"),
        entry("GET", "Observation/read-beside"),
        entry("GET", "Observation?code=read-after"),
        entry("PUT", "Observation/read-after", made),
    )
    first, beside, found, written = answer.json()["entry"]
    assert first["resource"] == written["resource"]
    assert beside["resource"]["id"] == "read-beside"
    assert found["resource"]["total"] == 1


async def test_a_transaction_does_not_read_what_it_deletes(world: World) -> None:
    await world.put({**observation("kari"), "id": "read-deleted"})
    sent = [entry("DELETE", "Observation/read-deleted"), entry("GET", "Observation/read-deleted")]
    answer = await send(world, "transaction", *sent)
    async with await world.client() as client:
        there = await client.get("/Observation/read-deleted")
    assert (answer.status_code, there.status_code) == (400, 200)


async def test_an_entry_of_a_batch_that_cannot_be_read_is_told_and_the_others_are_done(world: World) -> None:
    await world.put({**observation("kari"), "id": "beside-wrong"})
    answer = await send(
        world,
        "batch",
        {"resource": observation("kari")},
        {"request": {"method": "POST", "url": "Observation"}},
        entry("GET", "Observation/beside-wrong"),
        entry("POST", "Observation/_search?_id=beside-wrong"),
        entry("POST", "Observation/_search", observation("kari")),
        entry("POST", "Patient/kari/$everything?_type=Patient"),
    )
    told = answer.json()["entry"]
    assert [one["response"]["status"][:3] for one in told] == ["400", "400", "200", "200", "400", "200"]
    assert "has no request" in told[0]["response"]["outcome"]["issue"][0]["diagnostics"]
    assert "without a resource" in told[1]["response"]["outcome"]["issue"][0]["diagnostics"]
    assert told[3]["resource"]["total"] == 1


@pytest.mark.parametrize("kind", ["batch", "transaction"])
async def test_the_capability_statement_may_be_an_entry(world: World, kind: str) -> None:
    answer = await send(world, kind, entry("GET", "metadata"), entry("GET", "metadata?_elements=format&_format=xml"))
    whole, part = answer.json()["entry"]
    assert whole["resource"]["resourceType"] == "CapabilityStatement"
    assert whole["resource"]["rest"][0]["mode"] == "server"
    assert "rest" not in part["resource"]
