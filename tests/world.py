"""A small world for tests: a ward, a home-care unit, four people at work, three patients."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx

from samjournal import access, accounts
from samjournal.access import Permit
from samjournal.accounts import Account, RoleAt
from samjournal.db.cluster import USER
from samjournal.db.pool import Pool
from samjournal.db.rights import as_role
from samjournal.record import Change, Door, Stored, change, open_door
from samjournal.rest import Rest

Resource = dict[str, Any]
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
FNR = "urn:oid:2.16.578.1.12.4.1.4.1"
# Whole numbers alone: a form's token has four sevens in a row now and then.
HIDDEN_ADDRESS = re.compile(r"Skjult|Hemmelig|\b7777\b|\b99999999\b")


@dataclass(frozen=True)
class World:
    """The door, and everybody who comes to it."""

    door: Door
    pool: Pool

    @property
    def system(self) -> Permit:
        return access.for_system("import", scope=None, request="test")

    async def permit(self, login: str, *, acts_for: str | None = None) -> Permit:
        who = await accounts.account(self.pool, login)
        assert who is not None
        return await access.for_work(
            self.pool,
            login=login,
            name=who.name,
            kind=who.kind,
            role=who.roles[0],
            patient_id=who.patient_id,
            request="test",
            acts_for=acts_for,
        )

    async def as_owner(self, *statements: str) -> None:
        """Do to the database what the application cannot, as its owner."""
        await as_owner(self.pool, *statements)

    async def put(self, *resources: Resource, by: str | None = None) -> list[Stored]:
        permit = await self.permit(by) if by else self.system
        return await change(self.door, permit, [Change.update(resource) for resource in resources])

    async def make(self, resource: Resource, by: str | None = None) -> Stored:
        permit = await self.permit(by) if by else self.system
        return (await change(self.door, permit, [Change.create(resource)]))[0]

    async def client(
        self, login: str | None = None, *, scope: str | None = None, acts_for: str | None = None
    ) -> httpx.AsyncClient:
        """A client of /fhir with a token: a person's, who may act for a patient, or a system's."""
        if login:
            token = await accounts.for_user(self.pool, login, acts_for=acts_for)
        else:
            token = await accounts.for_system(self.pool, "t", scope)
        return self.anonymous({"authorization": f"Bearer {token}"})

    def anonymous(self, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=Rest(self.door), root_path="/fhir")
        sent = {"content-type": "application/fhir+json", **(headers or {})}
        return httpx.AsyncClient(transport=transport, base_url="http://test/fhir", headers=sent)


async def as_owner(pool: Pool, *statements: str) -> None:
    """Do to a database what the application cannot, as its owner."""
    connection = await asyncpg.connect(as_role(pool.dsn, USER))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def locked(pool: Pool, tables: str) -> AsyncIterator[None]:
    """Nobody else touches some tables while the block lasts."""
    connection = await asyncpg.connect(as_role(pool.dsn, USER))
    try:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def build(pool: Pool) -> World:
    """An installation with people and three patients: Kari lies on the ward, Ola is nobody's, Elias is protected."""
    made = await accounts.create(pool, kind="demo")
    world = World(await open_door(pool, secret=made.secret), pool)
    async with pool.transaction() as db:
        await accounts.add(
            db,
            [
                _staff("doctor", "doctor", "ward"),
                _staff("nurse", "nurse", "ward"),
                _staff("secretary", "secretary", "ward"),
                _staff("homenurse", "home-nurse", "homecare"),
                Account("kari", "Kari", "citizen", (_citizen(),), patient_id="kari"),
                Account("elias", "Elias", "citizen", (_citizen(),), patient_id="elias"),
            ],
        )
    await world.put(
        {"resourceType": "Organization", "id": "hospital", "name": "Hospital"},
        organization("ward", part_of="hospital"),
        organization("homecare"),
        {
            "resourceType": "HealthcareService",
            "id": "ward-clinic",
            "providedBy": {"reference": "Organization/ward"},
        },
        patient("kari", "Nordmann", number="11834826226"),
        patient("ola", "Nordmann"),
        {
            **patient("elias", "Moe"),
            "meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]},
            "address": [{"line": ["Skjult vei 1"], "city": "Hemmelig", "postalCode": "7777"}],
            "telecom": [{"system": "phone", "value": "99999999"}],
        },
        stay("kari-stay", "kari"),
        stay("elias-stay", "elias"),
    )
    return world


def _staff(login: str, code: str, unit: str) -> Account:
    return Account(
        login,
        login.title(),
        "staff",
        (RoleAt(code, unit, f"{login}-role", unit.title()),),
        practitioner_id=login,
    )


def _citizen() -> RoleAt:
    return RoleAt("citizen", "", "citizen", "")


def made(type_: str, id_: str, **rest: Any) -> Resource:
    return {"resourceType": type_, "id": id_, **rest}


def to(reference: str) -> Resource:
    return {"reference": reference}


def organization(id_: str, *, part_of: str | None = None) -> Resource:
    made: Resource = {"resourceType": "Organization", "id": id_, "name": id_.title()}
    return {**made, "partOf": {"reference": f"Organization/{part_of}"}} if part_of else made


def patient(id_: str, family: str, *, number: str | None = None) -> Resource:
    made: Resource = {
        "resourceType": "Patient",
        "id": id_,
        "name": [{"family": family, "given": [id_.title()]}],
        "birthDate": "1948-03-11",
    }
    return {**made, "identifier": [{"system": FNR, "value": number}]} if number else made


def search_parameter(id_: str, kind: str, expression: str, *bases: str, **more: Any) -> Resource:
    """A SearchParameter of that code; of Patient unless it says otherwise."""
    return {
        "resourceType": "SearchParameter",
        "id": id_,
        "url": f"http://example.org/fhir/SearchParameter/{id_}",
        "name": id_,
        "status": "active",
        "description": id_,
        "code": id_,
        "base": list(bases or ("Patient",)),
        "type": kind,
        "expression": expression,
        **more,
    }


def stay(id_: str, patient_id: str, *, unit: str = "ward", status: str = "in-progress") -> Resource:
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": status,
        "class": {"system": ACT, "code": "IMP"},
        "subject": {"reference": f"Patient/{patient_id}"},
        "serviceProvider": {"reference": f"Organization/{unit}"},
        "period": {"start": "2026-11-19T08:00:00+01:00"},
    }


def observation(
    patient_id: str, *, code: str = "8867-4", value: float = 72, at: str = "2026-11-20T08:00:00Z"
) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": f"Patient/{patient_id}"},
        "effectiveDateTime": at,
        "valueQuantity": {"value": value},
    }


def appointment(patient_id: str, *actors: str, start: str = "2026-11-25T10:00:00+01:00") -> Resource:
    return {
        "resourceType": "Appointment",
        "status": "booked",
        "start": start,
        "end": start.replace("T10:00", "T10:30"),
        "participant": [
            {"actor": {"reference": reference}, "status": "accepted"}
            for reference in (f"Patient/{patient_id}", *actors)
        ],
    }
