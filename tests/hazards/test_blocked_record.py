"""Hazard: a patient has blocked the record for somebody, who reads it all the same by another way in.

pasientjournalloven section 17: the patient may keep a person, a unit or everybody out; in an emergency it opens with a
reason, and the patient sees that.
"""

from __future__ import annotations

from typing import Any

import pytest

from samjournal.fhir.errors import Forbidden
from samjournal.record import compare_projections, explain, own_blocks, state_reason
from world import Resource, World, made, observation, patient, stay, to

pytestmark = pytest.mark.anyio
DANGER = "Bevisstløs i mottaket, trenger å vite om allergi"


def block(*whom: str, **provision: Any) -> Resource:
    """Kari keeps somebody out, or everybody."""
    actors = [{"role": {"text": "sperret"}, "reference": to(one)} for one in whom]
    return made(
        "Consent",
        "block",
        status="active",
        scope={"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        category=[{"text": "sperring"}],
        policyRule={"text": "pasientjournalloven § 17"},
        patient=to("Patient/kari"),
        provision={"type": "deny", **({"actor": actors} if actors else {}), **provision},
    )


@pytest.fixture(scope="module")
async def charted(world: World) -> World:
    await world.put(
        {**observation("kari"), "id": "pulse", "encounter": to("Encounter/kari-stay"),
         "contained": [{"resourceType": "Device", "id": "d", "identifier": [{"value": "dev-1"}]}], "device": to("#d")},
        patient("liv", "Nordmann"),
        stay("liv-stay", "liv"),
        {**observation("liv"), "id": "liv-pulse"},
    )  # fmt: skip
    return world


@pytest.fixture(autouse=True)
async def unblocked(charted: World) -> None:
    async with await charted.client() as client:
        await client.delete("/Consent/block")
    await charted.pool.execute("DELETE FROM access.relation WHERE kind IN ('reason', 'emergency')")


async def opens(world: World, login: str, path: str = "Observation/pulse") -> bool:
    async with await world.client(login) as client:
        return (await client.get(f"/{path}")).status_code == 200


@pytest.mark.parametrize(
    ("path", "seen", "blocked"),
    [
        ("Observation?patient=kari", 1, 0),
        ("Observation?patient=kari&_summary=count", 1, 0),
        ("Observation?subject=Patient/kari&_total=accurate&_count=1", 1, 0),
        ("Observation?code=8867-4", 2, 1),
        ("Patient?family=Nordmann", 2, 1),
        ("Patient?_id=kari", 1, 0),
        ("Encounter?_has:Observation:encounter:code=8867-4", 1, 0),
        ("Observation?subject.family=Nordmann", 2, 1),
        ("Observation?encounter.subject.family=Nordmann", 1, 0),
        ("Patient?_has:Observation:patient:code=8867-4", 2, 1),
        ("Observation?_filter=code eq 8867-4", 2, 1),
        ("Observation?_lastUpdated=gt2020", 2, 1),
        ("Patient/kari/Observation", 1, 0),
        ("?_type=Observation,Encounter&patient=kari", 2, 0),
        ("Device?identifier=dev-1&_contained=true", 1, 0),
        ("Observation/$lastn?patient=kari", 1, 0),
    ],
)
async def test_it_holds_in_every_list_and_total(charted: World, path: str, seen: int, blocked: int) -> None:
    for whom, count in (("", seen), ("Organization/ward", blocked)):
        if whom:
            await charted.put(block(whom))
        for login in ("nurse", "doctor"):
            async with await charted.client(login) as client:
                found = (await client.get(f"/{path}")).json()
            told = found.get("total", len(found.get("entry", ())))
            assert (told, len(found.get("entry", ())) <= told) == (count, True), (login, whom, found)


@pytest.mark.parametrize(
    "path",
    [
        "Observation/pulse",
        "Observation/pulse/_history",
        "Observation/pulse/_history/1",
        "Patient/kari/$everything",
        "Encounter/kari-stay/$everything",
        "Encounter/kari-stay",
        "Observation/pulse/$meta",
        "Patient/kari",
        "Patient/kari/_history",
    ],
)
async def test_it_holds_for_each_resource(charted: World, path: str) -> None:
    assert await opens(charted, "nurse", path)
    await charted.put(block("Organization/ward"))
    assert not await opens(charted, "nurse", path)
    async with await charted.client() as client:
        assert (await client.get(f"/{path}")).status_code == 200, "systems go by their scopes"


async def test_nothing_of_it_comes_along_or_is_written(charted: World) -> None:
    await charted.put(
        block("Organization/ward"), {**observation("liv"), "id": "beside", "hasMember": [to("Observation/pulse")]}
    )
    async with await charted.client("nurse") as client:
        page = (await client.get("/Observation?_id=beside&_include=Observation:has-member&_revinclude=*")).json()
        assert [entry["resource"]["id"] for entry in page["entry"]] == ["beside"]
        history = (await client.get("/Observation/_history")).json()
        assert "pulse" not in {entry["resource"]["id"] for entry in history["entry"] if "resource" in entry}
        sent = {**observation("kari"), "id": "pulse"}
        assert (await client.put("/Observation/pulse", json=sent)).status_code == 404
        assert (await client.post("/Observation", json=observation("kari"))).status_code == 403
        assert (await client.delete("/Observation/pulse")).status_code == 404
        entries = [{"request": {"method": "GET", "url": "Observation/pulse"}}]
        bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
        (one,) = (await client.post("", json=bundle)).json()["entry"]
        assert one["response"]["status"].startswith("404")


@pytest.mark.parametrize(
    ("whom", "nurse", "doctor"),
    [
        (("Organization/ward",), False, False),
        (("Organization/hospital",), False, False),
        (("Organization/homecare",), True, True),
        (("Practitioner/nurse",), False, True),
        (("PractitionerRole/doctor-role",), True, False),
        ((), False, False),
    ],
)
async def test_it_keeps_out_whom_the_patient_named(
    charted: World, whom: tuple[str, ...], nurse: bool, doctor: bool
) -> None:
    await charted.put(block(*whom))
    assert (await opens(charted, "nurse"), await opens(charted, "doctor")) == (nurse, doctor)
    assert await opens(charted, "kari"), "the patient herself is never kept out"
    assert await opens(charted, "nurse", "Observation/liv-pulse"), "nor is anybody from other patients"


@pytest.mark.parametrize(
    ("resource", "holds"),
    [
        (block("Organization/ward", period={"start": "2020-01-01"}), True),
        (block("Organization/ward", period={"start": "2020-01-01", "end": "2020-02-01"}), False),
        (block("Organization/ward", period={"start": "2090-01-01"}), False),
        ({**block("Organization/ward"), "status": "inactive"}, False),
        ({**block("Organization/ward"), "status": "entered-in-error"}, False),
        (block("Organization/ward", type="permit"), False),
        ({**block("Organization/ward"), "scope": {"coding": [{"code": "research"}]}}, False),
    ],
)
async def test_it_holds_while_it_is_meant_to(charted: World, resource: Resource, holds: bool) -> None:
    await charted.put(resource)
    assert await opens(charted, "nurse") is not holds


async def test_who_takes_it_back_opens_the_record_again(charted: World) -> None:
    await charted.put(block("Organization/ward"))
    assert not await opens(charted, "nurse")
    await charted.put({**block("Organization/ward"), "status": "inactive"})
    assert await opens(charted, "nurse")


async def test_it_holds_for_all_ids_of_a_merged_person(charted: World) -> None:
    await charted.put(
        {**patient("kari-d", "Nordmann"), "link": [{"other": to("Patient/kari"), "type": "replaced-by"}]},
        stay("kari-d-stay", "kari-d"),
        {**observation("kari-d"), "id": "old-pulse"},
    )
    await charted.door.persons.refresh(charted.pool)
    assert await opens(charted, "nurse", "Observation/old-pulse")
    await charted.put(block("Organization/ward"))
    assert not await opens(charted, "nurse", "Observation/old-pulse")


async def test_a_stated_reason_does_not_open_it_and_an_emergency_does_for_those_who_treat(charted: World) -> None:
    await charted.put(block("Organization/ward"))
    for login in ("nurse", "secretary"):
        with pytest.raises(Forbidden):
            await state_reason(charted.door, await charted.permit(login), "kari", DANGER)
    with pytest.raises(Forbidden):
        await state_reason(charted.door, await charted.permit("secretary"), "kari", DANGER, emergency=True)
    await state_reason(charted.door, await charted.permit("nurse"), "kari", DANGER, emergency=True)
    assert await opens(charted, "nurse")
    assert not await opens(charted, "doctor"), "it opens for who stated it alone"
    matter = await charted.pool.fetchrow(
        "SELECT actor, reason, organization FROM access.review WHERE kind = 'emergency'"
    )
    assert tuple(matter) == ("nurse", DANGER, "ward")
    look = await charted.pool.fetchrow("SELECT actor, why, reason FROM audit.look WHERE why = 'emergency' ORDER BY at")
    assert tuple(look) == ("nurse", "emergency", DANGER)
    read = await charted.pool.fetchrow("SELECT why FROM audit.look WHERE action = 'read' ORDER BY at DESC LIMIT 1")
    assert read["why"] == "emergency"


async def test_why_it_is_closed_is_told(charted: World) -> None:
    await charted.put(block("Organization/hospital"))
    told = await explain(charted.door, await charted.permit("nurse"), "kari")
    assert (told.opens, told.blocked) == (None, True)
    assert {bond.state for bond in told.bonds} == {"blocked"}


async def test_what_no_block_can_hold_is_kept_and_somebody_must_see_to_it(charted: World) -> None:
    related = [{"meaning": "related", "reference": to("Observation/pulse")}]
    await charted.put(block("Organization/ward", data=related))
    assert await opens(charted, "nurse"), "it is not enforced"
    assert await charted.pool.fetchval("SELECT count(*) FROM access.review WHERE kind = 'unenforced'") == 1
    await charted.put(block("Device/x"))
    assert await opens(charted, "nurse")
    assert await charted.pool.fetchval("SELECT count(*) FROM access.review WHERE kind = 'unenforced'") == 1, "once"


async def test_people_do_not_write_blocks_over_the_api(charted: World) -> None:
    for login in ("nurse", "doctor", "kari"):
        async with await charted.client(login) as client:
            assert (await client.post("/Consent", json=block("Organization/ward"))).status_code == 403


async def test_doctor_finds_a_block_that_is_not_kept(charted: World) -> None:
    await charted.put(block("Organization/ward"))
    await charted.pool.execute("DELETE FROM access.block")
    assert await opens(charted, "nurse")
    drifts = [drift async for drift in compare_projections(charted.door, charted.system, rebuild=True)]
    assert next(drift for drift in drifts if drift.type == "Consent").differing == 1
    assert not await opens(charted, "nurse")


@pytest.mark.parametrize(
    ("consent", "told"),
    [
        (block("Organization/ward"), [("Organization/ward", True)]),
        (block(), [(None, True)]),
        (block("Organization/ward", code=[{"text": "psykiatri"}]), [("Organization/ward", False)]),
        (block("Organization/ward", period={"end": "2020-01-01"}), []),
        ({**block(), "provision": {"type": "permit"}}, []),
        ({name: value for name, value in block().items() if name != "provision"}, []),
    ],
)
async def test_the_patient_is_told_which_blocks_hold(
    charted: World, consent: Resource, told: list[tuple[str | None, bool]]
) -> None:
    await charted.put(consent)
    own = await own_blocks(charted.door, await charted.permit("kari"))
    assert [(one.whom, one.is_enforced) for one in own] == told
