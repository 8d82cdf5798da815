"""Hazard: what is reserved for some is read by all who may open the record: sensitive notes, prison health, services
that are not health care, and the parts that the patient has blocked.

The norwegian facts, section 5: blocking by document, unit and person; services that are not health care in a part with
access of its own.
"""

from __future__ import annotations

from typing import Any

import pytest

from samjournal import accounts
from samjournal.accounts import Account, RoleAt
from samjournal.fhir.errors import Forbidden
from samjournal.fhir.reserved import ACT_CODE, PART
from samjournal.notes import Section, Written, sign_note
from samjournal.record import Change, change, compare_projections, compare_search, own_blocks, state_reason
from world import Resource, World, made, observation, organization, patient, stay, to

pytestmark = pytest.mark.anyio
LOINC = "http://loinc.org"
SENSITIVE = [{"system": ACT_CODE, "code": "PSY"}]
KINDS = {"psych", "prison", "support", "childcare", "plain"}
DANGER = "Bevisstløs i mottaket, trenger å vite om medisiner"


def label(part: str) -> list[Resource]:
    return [{"system": PART, "code": part}]


def note(id_: str, unit: str, security: list[Resource], **rest: Any) -> Resource:
    return made(
        "Composition",
        id_,
        status="final",
        type={"coding": [{"system": LOINC, "code": "11506-3"}]},
        subject=to("Patient/kari"),
        date="2026-11-20T08:00:00Z",
        author=[to(f"Organization/{unit}")],
        custodian=to(f"Organization/{unit}"),
        title=f"Notat {id_}",
        section=[
            {"title": "x", "text": {"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'>Q</div>"}}
        ],
        **({"meta": {"security": security}} if security else {}),
        **rest,
    )


def staff(login: str, code: str, unit: str) -> Account:
    return Account(login, login, "staff", (RoleAt(code, unit, f"{login}-role", unit),), practitioner_id=login)


@pytest.fixture(scope="module")
async def parted(world: World) -> World:
    people = [
        staff("psychiatrist", "doctor", "psych"),
        staff("prisonnurse", "nurse", "prison"),
        staff("supporter", "nurse", "support"),
        staff("caseworker", "nurse", "childcare"),
    ]
    async with world.pool.transaction() as db:
        await accounts.add(db, people)
    episode = made("EpisodeOfCare", "x", status="active", patient=to("Patient/kari"))
    await world.put(
        organization("psych", part_of="hospital"),
        {**organization("prison"), "meta": {"security": label("prison-health")}},
        {**organization("support"), "meta": {"security": label("not-health")}},
        {**organization("childcare"), "meta": {"security": label("child-welfare")}},
        stay("psych-stay", "kari", unit="psych"),
        {**stay("prison-stay", "kari", unit="prison"), "meta": {"security": label("prison-health")}},
        {**episode, "id": "support-service", "managingOrganization": to("Organization/support"),
         "meta": {"security": label("not-health")}},
        {**episode, "id": "childcare-case", "managingOrganization": to("Organization/childcare"),
         "meta": {"security": label("child-welfare")}},
        note("psych-note", "psych", SENSITIVE),
        note("prison-note", "prison", label("prison-health")),
        note("support-note", "support", label("not-health")),
        note("childcare-note", "childcare", label("child-welfare")),
        note("plain-note", "ward", []),
        {**observation("kari"), "id": "pulse", "encounter": to("Encounter/kari-stay")},
        {**observation("kari", code="8310-5", at="2020-01-05T08:00:00Z"), "id": "old"},
    )  # fmt: skip
    return world


@pytest.fixture(autouse=True)
async def clean(parted: World) -> None:
    async with await parted.client() as client:
        await client.delete("/Consent/part")
    await parted.pool.execute("DELETE FROM access.relation WHERE kind IN ('reason', 'emergency')")


async def notes_of(world: World, login: str | None, *, scope: str | None = None) -> set[str]:
    """The notes that a reader finds, each of which can be read alone and in its history, too; no other can."""
    async with await world.client(login, scope=scope) as client:
        found = (await client.get("/Composition?patient=kari&_count=50&_total=accurate")).json()
        ids = {entry["resource"]["id"].removesuffix("-note") for entry in found.get("entry", ())}
        assert found["total"] == len(ids), "the total tells of no more"
        for kind in sorted(KINDS):
            for path in ("", "/_history", "/_history/1", "/$meta"):
                answer = await client.get(f"/Composition/{kind}-note{path}")
                assert (answer.status_code == 200) is (kind in ids), (login, kind, path, answer.text)
            listed = (await client.get(f"/Composition?_id={kind}-note&_summary=count")).json()
            assert listed["total"] == (kind in ids), (login, kind)
            titled = (await client.get(f"/Composition?title=Notat {kind}-note")).json()
            assert titled["total"] == (kind in ids), (login, kind)
            if login != "kari":
                chained = (await client.get(f"/Patient?_has:Composition:patient:title=Notat {kind}-note")).json()
                told = [entry for entry in chained.get("entry", ()) if entry["search"]["mode"] == "match"]
                assert not told or kind in ids, (login, kind)
        history = (await client.get("/Composition/_history?_count=100")).json()
        told = {entry["fullUrl"].rpartition("/")[2].removesuffix("-note") for entry in history.get("entry", ())}
        assert told & KINDS == ids, "the history tells of the same"
        return ids


@pytest.mark.parametrize(
    ("login", "sees"),
    [
        ("doctor", {"plain"}),
        ("nurse", {"plain"}),
        ("psychiatrist", {"plain", "psych"}),
        ("prisonnurse", {"plain", "prison"}),
        ("supporter", {"support"}),
        ("caseworker", {"childcare"}),
        ("kari", {"plain", "psych", "prison", "support", "childcare"}),
        (None, {"plain", "psych", "prison", "support", "childcare"}),
    ],
)
async def test_each_part_is_for_the_unit_that_answers_for_it(parted: World, login: str | None, sees: set[str]) -> None:
    assert await notes_of(parted, login) == sees


async def test_a_system_by_scopes_sees_no_part_unless_it_may_change_access(parted: World) -> None:
    assert await notes_of(parted, None, scope="system/*.cruds") == {"plain"}
    seen = await notes_of(parted, None, scope="system/*.cruds access.change")
    assert seen == {"plain", "psych", "prison", "support", "childcare"}
    async with await parted.client(scope="system/*.cruds") as client:
        sent = note("psych-note", "psych", [])
        assert (await client.put("/Composition/psych-note", json=sent)).status_code == 404
        assert (await client.delete("/Composition/psych-note")).status_code == 404


async def test_everything_has_no_more(parted: World) -> None:
    async with await parted.client("nurse") as client:
        found = (await client.get("/Patient/kari/$everything?_count=200")).json()
        told = {entry["resource"]["id"] for entry in found["entry"]}
        assert "plain-note" in told
        assert told.isdisjoint(
            {"psych-note", "prison-note", "support-note", "childcare-note", "prison-stay", "support-service"}
        )
        assert "PSY" not in str(found)
    async with await parted.client("supporter") as client:
        assert (await client.get("/Patient/kari/$everything")).status_code in (403, 404)


async def test_a_stated_reason_opens_what_is_sensitive_and_an_emergency_prison_health(parted: World) -> None:
    await state_reason(parted.door, await parted.permit("doctor"), "kari", "Skal starte et nytt legemiddel i dag")
    assert await notes_of(parted, "doctor") == {"plain", "psych"}
    assert await notes_of(parted, "nurse") == {"plain"}, "it opens for who stated it alone"
    await state_reason(parted.door, await parted.permit("doctor"), "kari", DANGER, emergency=True)
    assert await notes_of(parted, "doctor") == {"plain", "psych", "prison"}


async def test_a_service_that_is_no_health_care_opens_no_record(parted: World) -> None:
    async with await parted.client("supporter") as client:
        assert (await client.get("/Patient/kari")).status_code in (403, 404)
        assert (await client.get("/Observation/pulse")).status_code == 404
        assert (await client.get("/Observation?patient=kari")).json()["total"] == 0
    with pytest.raises(Forbidden):
        await state_reason(parted.door, await parted.permit("supporter"), "kari", "Vil gjerne lese journalen")
    # Its unit lies under none of the health service's: nor does a task or a stay of the same unit open anything.
    await parted.put(stay("odd", "kari", unit="support"))
    async with await parted.client("supporter") as client:
        assert (await client.get("/Observation/pulse")).status_code == 404
    await parted.put({**stay("odd", "kari", unit="support"), "status": "cancelled"})


async def test_a_reason_and_another_services_task_do_not_open_prison_health(parted: World) -> None:
    """The unit has written of her before and has no relation now but by a service that is not health care."""
    ended = {**stay("prison-stay", "kari", unit="prison"), "status": "cancelled"}
    asked = made("Task", "support-task", status="accepted", intent="order", owner=to("Organization/prison"))
    await parted.put(
        {**ended, "meta": {"security": label("prison-health")}},
        {**asked, "for": to("Patient/kari"), "meta": {"security": label("not-health")}},
    )
    assert await notes_of(parted, "prisonnurse") == set()
    await state_reason(parted.door, await parted.permit("prisonnurse"), "kari", "Skal starte et nytt legemiddel i dag")
    assert await notes_of(parted, "prisonnurse") == {"plain", "psych"}, "a reason opens no prison health"
    async with await parted.client("prisonnurse") as client:
        sent = note("prison-note", "prison", label("prison-health"))
        assert (await client.put("/Composition/prison-note", json=sent)).status_code == 404
    await state_reason(parted.door, await parted.permit("prisonnurse"), "kari", DANGER, emergency=True)
    assert await notes_of(parted, "prisonnurse") == {"plain", "psych", "prison"}
    # Each of the two alone, and a true relation, are as they were.
    await parted.pool.execute("DELETE FROM access.relation WHERE kind IN ('reason', 'emergency')")
    await parted.put({**stay("prison-stay", "kari", unit="prison"), "meta": {"security": label("prison-health")}})
    assert await notes_of(parted, "prisonnurse") == {"plain", "prison"}
    await parted.put({**asked, "for": to("Patient/kari"), "status": "cancelled"})


async def test_what_a_unit_of_a_part_writes_lies_in_it(parted: World) -> None:
    for login, unit, part in (
        ("prisonnurse", "prison", "prison-health"),
        ("supporter", "support", "not-health"),
        ("caseworker", "childcare", "child-welfare"),
    ):
        sent = {**note("new", unit, []), "status": "preliminary", "title": f"Av {unit}"}
        del sent["id"]
        async with await parted.client(login) as client:
            answer = await client.post("/Composition", json=sent)
            assert answer.status_code == 201, answer.text
            stored = answer.json()
            assert stored["meta"]["security"] == label(part)
            assert list(stored)[:3] == ["resourceType", "id", "meta"]
            stored["title"] = "Rettet"
            again = await client.put(f"/Composition/{stored['id']}", json=stored)
            assert again.status_code == 200, again.text
            del stored["meta"]
            bare = await client.put(f"/Composition/{stored['id']}", json=stored)
            assert bare.json()["meta"]["security"] == label(part), "nor is it lost when it is left out"
        async with await parted.client("nurse") as client:
            assert (await client.get(f"/Composition/{stored['id']}")).status_code == 404
            assert (await client.put(f"/Composition/{stored['id']}", json=stored)).status_code == 404
            assert (await client.delete(f"/Composition/{stored['id']}")).status_code in (403, 404)
        async with await parted.client() as client:
            await client.delete(f"/Composition/{stored['id']}")


async def test_people_neither_take_a_label_away_nor_put_one_on(parted: World) -> None:
    async with await parted.client("psychiatrist") as client:
        sent = note("psych-note", "psych", [])
        assert (await client.put("/Composition/psych-note", json=sent)).status_code == 403
        sent = note("plain-note", "ward", SENSITIVE)
        assert (await client.put("/Composition/plain-note", json=sent)).status_code == 403


async def test_numbers_keep_their_digits_where_a_label_is_added(parted: World) -> None:
    body = (
        b'{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"x"}]},'
        b'"subject":{"reference":"Patient/kari"},"valueQuantity":{"value":1.00},"meta":{"tag":[{"code":"a"}]}}'
    )
    async with await parted.client("prisonnurse") as client:
        answer = await client.post("/Observation", content=body)
    assert answer.status_code == 201, answer.text
    assert b'"value":1.00' in answer.content
    assert b'"tag":[{"code":"a"}]' in answer.content
    async with await parted.client() as client:
        await client.delete(f"/Observation/{answer.json()['id']}")


def part_block(**provision: Any) -> Resource:
    """Kari keeps the ward out of some of her record."""
    actor = [{"role": {"text": "sperret"}, "reference": to("Organization/ward")}]
    return made(
        "Consent",
        "part",
        status="active",
        scope={"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        category=[{"text": "sperring"}],
        policyRule={"text": "pasientjournalloven § 17"},
        patient=to("Patient/kari"),
        provision={"type": "deny", "actor": actor, **provision},
    )


PULSE, OLD = ("Observation", "pulse"), ("Observation", "old")
PLAIN, STAY = ("Composition", "plain-note"), ("Encounter", "kari-stay")
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"


@pytest.mark.parametrize(
    ("provision", "blocked"),
    [
        ({"data": [{"meaning": "instance", "reference": to("Observation/pulse")}]}, {PULSE}),
        ({"data": [{"meaning": "instance", "reference": to("Composition/plain-note")}]}, {PLAIN}),
        ({"class": [{"system": RESOURCE_TYPES, "code": "Observation"}]}, {PULSE, OLD}),
        ({"class": [{"system": RESOURCE_TYPES, "code": "Encounter"}]}, {STAY}),
        ({"code": [{"coding": [{"system": LOINC, "code": "8867-4"}]}]}, {PULSE}),
        ({"code": [{"coding": [{"system": LOINC, "code": "11506-3"}]}]}, {PLAIN}),
        ({"code": [{"coding": [{"system": LOINC, "code": "1234-5"}]}]}, set()),
        ({"dataPeriod": {"start": "2020-01-01", "end": "2020-12-31"}}, {OLD}),
        ({"dataPeriod": {"start": "2026"}, "class": [{"system": RESOURCE_TYPES, "code": "Observation"}]}, {PULSE}),
        ({"securityLabel": SENSITIVE}, set()),
    ],
)  # fmt: skip
async def test_a_blocked_part_is_kept_from_whom_it_is_blocked_for(
    parted: World, provision: Resource, blocked: set[tuple[str, str]]
) -> None:
    await parted.put(part_block(**provision))
    for login in ("nurse", "psychiatrist", "kari"):
        async with await parted.client(login) as client:
            for type_, id_ in (PULSE, OLD, PLAIN, STAY):
                sees = login != "nurse" or (type_, id_) not in blocked
                assert ((await client.get(f"/{type_}/{id_}")).status_code == 200) is sees, (login, type_, id_)
                assert ((await client.get(f"/{type_}/{id_}/_history/1")).status_code == 200) is sees
                for asked in (f"_id={id_}", f"patient=kari&_id={id_}", f"subject.birthdate=1948-03-11&_id={id_}"):
                    found = (await client.get(f"/{type_}?{asked}&_total=accurate")).json()
                    assert found["total"] == sees, (login, type_, asked)
            assert (await client.get("/Patient/kari")).status_code == 200, "the rest of the record stays open"
            together = (await client.get("/Observation?_id=pulse&_include=Observation:encounter")).json()
            named = {entry["resource"]["id"] for entry in together.get("entry", ())}
            assert login != "nurse" or named.isdisjoint({id_ for _, id_ in blocked})
    async with await parted.client("nurse") as client:
        for type_, id_ in blocked:
            sent = (await (await parted.client()).get(f"/{type_}/{id_}")).json()
            assert (await client.put(f"/{type_}/{id_}", json=sent)).status_code == 404, "nor is it written over"


async def test_an_emergency_opens_a_blocked_part_and_a_reason_does_not(parted: World) -> None:
    await parted.put(part_block(data=[{"meaning": "instance", "reference": to("Composition/plain-note")}]))
    await state_reason(parted.door, await parted.permit("doctor"), "kari", "Følger opp et svar om pasienten")
    assert "plain" not in await notes_of(parted, "doctor")
    await state_reason(parted.door, await parted.permit("doctor"), "kari", DANGER, emergency=True)
    assert "plain" in await notes_of(parted, "doctor")
    assert "plain" not in await notes_of(parted, "nurse")


async def test_a_blocked_part_is_so_under_every_id_of_a_merged_person(parted: World) -> None:
    await parted.put(
        {**patient("kari-old", "Nordmann"), "link": [{"other": to("Patient/kari"), "type": "replaced-by"}]},
        {**observation("kari-old"), "id": "old-pulse"},
    )
    await parted.door.persons.refresh(parted.pool)
    async with await parted.client("nurse") as client:
        assert (await client.get("/Observation/old-pulse")).status_code == 200
        await parted.put(part_block(code=[{"coding": [{"system": LOINC, "code": "8867-4"}]}]))
        assert (await client.get("/Observation/old-pulse")).status_code == 404
        assert (await client.get("/Observation?patient=kari&code=8867-4")).json()["total"] == 0
    await parted.put(patient("kari-old", "Nordmann"))
    await parted.door.persons.refresh(parted.pool)


async def test_what_is_written_later_under_a_blocked_code_is_blocked_from_the_start(parted: World) -> None:
    await parted.put(part_block(code=[{"coding": [{"system": LOINC, "code": "8867-4"}]}]))
    await parted.put({**observation("kari"), "id": "later"})
    async with await parted.client("nurse") as client:
        assert (await client.get("/Observation/later")).status_code == 404
    async with await parted.client() as client:
        await client.delete("/Observation/later")


async def test_doctor_finds_what_is_not_as_the_record_has_it(parted: World) -> None:
    await parted.put(part_block(code=[{"coding": [{"system": LOINC, "code": "8867-4"}]}]))
    await parted.pool.execute("DELETE FROM access.part_block")
    await parted.pool.execute("UPDATE access.unit SET part = 0")
    await parted.pool.execute("UPDATE store.current SET part = 0, released = NULL WHERE id = 'psych-note'")
    drifts = {one.type: one.differing async for one in compare_projections(parted.door, parted.system, rebuild=True)}
    assert (drifts["Consent"], drifts["Organization"]) == (1, 3)
    drifts = {one.type: one.differing async for one in compare_search(parted.door, rebuild=True)}
    assert drifts["Composition"] == 1
    assert "psych" not in await notes_of(parted, "nurse")
    assert await notes_of(parted, "prisonnurse") == {"plain", "prison"}


async def test_the_patient_reads_of_her_own_blocks_of_parts(parted: World) -> None:
    await parted.put(part_block(**{"class": [
        {"system": RESOURCE_TYPES, "code": "Observation"}]}))  # fmt: skip
    (own,) = await own_blocks(parted.door, await parted.permit("kari"))
    assert (own.whom, own.is_enforced, own.is_part) == ("Organization/ward", True, True)


async def test_who_reads_by_a_reason_does_not_take_it_from_the_unit_that_answers_for_it(parted: World) -> None:
    """The record as the unit wrote it, with and without its name in it: corrected and labelled by others."""
    pulse = {**observation("kari"), "id": "unnamed", "performer": [to("Practitioner/psychiatrist")]}
    await parted.put(note("psych-plan", "psych", SENSITIVE))
    await change(parted.door, await parted.permit("psychiatrist"), [Change.create(pulse)])
    unnamed = await parted.pool.fetchval("SELECT id FROM store.version WHERE author = 'psychiatrist'")
    await label_it(parted, f"/Observation/{unnamed}", SENSITIVE)
    await state_reason(parted.door, await parted.permit("doctor"), "kari", "Trenger det for behandlingen nå")
    async with await parted.client("doctor") as client:
        plan = (await client.get("/Composition/psych-plan")).json()
        for stolen in ({"custodian": to("Organization/ward")}, {"custodian": None}):
            told = {name: value for name, value in {**plan, **stolen}.items() if value is not None}
            refused = await client.put("/Composition/psych-plan", json=told)
            assert refused.status_code == (403 if stolen["custodian"] else 200), refused.text
        found = (await client.get(f"/Observation/{unnamed}")).json()
        corrected = await client.put(f"/Observation/{unnamed}", json={**found, "valueQuantity": {"value": 70}})
        assert corrected.status_code == 200, corrected.text
    await label_it(parted, f"/Observation/{unnamed}", [{"system": ACT_CODE, "code": "PRS"}], by="kari")
    for login, sees in (("psychiatrist", True), ("nurse", False)):
        async with await parted.client(login) as client:
            for path in (f"/Observation/{unnamed}", "/Composition/psych-plan"):
                assert ((await client.get(path)).status_code == 200) is sees, (login, path)
    async with await parted.client("psychiatrist") as client:
        handed = await client.put("/Composition/psych-plan", json={**plan, "custodian": to("Organization/hospital")})
        assert handed.status_code == 200, "its own people hand it over"


async def label_it(world: World, path: str, labels: list[Resource], *, by: str | None = None) -> None:
    meta = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": {"security": labels}}]}
    async with await world.client(by) as client:
        assert (await client.post(f"{path}/$meta-add", json=meta)).status_code == 200


async def test_that_a_reserved_note_waits_for_a_signature_is_told_to_who_reads_it(parted: World) -> None:
    post = {"practitioner": {"reference": "Practitioner/psych-two", "display": "To"}, "active": True}
    await parted.put(
        {"resourceType": "PractitionerRole", "id": "psych-two", **post, "organization": to("Organization/psych")}
    )
    said = Written("Samtale", "mental-health", (Section("", "Natt."),), countersigner="psych-two")
    stored = await sign_note(parted.door, await parted.permit("psychiatrist"), "kari", said)
    for login, count in (("psychiatrist", 1), ("nurse", 0)):
        async with await parted.client(login) as client:
            found = (await client.get(f"/Task?focus={stored.reference}&_total=accurate")).json()
            assert (found["total"], len(found.get("entry", ()))) == (count, count), login
