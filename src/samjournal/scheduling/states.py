"""What becomes of an appointment on its day: each is one change of its status, by whoever may.

    check_in(door, permit, id, version)         the patient says that he is here; staff may say it for him
    arrived(door, permit, id, version)          he is here and waits
    finished(door, permit, id, version)         it was held
    no_show(door, permit, id, version)          he did not come: what is left of the time is free, the fee is due

All return what is stored, and raise VersionMoved, Conflict, Forbidden, NotFound.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, Forbidden
from samjournal.messages.making import bare
from samjournal.record import Change, Door, Stored, change, period_of
from samjournal.scheduling.making import FEE, visit_id, with_extension
from samjournal.scheduling.rights import Had, had
from samjournal.scheduling.visits import visit_type

EARLIEST: Final = timedelta(hours=3)
"""So long before he may say that he is here."""


async def check_in(door: Door, permit: Permit, id_: str, version: int, *, now: datetime | None = None) -> Stored:
    """Of today alone: from some hours before until it ends."""
    now = now or datetime.now(UTC)
    one = await had(door, permit, id_, version)
    period = period_of(one.resource)
    if period is None or not period[0] - EARLIEST <= now < period[1]:
        raise Conflict(f"One checks in from {EARLIEST.seconds // 3600} hours before the appointment until its end.")
    return await _become(door, one, "checked-in", among=("booked",))


async def arrived(
    door: Door,
    permit: Permit,
    id_: str,
    version: int,
    *,
    now: datetime | None = None,  # noqa: ARG001  as its neighbours
) -> Stored:
    one = await _of_staff(door, permit, id_, version)
    return await _become(door, one, "arrived", among=("booked", "checked-in"))


async def finished(door: Door, permit: Permit, id_: str, version: int, *, now: datetime | None = None) -> Stored:
    one = await _of_staff(door, permit, id_, version)
    _demand_begun(one, now or datetime.now(UTC))
    return await _become(door, one, "fulfilled", among=("booked", "checked-in", "arrived"))


async def no_show(door: Door, permit: Permit, id_: str, version: int, *, now: datetime | None = None) -> Stored:
    one = await _of_staff(door, permit, id_, version)
    _demand_begun(one, now or datetime.now(UTC))
    return await _become(door, one, "noshow", among=("booked",), fee=await _fee(door, permit, one))


async def _of_staff(door: Door, permit: Permit, id_: str, version: int) -> Had:
    if permit.kind == "citizen":
        raise Forbidden("The unit says what became of an appointment.")
    return await had(door, permit, id_, version)


def _demand_begun(one: Had, now: datetime) -> None:
    period = period_of(one.resource)
    if period is not None and now < period[0]:
        raise Conflict("It has not begun yet.")


async def _fee(door: Door, permit: Permit, one: Had) -> dict[str, object] | None:
    id_ = visit_id(one.resource)
    return (await visit_type(door, permit, id_)).fee if id_ else None


async def _become(
    door: Door, one: Had, status: str, *, among: Collection[str], fee: dict[str, object] | None = None
) -> Stored:
    if one.resource.get("status") not in among:
        raise Conflict("Somebody said already what became of the appointment. Look at it again.")
    made = {**bare(one.resource), "status": status}
    if fee is not None:
        made = with_extension(made, FEE, {"url": FEE, "valueMoney": fee})
    return (await change(door, one.rights, [Change.update(made, if_match=one.stored.version)]))[0]
