"""The log of looks as AuditEvents: what they say, who reads which of them, and pages that stay as they were."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from samjournal import accounts, audit
from samjournal.accounts import Account, RoleAt
from samjournal.fhir import xml
from samjournal.fhir.parsing import parse
from samjournal.fhir.structure import check
from samjournal.record import open_chart, state_reason
from samjournal.record.audit_event import KINDS
from world import World, observation, organization, patient, stay

pytestmark = pytest.mark.anyio
Event = dict[str, Any]
RECORDED = "2026-11-20T10:00:00Z"


def officer(login: str, unit: str) -> Account:
    role = RoleAt("privacy-officer", unit, f"{login}-role", unit.title())
    return Account(login, f"{login.title()} Vakt", "staff", (role,), practitioner_id=login)


@pytest.fixture(scope="module", autouse=True)
async def looked(world: World) -> None:
    """A nurse of the ward and a nurse of home care have read; the hospital and home care have an officer each."""
    async with world.pool.transaction() as db:
        await accounts.add(db, [officer("berit", "hospital"), officer("odd", "homecare")])
    await world.put(organization("other"), patient("liv", "Berg"), stay("liv-stay", "liv", unit="homecare"))
    await world.put({**observation("kari"), "id": "pulse"}, {**observation("liv"), "id": "liv-pulse"})
    async with await world.client("nurse") as nurse:
        assert (await nurse.get("/Observation/pulse")).status_code == 200
        assert (await nurse.get("/Observation?patient=kari")).status_code == 200
    await state_reason(world.door, await world.permit("doctor"), "ola", "Ringt om råd av legevakten")
    await open_chart(world.door, await world.permit("homenurse"), "liv", [])
    async with await world.client() as system:
        assert (await system.get("/Observation?code=8867-4")).json()["total"] == 2
    await unfolded(world)


async def unfolded(world: World) -> None:
    async with world.pool.transaction() as db:
        await audit.unfold(db)


async def events(world: World, query: str = "", *, by: str | None = None, scope: str | None = None) -> list[Event]:
    async with await world.client(by, scope=scope) as client:
        answer = await client.get(f"/AuditEvent?{query}")
    assert answer.status_code == 200, answer.text
    found = [entry["resource"] for entry in answer.json().get("entry", ())]
    assert all(check(one) == [] for one in found)
    return found


def actions(found: list[Event]) -> list[str]:
    return [one["subtype"][0]["code"] for one in found]


def entities(one: Event) -> set[str]:
    return {entity["what"]["reference"] for entity in one.get("entity", ()) if "what" in entity}


async def test_a_look_says_who_in_which_role_for_whom_saw_what_and_why(world: World) -> None:
    (one,) = await events(world, "altid=nurse&subtype=read&action=R")
    who, unit = one["agent"]
    assert who["who"] == {"reference": "PractitionerRole/nurse-role", "display": "Nurse"}
    assert (who["altId"], who["name"], who["requestor"]) == ("nurse", "Nurse", True)
    assert who["role"][0]["coding"] == [{"system": "urn:samjournal:role", "code": "nurse"}]
    assert (unit["who"]["reference"], unit["requestor"]) == ("Organization/ward", False)
    assert (one["type"]["code"], one["outcome"], one["recorded"]) == ("110110", "0", one["meta"]["lastUpdated"])
    (purpose,) = one["purposeOfEvent"]
    assert [coding["code"] for coding in purpose["coding"]] == ["stay", "TREAT"]
    assert entities(one) == {"Patient/kari", "Observation/pulse"}
    (person,) = [entity for entity in one["entity"] if entity["role"]["code"] == "1"]
    assert person["what"]["reference"] == "Patient/kari"


async def test_a_search_names_each_patient_and_each_resource_that_it_showed(world: World) -> None:
    found = await events(world, "patient=liv&subtype=search&altid=t")
    assert entities(found[0]) == {"Patient/kari", "Patient/liv", "Observation/pulse", "Observation/liv-pulse"}
    assert found[0]["action"] == "E"
    assert [one["who"]["identifier"]["value"] for one in found[0]["agent"]] == ["t"]


async def test_the_reason_that_was_stated_stands_as_the_purpose(world: World) -> None:
    (one,) = await events(world, "subtype=reason", by="berit")
    assert one["purposeOfEvent"][0]["text"] == "Ringt om råd av legevakten"
    assert one["type"]["code"] == "110127"


async def test_one_look_is_read_in_json_and_in_xml(world: World) -> None:
    (one,) = await events(world, "altid=nurse&subtype=read&action=R")
    async with await world.client() as client:
        json = await client.get(f"/AuditEvent/{one['id']}")
        same = await client.get(f"/AuditEvent/{one['id']}?_format=xml")
        bundle = await client.get("/AuditEvent?altid=nurse&subtype=read&_format=xml")
        part = await client.get(f"/AuditEvent/{one['id']}?_elements=recorded")
    assert json.json() == one
    assert xml.read(same.content).resource == parse(json.content).resource
    assert b"<Bundle" in bundle.content
    assert one["id"].encode() in bundle.content
    assert "agent" not in part.json() or part.json()["agent"] == one["agent"]  # required elements stay


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("altid=nurse&date=ge2026", True),
        ("altid=nurse&date=lt2026", False),
        ("altid=nurse&date=gt2026-01-01&date=le2099-01-01", True),
        ("altid=nurse&date=eb2000,sa2099", False),
        ("altid=nurse&date=ne2000", True),
        ("altid=nurse&_lastUpdated=ge2026", True),
        ("agent-name=nur", True),
        ("agent-name:exact=nur", False),
        ("agent-name:contains=URS", True),
        ("agent-name=%25", False),
        ("agent=PractitionerRole/nurse-role", True),
        ("agent=nurse-role", True),
        ("agent=Organization/ward", True),
        ("agent=Organization/nowhere", False),
        ("agent-role=nurse", True),
        ("agent-role=urn:samjournal:role|nurse", True),
        ("agent-role=urn:other|nurse", False),
        ("altid=nurse&type=http://dicom.nema.org/resources/ontology/DCM|110112", True),
        ("altid=nurse&subtype=http://hl7.org/fhir/restful-interaction|search", True),
        ("altid=nurse&action=D", False),
        ("altid=nurse&outcome=0", True),
        ("altid=nurse&outcome=4", False),
        ("altid=nurse&patient=Patient/kari", True),
        ("altid=nurse&patient=Patient/liv", False),
        ("altid=nurse&patient=kari&patient=liv", False),
        ("altid=nurse&patient=Patient/kari/_history/1", True),
        ("altid=nurse&patient=http://elsewhere.example/fhir/Patient/kari", False),
        ("altid=nurse&patient=http://test/fhir/Patient/kari", True),
        ("altid=nurse&patient=Practitioner/kari", False),
        ("_id=look-0199", False),
        ("altid=nurse&_sort=-date", True),
    ],
)
async def test_looks_are_found_by(world: World, query: str, found: bool) -> None:
    assert bool(await events(world, query)) is found
    async with await world.client() as client:
        assert bool((await client.get(f"/AuditEvent?{query}&_summary=count")).json()["total"]) is found


async def test_what_a_look_cannot_be_asked_for_is_refused_or_told(world: World) -> None:
    async with await world.client("berit") as client:
        for query in ("entity-name=x", "_has:Provenance:target:agent=x", "date=ap2026", "date=yesterday", "_sort=date"):
            answer = await client.get(f"/AuditEvent?{query}")
            assert answer.status_code == 400, query
            assert answer.json()["issue"][0]["diagnostics"]
    async with await world.client() as client:
        (entry,) = (await client.get("/AuditEvent?entity-name=x")).json()["entry"]
    assert "not searched by entity-name" in entry["resource"]["issue"][0]["diagnostics"]


async def test_an_officer_reads_what_was_done_in_his_organisation_and_no_other(world: World) -> None:
    mine = await events(world, "_count=200", by="berit")
    assert {one["agent"][1]["who"]["reference"] for one in mine} <= {"Organization/ward", "Organization/hospital"}
    assert {"read", "search", "reason"} <= set(actions(mine))
    others = await events(world, "_count=200", by="odd")
    assert {one["agent"][1]["who"]["reference"] for one in others} == {"Organization/homecare"}
    assert "chart" in actions(others)
    async with await world.client("odd") as client:
        for one in mine:
            assert (await client.get(f"/AuditEvent/{one['id']}")).status_code == 404
        assert (await client.get(f"/AuditEvent/{others[0]['id']}")).status_code == 200
        assert (await client.get("/AuditEvent?patient=ola")).json()["total"] == 0
        assert (await client.get("/AuditEvent?altid=doctor,nurse&_summary=count")).json()["total"] == 0


async def test_everybody_else_is_refused(world: World) -> None:
    (one,) = await events(world, "altid=nurse&subtype=read&action=R")
    for login in ("nurse", "doctor", "secretary", "homenurse"):
        async with await world.client(login) as client:
            for path in (
                "/AuditEvent",
                f"/AuditEvent/{one['id']}",
                "/AuditEvent?_summary=count",
                "/Patient/kari/AuditEvent",
            ):
                assert (await client.get(path)).status_code == 403, (login, path)
    async with await world.client(scope="system/Observation.rs") as client:
        assert (await client.get("/AuditEvent")).status_code == 403
        assert (await client.get(f"/AuditEvent/{one['id']}")).status_code == 403
    async with world.anonymous() as client:
        assert (await client.get("/AuditEvent")).status_code == 401
    assert await events(world, "altid=nurse", scope="system/AuditEvent.rs")


async def test_a_citizen_reads_of_looks_at_the_own_record_and_of_nobody_else(world: World) -> None:
    found = await events(world, "_count=200", by="kari")
    assert {"read", "search"} <= set(actions(found))
    assert "Patient/liv" not in str(found)
    assert "liv-pulse" not in str(found)
    (read,) = [one for one in found if actions([one]) == ["read"] and one["agent"][0]["name"] == "Nurse"]
    assert "altId" not in read["agent"][0]
    assert "who" not in read["agent"][0]
    assert entities(read) == {"Patient/kari", "Observation/pulse"}
    (several,) = [one for one in found if one["agent"][0]["name"] == "t" and actions([one]) == ["search"]]
    assert entities(several) == {"Patient/kari"}
    assert await events(world, "patient=liv", by="kari") == []
    theirs = await events(world, "patient=liv&subtype=chart")
    async with await world.client("kari") as client:
        assert (await client.get(f"/AuditEvent/{theirs[0]['id']}")).status_code == 404
        assert (await client.get(f"/AuditEvent/{read['id']}")).json() == read


async def test_refreshes_of_an_open_page_are_one_for_the_citizen_and_all_for_the_officer(world: World) -> None:
    permit = await world.permit("doctor")
    first = await open_chart(world.door, permit, "kari", [])
    for _ in range(2):
        await open_chart(world.door, permit, "kari", [], look=first.look)
    assert actions(await events(world, "agent-name=doctor", by="kari")).count("chart") == 1
    assert actions(await events(world, "agent-name=doctor", by="berit")).count("chart") == 3


@pytest.fixture
async def ward(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with await world.client("berit") as client:
        yield client


async def test_pages_stay_as_they_were_while_new_looks_come(world: World, ward: httpx.AsyncClient) -> None:
    await unfolded(world)
    whole = [entry["resource"]["id"] for entry in (await ward.get("/AuditEvent?_count=500")).json()["entry"]]
    page = (await ward.get("/AuditEvent?_count=3")).json()
    seen: list[str] = []
    while True:
        seen += [entry["resource"]["id"] for entry in page.get("entry", ())]
        follows = [link["url"] for link in page["link"] if link["relation"] == "next"]
        if not follows:
            break
        async with await world.client("nurse") as nurse:
            await nurse.get("/Observation/pulse")
        page = (await ward.get(follows[0])).json()
    assert seen[-len(whole) :] == whole
    assert len(seen) == len(set(seen)) == len(whole) + 1  # the officer's own look at the whole of it


async def test_a_broken_link_of_a_page_is_told(ward: httpx.AsyncClient) -> None:
    for cursor in ("x", "WyJhIl0", "WyJhIiwiLSJd"):
        assert (await ward.get(f"/AuditEvent?_cursor={cursor}")).status_code == 400


async def test_to_read_the_log_is_a_look_and_ends_there(world: World) -> None:
    await world.as_owner("DELETE FROM audit.look WHERE action = 'audit'")
    found = await events(world, "altid=nurse&subtype=read")
    rows = await world.pool.fetch("SELECT * FROM audit.look WHERE action = 'audit'")
    assert [(row["actor"], row["why"], row["shown"]) for row in rows] == [
        ("t", "system", f"AuditEvent/{','.join(one['id'] for one in found)}")
    ]
    assert rows[0]["patient"] is not None
    for _ in range(3):  # Who looks at looks at the log sees no patient, and is not logged again.
        (one,) = await events(world, "subtype=audit")
    assert entities(one) == {f"AuditEvent/{one_['id']}" for one_ in found}
    assert await world.pool.fetchval("SELECT count(*) FROM audit.look WHERE action = 'audit'") == 1
    assert "audit" in actions(await events(world, "", by="kari"))


async def test_an_officer_who_finds_nothing_of_a_patient_has_asked_all_the_same(world: World) -> None:
    assert await events(world, "patient=elias&altid=nobody", by="odd") == []
    row = await world.pool.fetchrow("SELECT * FROM audit.look WHERE actor = 'odd' ORDER BY at DESC LIMIT 1")
    assert (row["action"], row["why"], row["patient"] is not None) == ("audit", "oversight", True)


async def test_what_other_systems_stored_is_found_beside_it_in_one_order(world: World) -> None:
    stored = {
        "resourceType": "AuditEvent",
        "type": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110110"},
        "agent": [{"name": "Elsewhere", "requestor": True}],
        "source": {"observer": {"display": "DIPS"}},
        "entity": [{"what": {"reference": "Patient/kari"}}],
    }
    async with await world.client() as client:
        for number in range(5):
            sent = {**stored, "id": f"dips-{number}", "recorded": f"2027-01-0{number + 1}T10:00:00Z"}
            assert (await client.put(f"/AuditEvent/dips-{number}", json=sent)).status_code == 201
        old = {**stored, "id": "dips-old", "recorded": "2020-01-01T10:00:00Z"}
        assert (await client.put("/AuditEvent/dips-old", json=old)).status_code == 201
        page = (await client.get("/AuditEvent?patient=kari&_count=4")).json()
        whole: list[str] = []
        while True:
            whole += [entry["resource"]["id"] for entry in page["entry"]]
            follows = [link["url"] for link in page["link"] if link["relation"] == "next"]
            if not follows:
                break
            page = (await client.get(follows[0])).json()
        assert whole[:5] == [f"dips-{number}" for number in (4, 3, 2, 1, 0)]
        assert whole[-1] == "dips-old"
        assert all(id_.startswith("look-") for id_ in whole[5:-1])
        assert len(whole) == len(set(whole)) > 10
        assert (await client.get("/AuditEvent/dips-old")).status_code == 200
        assert (await client.get("/AuditEvent?patient=kari&_summary=count")).json()["total"] >= len(whole)
        (only,) = (await client.get("/AuditEvent?source:missing=false&entity=Patient/kari&date=lt2021")).json()[
            "entry"
        ][:1]
        assert only["resource"]["id"] == "dips-old"
    for login in ("berit", "kari"):
        assert all(one["id"].startswith("look-") for one in await events(world, "_count=200", by=login))


async def test_nobody_writes_the_log(world: World) -> None:
    (one, *_) = await events(world, "altid=nurse&subtype=read&action=R")
    async with await world.client() as client:
        answer = await client.put(f"/AuditEvent/{one['id']}", json=one)
        assert answer.status_code == 400
        assert "the log itself" in answer.text
        assert (await client.delete(f"/AuditEvent/{one['id']}")).status_code == 400
    for login in ("berit", "kari", "nurse"):
        async with await world.client(login) as client:
            assert (await client.post("/AuditEvent", json={**one, "id": None})).status_code in (400, 403)
            sent = {name: value for name, value in one.items() if name != "id"}
            assert (await client.post("/AuditEvent", json=sent)).status_code == 403
            assert (await client.delete(f"/AuditEvent/{one['id']}")).status_code == 403


async def test_an_entry_of_a_batch_reads_the_log_as_an_address_does(world: World) -> None:
    batch = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": "AuditEvent?altid=nurse&subtype=read&action=R"}}],
    }
    async with await world.client() as client:
        (entry,) = (await client.post("/", json=batch)).json()["entry"]
    assert entry["resource"]["total"] >= 1


async def test_every_action_that_was_logged_has_its_kind(world: World) -> None:
    logged = {row["action"] for row in await world.pool.fetch("SELECT DISTINCT action FROM audit.look")}
    assert logged <= KINDS.keys()
