"""Units that take referrals, for tests: who works in this record, who is outside, who is not ready."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from samjournal import accounts, referrals
from samjournal.access import Permit
from samjournal.accounts import Account, RoleAt
from samjournal.fhir.identifiers import HER
from samjournal.record import Stored, read
from samjournal.referrals import Referral, Written
from samjournal.referrals.making import waiting
from samjournal.referrals.states import CATEGORY, step
from world import World, organization, to

KIND = "urn:oid:2.16.578.1.12.4.1.1.8279"
KINDS = ("HENVISNING", "EPIKRISE", "DIALOG_HELSEFAGLIG")


def endpoint(unit: str, way: str = "shared", status: str = "active", **more: Any) -> dict[str, Any]:
    """Where a unit takes messages."""
    return {
        "resourceType": "Endpoint",
        "id": f"{unit}-{way}",
        "status": status,
        "connectionType": {"system": "urn:samjournal:connection", "code": way},
        "name": f"{unit} {way}",
        "managingOrganization": {**to(f"Organization/{unit}"), "display": unit.title()},
        "payloadType": [{"coding": [{"system": KIND, "code": code} for code in KINDS]}],
        "address": f"folder:{unit}",
        **more,
    }


async def settled(world: World) -> World:
    """The clinic and the heart unit work here, the specialist is outside; the gym has nobody, the spa is untested."""
    people = [
        Account("clinic", "Mette Brattland", "staff", (RoleAt("doctor", "clinic", "clinic-role", "Klinikken"),),
                practitioner_id="clinic"),
        Account("office", "Turid Dal", "staff", (RoleAt("secretary", "clinic", "office-role", "Klinikken"),),
                practitioner_id="office"),
        Account("heart", "Hans Hjerte", "staff", (RoleAt("doctor", "heart", "heart-role", "Hjerte"),),
                practitioner_id="heart"),
    ]  # fmt: skip
    async with world.pool.transaction() as db:
        await accounts.add(db, people)
    await world.put(
        _with_address(organization("hospital"), "800001"),
        _with_address(organization("ward", part_of="hospital"), "800002"),
        *(organization(one) for one in ("clinic", "heart", "gym", "spa", "none")),
        {**organization("specialist"), "name": "Spesialistlegen AS"},
        endpoint("ward"),
        endpoint("clinic"),
        endpoint("heart"),
        endpoint("gym"),
        endpoint("spa", "folder", "test"),
        endpoint("specialist", "folder"),
    )
    return world


def _with_address(unit: dict[str, Any], her: str) -> dict[str, Any]:
    return {**unit, "identifier": [{"system": HER, "value": her}]}


def about(receiver: str = "clinic", **more: Any) -> Written:
    """A referral that can be sent."""
    words: dict[str, Any] = {
        "about": "Hjertesvikt",
        "code": "I50.9",
        "system": "http://hl7.org/fhir/sid/icd-10",
        "text": "Tungpust i trapp. Ber om vurdering.",
        "questions": ("Kan ramipril startes igjen?",),
        "receiver": receiver,
    }
    return Written(**{**words, **more})


async def sent(world: World, receiver: str = "clinic", *, by: str = "doctor", **more: Any) -> str:
    """The id of a referral that somebody signed and sent."""
    permit = await world.permit(by)
    return (await referrals.refer(world.door, permit, "kari", about(receiver, **more), another=True)).id


async def stands(world: World, id_: str, by: Permit | None = None) -> Referral:
    """A referral as it stands."""
    return (await referrals.had(world.door, by or world.system, id_)).said


async def task(world: World, id_: str) -> Stored:
    return await read(world.door, world.system, "Task", id_)


def referral(id_: str, patient: str, unit: str = "ward", state: str = "received") -> list[dict[str, Any]]:
    """A referral from nobody who is known here, as resources, for tests that put them into the record."""
    now = datetime.now(UTC)
    request = {
        "resourceType": "ServiceRequest",
        "id": id_,
        "status": "active",
        "intent": "order",
        "category": [CATEGORY],
        "priority": "routine",
        "subject": to(f"Patient/{patient}"),
        "authoredOn": now.isoformat(),
        "requester": {"display": "Legen på hjørnet"},
        "performer": [to(f"Organization/{unit}")],
        "reasonCode": [{"text": "Uklare smerter"}],
    }
    owner = {**to(f"Organization/{unit}"), "display": unit.title()}
    steps = [step(state, now)]  # type: ignore[arg-type]
    task = waiting(
        request, sender=None, receiver=owner, requester=None, way="shared", steps=steps, now=now, words="Uklare smerter"
    )
    return [request, task]
