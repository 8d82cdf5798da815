"""Hazard: what is blocked or reserved is read after all: since it was deleted, since it lies under another patient, or
since another service has something to do. Found by tests/access/test_model.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from samjournal import accounts
from samjournal.accounts import Account, RoleAt
from world import Resource, World, made, observation, organization, patient, stay, to

pytestmark = pytest.mark.anyio
LOINC = "http://loinc.org"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
SCOPE = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}
PATHS = ("", "/_history", "/_history/1", "/$meta")


def block(of: str, **what: Any) -> Resource:
    """A patient keeps the ward out of something."""
    whom = {"actor": [{"role": {"text": "sperret"}, "reference": to("Organization/ward")}]}
    return made(
        "Consent",
        f"block-of-{of}",
        status="active",
        scope={"coding": [SCOPE]},
        category=[{"text": "sperring"}],
        policyRule={"text": "x"},
        patient=to(f"Patient/{of}"),
        provision={"type": "deny", **whom, **what},
    )


async def statuses(world: World, login: str, name: str) -> set[int]:
    async with await world.client(login) as client:
        return {(await client.get(f"/{name}{path}")).status_code for path in PATHS}


@pytest.mark.parametrize(
    "what",
    [
        {"code": [{"coding": [{"system": LOINC, "code": "8867-4"}]}]},
        {"securityLabel": [{"system": ACT, "code": "PRS"}]},
        {"dataPeriod": {"start": "2020-01-01", "end": "2020-02-01"}},
    ],
)
async def test_what_is_blocked_by_what_it_says_is_so_when_it_is_deleted(world: World, what: Resource) -> None:
    id_ = f"gone-by-{next(iter(what)).lower()}"
    said = {**observation("kari", at="2020-01-15T08:00:00Z"), "id": id_}
    await world.put({**said, "meta": {"security": [{"system": ACT, "code": "PRS"}]}}, block("kari", **what))
    assert await statuses(world, "nurse", f"Observation/{id_}") == {404}
    async with await world.client() as client:
        assert (await client.delete(f"/Observation/{id_}")).status_code == 204
    assert await statuses(world, "nurse", f"Observation/{id_}") == {404}
    async with await world.client("nurse") as client:
        told = (await client.get("/Observation/_history?_count=100")).json()
        assert id_ not in str(told)
        assert (await client.get("/Observation?code=8867-4&patient=kari")).json()["total"] == 0
    async with await world.client() as client:
        assert (await client.get("/Observation?code=8867-4&_id=" + id_)).json()["total"] == 0, "it is deleted"
        await client.delete("/Consent/block-of-kari")


async def test_what_names_a_patient_who_has_blocked_it_is_blocked(world: World) -> None:
    beside = {**observation("kari"), "id": "beside", "focus": [to("Patient/liv")]}
    await world.put(patient("liv", "Moe"), stay("liv-stay", "liv"), beside)
    assert 200 in await statuses(world, "nurse", "Observation/beside")
    types = [{"system": "http://hl7.org/fhir/resource-types", "code": "Observation"}]
    await world.put(block("liv", **{"class": types}))
    assert await statuses(world, "nurse", "Observation/beside") == {404}
    async with await world.client("nurse") as client:
        assert (await client.get("/Observation?_id=beside")).json()["total"] == 0


async def test_a_task_of_another_service_opens_nothing_sensitive(world: World) -> None:
    role = RoleAt("doctor", "psych", "psychiatrist-role", "psych")
    async with world.pool.transaction() as db:
        await accounts.add(db, [Account("psychiatrist", "P", "staff", (role,), practitioner_id="psychiatrist")])
    security = {"security": [{"system": ACT, "code": "PSY"}]}
    note = made("Procedure", "note", status="completed", subject=to("Patient/ola"), meta=security,
                performer=[{"actor": to("Organization/psych")}])  # fmt: skip
    task = made("Task", "help", status="accepted", intent="order", owner=to("Organization/psych"),
                authoredOn="2026-11-01", meta={"security": [{"system": "urn:samjournal:part", "code": "not-health"}]},
                **{"for": to("Patient/ola")})  # fmt: skip
    await world.put(organization("psych"), note, task)
    assert await statuses(world, "psychiatrist", "Procedure/note") == {404}
    await world.put(stay("ola-stay", "ola", unit="psych"))
    assert await statuses(world, "psychiatrist", "Procedure/note") == {200}


async def test_a_system_by_scopes_reads_units_of_every_part(world: World) -> None:
    label = {"security": [{"system": "urn:samjournal:part", "code": "child-welfare"}]}
    await world.put({**organization("childcare"), "meta": label})
    async with await world.client(scope="system/*.cruds") as client:
        assert (await client.get("/Organization/childcare")).status_code == 200
