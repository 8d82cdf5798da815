"""Hazard: a secretary, an app in a person's name or a Bundle opens a record by writing what makes a relation, by any
type and any way of writing, or by moving a unit in the tree. House rule 9. See test_self_made_relation.py too.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from world import World, appointment, made, patient, stay, to

pytestmark = pytest.mark.anyio
START = "2026-11-01T08:00:00Z"
PARTIES = (
    "Practitioner/{login}",
    "PractitionerRole/{login}-role",
    "Organization/ward",
    "HealthcareService/ward-clinic",
)
PEOPLE = ("secretary", "nurse", "doctor", "homenurse")
KINDS = ("Appointment", "CareTeam", "Consent", "Encounter", "EpisodeOfCare", "RelatedPerson", "ServiceRequest", "Task")
_ids = itertools.count(1)


def relation(type_: str, whom: str, party: str) -> dict[str, Any]:
    """What would bind a patient to a party, if somebody else wrote it."""
    match type_:
        case "Appointment":
            return appointment(whom, party)
        case "Encounter":
            who = {"participant": [{"individual": to(party)}]} if party.startswith("Practitioner") else {}
            made_ = {**stay("x", whom), **who}
            return {name: value for name, value in made_.items() if name != "id"}
        case "ServiceRequest":
            about = {"subject": to(f"Patient/{whom}"), "performer": [to(party)]}
            return {"resourceType": type_, "status": "active", "intent": "order", "authoredOn": START, **about}
        case "EpisodeOfCare":
            about = {"patient": to(f"Patient/{whom}"), "managingOrganization": to("Organization/ward")}
            return {"resourceType": type_, "status": "active", **about}
        case "CareTeam":
            members = [{"member": to(party)}]
            return {"resourceType": type_, "status": "active", "subject": to(f"Patient/{whom}"), "participant": members}
        case "Task":
            about = {"for": to(f"Patient/{whom}"), "owner": to(party)}
            return {"resourceType": type_, "status": "accepted", "intent": "order", "authoredOn": START, **about}
        case "RelatedPerson":
            return {"resourceType": type_, "patient": to(f"Patient/{whom}"), "name": [{"text": "Nær"}]}
    scope = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}]}
    permits = {"type": "permit", "actor": [{"role": {"text": "x"}, "reference": to(party)}]}
    about = {"patient": to(f"Patient/{whom}"), "provision": permits, "policyRule": {"text": "x"}}
    return {"resourceType": type_, "status": "active", "scope": scope, "category": [{"text": "x"}], **about}


async def closed(world: World, login: str, whom: str) -> None:
    """The record is closed to somebody by every plain way in."""
    async with await world.client(login) as client:
        assert (await client.get(f"/Patient/{whom}")).status_code == 403
        assert (await client.get(f"/Observation?patient={whom}&_summary=count")).json()["total"] == 0
        assert (await client.get(f"/Patient/{whom}/$everything")).status_code in (403, 404)


@pytest.fixture
async def nobodys(world: World) -> str:
    """A patient to whom nobody has a relation."""
    id_ = f"nobody-{next(_ids)}"
    await world.put(patient(id_, "Ingen"))
    return id_


@pytest.mark.parametrize("login", PEOPLE)
@pytest.mark.parametrize("type_", KINDS)
async def test_created_one_by_one(world: World, nobodys: str, login: str, type_: str) -> None:
    for party in PARTIES:
        async with await world.client(login) as client:
            sent = relation(type_, nobodys, party.format(login=login))
            answer = await client.post(f"/{type_}", json=sent)
            impossible = type_ == "Appointment" and party.startswith("Organization")
            assert answer.status_code in ((400,) if impossible else (201, 403)), answer.text
            # Sent once more, and under an id and a condition of one's own.
            await client.put(f"/{type_}/mine-{next(_ids)}", json={**sent, "id": f"mine-{next(_ids)}"})
            await client.put(f"/{type_}?patient={nobodys}&_count=1", json=sent)
            await client.post(f"/{type_}", json=sent, headers={"if-none-exist": f"patient={nobodys}"})
            if answer.status_code == 201:
                own = answer.json()
                again = await client.put(f"/{type_}/{own['id']}", json=own)
                assert again.status_code in (403, 404), "nor is what one wrote shown or written again"
                patched = await client.patch(
                    f"/{type_}/{own['id']}",
                    json=[{"op": "add", "path": "/language", "value": "nb"}],
                    headers={"content-type": "application/json-patch+json"},
                )
                assert patched.status_code in (403, 404)
                assert (await client.delete(f"/{type_}/{own['id']}")).status_code in (403, 404)
        await closed(world, login, nobodys)


@pytest.mark.parametrize("login", PEOPLE)
async def test_in_a_transaction_with_all_of_them(world: World, nobodys: str, login: str) -> None:
    for kinds in (KINDS, ("Appointment", "Encounter", "ServiceRequest"), ("Encounter",), ("Appointment",)):
        for kind in ("transaction", "batch"):
            entries: list[dict[str, Any]] = [
                {
                    "fullUrl": f"urn:uuid:0000000{place}-0000-4000-8000-000000000000",
                    "resource": relation(type_, nobodys, f"Practitioner/{login}"),
                    "request": {"method": "POST", "url": type_},
                }
                for place, type_ in enumerate(kinds)
            ]
            asked = (f"Patient/{nobodys}", f"Patient?_id={nobodys}", f"Patient/{nobodys}/$everything")
            entries += [{"request": {"method": "GET", "url": url}} for url in asked]
            async with await world.client(login) as client:
                answer = await client.post("", json={"resourceType": "Bundle", "type": kind, "entry": entries})
            assert "Ingen" not in answer.text
            await closed(world, login, nobodys)


async def test_by_an_absolute_or_versioned_reference(world: World, nobodys: str) -> None:
    for reference in (f"http://test/fhir/Patient/{nobodys}", f"Patient/{nobodys}/_history/1"):
        async with await world.client("secretary") as client:
            sent = appointment("kari", "Practitioner/secretary")
            sent["participant"][0]["actor"]["reference"] = reference
            await client.post("/Appointment", json=sent)
            sent = {**relation("Encounter", "kari", "Organization/ward"), "subject": to(reference)}
            await client.post("/Encounter", json=sent)
        await closed(world, "secretary", nobodys)


async def test_together_with_a_patient_whose_record_is_open(world: World, nobodys: str) -> None:
    async with await world.client("doctor") as client:
        sent = appointment("kari", f"Patient/{nobodys}", "Practitioner/doctor")
        answer = await client.post("/Appointment", json=sent)
        assert answer.status_code in (201, 403)
        task = {**relation("Task", "kari", "Practitioner/doctor"), "focus": to(f"Patient/{nobodys}")}
        assert (await client.post("/Task", json=task)).status_code == 403
        own = (await client.get("/Encounter/kari-stay")).json()
        moved = await client.put("/Encounter/kari-stay", json={**own, "subject": to(f"Patient/{nobodys}")})
        assert moved.status_code in (403, 422)
        patched = await client.patch(
            "/Encounter/kari-stay",
            json=[{"op": "replace", "path": "/subject/reference", "value": f"Patient/{nobodys}"}],
            headers={"content-type": "application/json-patch+json"},
        )
        assert patched.status_code in (403, 422)
    await closed(world, "doctor", nobodys)


@pytest.mark.parametrize("login", PEOPLE)
async def test_by_the_patient_herself(world: World, nobodys: str, login: str) -> None:
    """Her doctor, or another of her ids."""
    async with await world.client(login) as client:
        for change in (
            {"generalPractitioner": [to(f"Practitioner/{login}"), to("Organization/ward")]},
            {"link": [{"type": "replaced-by", "other": to("Patient/kari")}]},
        ):
            sent = {**patient(nobodys, "Ingen"), **change}
            assert (await client.put(f"/Patient/{nobodys}", json=sent)).status_code in (403, 404)
            operations = [{"op": "add", "path": f"/{name}", "value": value} for name, value in change.items()]
            patched = await client.patch(
                f"/Patient/{nobodys}", json=operations, headers={"content-type": "application/json-patch+json"}
            )
            assert patched.status_code in (403, 404)
            conditional = await client.put(f"/Patient?_id={nobodys}", json=sent)
            assert conditional.status_code in (400, 403, 404)
        # Nor by joining the one whose record is open to her, or a new one.
        kari = patient("kari", "Nordmann", number="11834826226")
        linked = {**kari, "link": [{"type": "replaces", "other": to(f"Patient/{nobodys}")}]}
        assert (await client.put("/Patient/kari", json=linked)).status_code in (403, 404)
        fresh = {"resourceType": "Patient", "link": [{"type": "replaces", "other": to(f"Patient/{nobodys}")}]}
        assert (await client.post("/Patient", json=fresh)).status_code == 403
    await closed(world, login, nobodys)


@pytest.mark.parametrize("type_", sorted({*KINDS} - {"Consent", "RelatedPerson"}))
async def test_what_somebody_else_makes_opens_it(world: World, nobodys: str, type_: str) -> None:
    """The same resources are what makes a relation: it is who writes them that counts."""
    start = datetime.now(UTC).isoformat(timespec="seconds")
    sent = relation(type_, nobodys, "Practitioner/nurse")
    await world.make({**sent, "start": start, "end": start} if type_ == "Appointment" else sent)
    async with await world.client("nurse") as client:
        assert (await client.get(f"/Patient/{nobodys}")).status_code == 200


@pytest.mark.parametrize("login", PEOPLE)
async def test_by_moving_units_in_the_tree(world: World, nobodys: str, login: str) -> None:
    """The home-care unit has a relation; nobody else puts it, or himself, under the own unit."""
    other, own = ("homecare", "ward") if login != "homenurse" else ("ward", "homecare")
    await world.put(
        made("EpisodeOfCare", f"care-{nobodys}", status="active", patient=to(f"Patient/{nobodys}"),
             managingOrganization=to(f"Organization/{other}"))
    )  # fmt: skip
    units = (
        made("Organization", other, name="x", partOf=to(f"Organization/{own}")),
        made("HealthcareService", "ward-clinic", providedBy=to(f"Organization/{other}")),
        made("PractitionerRole", f"{login}-role", organization=to(f"Organization/{other}")),
        made("PractitionerRole", "fresh", practitioner=to(f"Practitioner/{login}"),
             organization=to(f"Organization/{other}")),
        made("Location", "room", status="active", managingOrganization=to(f"Organization/{own}")),
        made("Practitioner", login, active=True),
    )  # fmt: skip
    async with await world.client(login) as client:
        for unit in units:
            name = f"{unit['resourceType']}/{unit['id']}"
            assert (await client.put(f"/{name}", json=unit)).status_code == 403, name
            assert (await client.post(f"/{unit['resourceType']}", json=unit)).status_code == 403, name
            assert (await client.delete(f"/{name}")).status_code == 403, name
            patched = await client.patch(
                f"/{name}",
                json=[{"op": "add", "path": "/partOf", "value": to(f"Organization/{own}")}],
                headers={"content-type": "application/json-patch+json"},
            )
            assert patched.status_code == 403, name
            entry = {"resource": unit, "request": {"method": "PUT", "url": name}}
            bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
            assert (await client.post("", json=bundle)).status_code == 403, name
    await closed(world, login, nobodys)


async def test_by_lengthening_what_is_about_to_run_out(world: World, nobodys: str) -> None:
    """Who has a relation makes it no longer for himself than others made it."""
    ended = {**stay(f"stay-{nobodys}", nobodys, status="finished")}
    ended["period"] = {"start": "2026-11-01T08:00:00Z", "end": "2026-11-20T08:00:00Z"}
    await world.put(ended)
    async with await world.client("doctor") as client:
        own = (await client.get(f"/Encounter/stay-{nobodys}")).json()
        longer = {**own, "status": "in-progress", "period": {"start": own["period"]["start"]}}
        assert (await client.put(f"/Encounter/stay-{nobodys}", json=longer)).status_code == 200
    await closed(world, "doctor", nobodys)
    async with await world.client("nurse") as client:
        assert (await client.get(f"/Patient/{nobodys}")).status_code == 200, "it counts for colleagues"
