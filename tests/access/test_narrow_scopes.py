"""A scope with a search shows nothing else, whichever way one comes: reads, lists, links, history, writes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from samjournal import access, accounts
from samjournal.access import Permit
from samjournal.access.scopes import parse
from samjournal.fhir.errors import FhirError, Forbidden, Invalid, NotFound, ReasonNeeded
from samjournal.fhir.keys import patient_key
from samjournal.record import (
    Change,
    change,
    everything,
    history,
    history_of_types,
    narrowed,
    narrowed_to,
    query_of,
    read,
    refuse_unsearched,
    search,
    search_log,
    vread,
)
from world import World, made, observation, to

pytestmark = pytest.mark.anyio
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
LABORATORY = "system/Observation.rs?category=laboratory"


def of_category(code: str, id_: str, patient: str = "kari", **rest: Any) -> dict[str, Any]:
    category = [{"coding": [{"system": CATEGORY, "code": code}]}]
    return {**observation(patient), "id": id_, "category": category, "encounter": to("Encounter/kari-stay"), **rest}


@pytest.fixture(scope="module", autouse=True)
async def chart(world: World) -> None:
    await world.put(
        of_category("laboratory", "lab"),
        of_category("vital-signs", "pulse", derivedFrom=[to("Observation/lab")]),
        of_category("laboratory", "social"),
        {**observation("ola"), "id": "ola-lab", "category": [{"coding": [{"system": CATEGORY, "code": "laboratory"}]}]},
        made("Condition", "cold", subject=to("Patient/kari"), code={"text": "Cold"}),
    )
    await world.put(of_category("social-history", "social"))
    await world.put(of_category("laboratory", "lab", note=[{"text": "second"}]))


async def permit(world: World, scope: str, login: str = "doctor", patient: str | None = None) -> Permit:
    scopes = parse(scope, levels=("patient", "user"))
    assert scopes is not None
    keys = [patient_key(patient)] if patient else []
    return narrowed(world.door, await world.permit(login), scopes, app="app", patients=keys)


async def ids(client: httpx.AsyncClient, path: str) -> set[str]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return {f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in answer.json().get("entry", [])}


LISTS = {
    "/Observation": {"Observation/lab", "Observation/ola-lab"},
    "/Observation?patient=kari": {"Observation/lab"},
    "/Observation?_id=pulse,lab,social": {"Observation/lab"},
    "/Observation?_sort=-date&code=8867-4&patient=kari": {"Observation/lab"},
    "/Observation?category:not=laboratory": set(),
    "/Observation?date=2026-11-20&_lastUpdated=gt2020-01-01": {"Observation/lab", "Observation/ola-lab"},
    "/Patient?_id=kari&_revinclude=Observation:patient": {"Patient/kari", "Observation/lab"},
    "/Patient?_has:Observation:patient:_id=pulse": set(),
    "/Patient?_has:Observation:patient:_id=lab": {"Patient/kari"},
    "/Observation?_include=Observation:derived-from&_id=pulse": set(),
    "/Observation?derived-from:Observation.status=final": set(),
    "/Patient/kari/Observation": {"Observation/lab"},
    "/Patient/kari/$everything": {"Patient/kari", "Observation/lab"},
    "/Patient/kari/$everything?_type=Observation": {"Observation/lab"},
    "/Observation/$lastn?patient=kari&max=5": {"Observation/lab"},
    "/Observation/_history": {"Observation/lab", "Observation/ola-lab"},
    "/Observation/lab/_history": {"Observation/lab"},
    "?_type=Observation,Patient&_id=pulse,lab": {"Observation/lab"},
}


@pytest.mark.parametrize("path", LISTS)
async def test_a_system_that_may_see_laboratory_alone_is_shown_nothing_else(world: World, path: str) -> None:
    async with await world.client(scope=f"{LABORATORY} system/Patient.rs") as client:
        assert await ids(client, path) == LISTS[path]


@pytest.mark.parametrize("path", ["/Observation?_total=accurate", "/Observation?_summary=count"])
async def test_a_total_counts_no_more_than_is_shown(world: World, path: str) -> None:
    async with await world.client(scope=LABORATORY) as client:
        assert (await client.get(path)).json()["total"] == 2


@pytest.mark.parametrize(
    "path",
    [
        "pulse", "pulse/_history", "pulse/_history/1", "social", "social/_history/1", "lab/_history/1", "pulse/$meta",
        "social/_history",
    ],
)  # fmt: skip
async def test_what_the_scope_does_not_find_is_not_there(world: World, path: str) -> None:
    async with await world.client(scope=LABORATORY) as client:
        answer = await client.get(f"/Observation/{path}")
        absent = await client.get("/Observation/none")
    assert answer.status_code == absent.status_code == 404, answer.text


async def test_the_newest_version_has_its_history_alone(world: World) -> None:
    async with await world.client(scope=LABORATORY) as client:
        bundle = (await client.get("/Observation/lab/_history")).json()
        assert [one["resource"]["meta"]["versionId"] for one in bundle["entry"]] == ["2"]
        assert (await client.get("/Observation/lab/_history/2")).status_code == 200
        page = await client.get("/_history?_count=100")
    assert {one["resource"]["id"] for one in page.json()["entry"] if "resource" in one} == {"lab", "ola-lab"}


async def test_what_is_written_must_be_found_by_the_scope(world: World) -> None:
    scope = "system/Observation.cruds?category=laboratory"
    async with await world.client(scope=scope) as client:
        refused = await client.put("/Observation/pulse", json=of_category("laboratory", "pulse"))
        assert refused.status_code == 404
        assert (await client.delete("/Observation/pulse")).status_code == 404
        moved = await client.put("/Observation/lab", json=of_category("vital-signs", "lab"))
        assert moved.status_code == 403
        new = await client.post("/Observation", json=observation("kari"))
        assert new.status_code == 403
        fits = await client.post("/Observation", json=of_category("laboratory", "x", note=[{"text": "kept"}]))
        assert fits.status_code == 201
        assert (await client.delete(f"/Observation/{fits.json()['id']}")).status_code == 204
    stored = await read(world.door, world.system, "Observation", "lab")
    assert (stored.version, stored.resource()["note"]) == (2, [{"text": "second"}])


async def test_an_app_of_a_patient_is_confined_to_him(world: World) -> None:
    await world.put(observation("elias") | {"id": "elias-pulse"})
    doctor = await world.permit("doctor")
    assert (await read(world.door, doctor, "Observation", "elias-pulse")).id == "elias-pulse"
    app = await permit(world, "patient/*.cruds", patient="kari")
    page = await search(world.door, app, query_of("Observation", []))
    assert {one.id for one in page.matches} == {"lab", "pulse", "social"}
    for type_, id_ in (
        ("Observation", "elias-pulse"),
        ("Patient", "elias"),
        ("Patient", "ola"),
        ("Encounter", "elias-stay"),
    ):
        with pytest.raises(NotFound):
            await read(world.door, app, type_, id_)
    assert (await read(world.door, app, "Organization", "ward")).id == "ward"
    with pytest.raises(FhirError):
        await everything(world.door, app, "Patient", "elias", narrowed_to([]))
    with pytest.raises((Forbidden, ReasonNeeded)):
        await change(world.door, app, [Change.create(observation("elias"))])
    (kept,) = await change(world.door, app, [Change.create(observation("kari"))])
    await change(world.door, world.system, [Change.delete("Observation", kept.id)])
    with pytest.raises(Forbidden):
        await search_log(world.door, app, query_of("AuditEvent", []))


async def test_an_app_never_has_more_than_its_user(world: World) -> None:
    nurse = await permit(world, "user/*.cruds patient/*.cruds", login="homenurse", patient="kari")
    with pytest.raises(ReasonNeeded):
        await read(world.door, nurse, "Patient", "kari")
    with pytest.raises(NotFound):
        await read(world.door, nurse, "Observation", "lab")
    citizen = await permit(world, "user/Observation.cruds", login="kari")
    with pytest.raises(Forbidden):
        await change(world.door, citizen, [Change.create(observation("kari"))])
    with pytest.raises(Forbidden):
        await read(world.door, citizen, "Condition", "cold")


async def test_scopes_at_two_levels_are_each_their_own(world: World) -> None:
    app = await permit(
        world, "patient/Observation.rs?category=laboratory user/Condition.rs user/Patient.r", patient="kari"
    )
    page = await search(world.door, app, query_of("Observation", []))
    assert {one.id for one in page.matches} == {"lab"}
    assert (await read(world.door, app, "Condition", "cold")).id == "cold"
    assert (await read(world.door, app, "Patient", "elias")).id == "elias"


async def test_two_searches_of_one_type_are_either(world: World) -> None:
    app = await permit(
        world, "patient/Observation.rs?category=laboratory patient/Observation.rs?category=vital-signs", patient="kari"
    )
    page = await search(world.door, app, query_of("Observation", []))
    assert {one.id for one in page.matches} == {"lab", "pulse"}
    with pytest.raises(NotFound):
        await vread(world.door, app, "Observation", "lab", 1)
    versions, total = await history(world.door, app, "Observation", "lab")
    assert ([one.stored.version for one in versions], total) == ([2], 1)
    of_all = await history_of_types(world.door, app, "Observation", count=50)
    assert {(one.stored.id, one.stored.version) for one in of_all.versions} == {("lab", 2), ("pulse", 1)}


@pytest.mark.parametrize(
    "word",
    ["nothing=1", "category:below=x", "code:text=x", "patient.name=x", "_has:Observation:patient:code=x", "_text=x"],
)
def test_a_search_that_restricts_nobody_is_refused(word: str) -> None:
    scopes = parse(f"system/Observation.rs?{word}")
    assert scopes is not None
    with pytest.raises(Invalid):
        refuse_unsearched(scopes)


async def test_a_search_that_was_not_made_ready_shows_nothing(world: World) -> None:
    bare = access.for_system("t", scope=LABORATORY, request="test")
    with pytest.raises(KeyError):
        await search(world.door, bare, query_of("Observation", []))


async def test_a_token_without_narrow_scopes_has_no_further_condition(world: World) -> None:
    token = await accounts.for_system(world.pool, "t", "system/Observation.rs")
    assert token
    whole = access.for_system("t", scope="system/Observation.rs", request="test")
    assert whole.narrow is None
    assert narrowed(world.door, whole, whole.scopes).narrow is None  # type: ignore[arg-type]
