"""A video visit whose room was refused is work of its unit: else patient and staff each wait for a link.

    to_do(door, permit, appointment, now) -> Change | None      None when the work is there already, or nobody has it
    settled(door, permit, id, now) -> Change | None             the work of an appointment that has its link after all

The Task has an id of its own made of the appointment's, so it is made once. It has no `for`, and opens no record.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.dates import OSLO
from samjournal.fhir.keys import local
from samjournal.messages.making import bare, created
from samjournal.record import Change, Door, Stored, period_of
from samjournal.record.beside import resources
from samjournal.scheduling.making import staff_of
from samjournal.tasks import written
from samjournal.tasks.answering import unit_of
from samjournal.tasks.doing import OPEN
from samjournal.tasks.manned import duty, manned

Resource = dict[str, Any]
_BEFORE: Final = timedelta(hours=2)
"""So long before the visit somebody must have seen to it."""
_AT_LEAST: Final = timedelta(minutes=15)
_SOON: Final = timedelta(days=1)


async def to_do(door: Door, permit: Permit, one: Stored, now: datetime) -> Change | None:
    """The unit of who holds it phones the patient, or holds it in another way."""
    body, id_ = one.resource(), _task_id(one.id)
    when = period_of(body)
    if when is None or when[1] <= now or await resources(door, permit, [("Task", id_)]):
        return None
    owner = await _owner(door, permit, body)
    if owner is None:
        return None
    at = when[0].astimezone(OSLO)
    task = written(
        kind="do",
        patient="",
        owner=owner,
        at=now,
        due=max(min(now + _SOON, when[0] - _BEFORE), now + _AT_LEAST),
        words=f"Videotimen {at:%d.%m.%Y} kl. {at:%H.%M} har ikke fått noe rom: avtal en annen måte med pasienten",
        focus=one.reference,
        urgent=when[0] - now < _SOON,
    )
    return created({**task, "id": id_})


async def settled(door: Door, permit: Permit, id_: str, now: datetime) -> Change | None:
    found = (await resources(door, permit, [("Task", _task_id(id_))])).get(f"Task/{_task_id(id_)}")
    if found is None or found.resource().get("status") not in OPEN:
        return None
    ended = {**bare(found.resource()), "status": "completed", "lastModified": now.astimezone(UTC).isoformat()}
    return Change.update(ended, if_match=found.version)


def _task_id(id_: str) -> str:
    return f"video-{id_}"[:64]


async def _owner(door: Door, permit: Permit, body: Resource) -> Resource | None:
    """The unit of somebody who holds it and where somebody can sign in; else who is on duty."""
    for one in staff_of(body):
        if (local(one.get("reference", "")) or "").partition("/")[0] not in ("PractitionerRole", "Practitioner"):
            continue
        unit = await unit_of(door, permit, one)
        there = await manned(door, permit, unit, "do") if unit else None
        if there is not None:
            return there
    return await duty(door, permit, "do")
