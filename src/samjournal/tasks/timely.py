"""What is seen to on time: work past its deadline goes to the team, and work of a post that nobody has.

    escalate(door, permit, now) -> int      of what is past its deadline; more may be left when it is MOST
    rehouse(door, permit, now) -> int       of what waits on posts that have ended or that nobody has, or on nobody

Each is settled by what the Task says, so that doing it twice does nothing. What is past its deadline keeps its owner,
who may be the only one who can do it, and waits on the team beside him: nothing vanishes from where somebody saw it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, PreconditionFailed
from samjournal.record import Change, Door, Stored, change, overdue, waited_on
from samjournal.record.beside import matches, resources
from samjournal.tasks.answering import standing, unit_of
from samjournal.tasks.doing import OPEN
from samjournal.tasks.kinds import ESCALATED, SYSTEM
from samjournal.tasks.manned import duty, manned
from samjournal.tasks.saying import beside, said, without_also

MOST = 100


async def escalate(door: Door, permit: Permit, now: datetime) -> int:
    """Have what is past its deadline wait on the team too of whoever has it, and mark what is the team's already. A
    team in which nobody can do it is passed by: for what it lies under, else for who is on duty."""
    ids = await overdue(door, now, count=MOST)
    found = await resources(door, permit, [("Task", id_) for id_ in ids])
    return sum([await _escalate(door, permit, one, now) for one in found.values()])


async def _escalate(door: Door, permit: Permit, one: Stored, now: datetime) -> int:
    task = one.resource()
    what = said(task)
    if what.status not in OPEN or what.escalated or what.due is None or what.due > now:
        return 0
    unit = await unit_of(door, permit, task.get("owner")) if what.owner else None
    there = await manned(door, permit, unit, what.kind) if unit else None
    unit = there or await duty(door, permit, what.kind)
    late = beside(task, None if unit is None or unit["reference"] == what.owner else unit, ESCALATED)
    return await _put(door, permit, late, one.version, now)


async def rehouse(door: Door, permit: Permit, now: datetime) -> int:
    """Give what waits on a post that nobody has any longer to its unit, or where somebody can do it, and a result that
    waits on nobody to who is on duty."""
    done = await _give_to_duty(door, permit, now)
    for role in await waited_on(door):
        reference = {"reference": role}
        now_at = await standing(door, permit, reference)
        if now_at is None or now_at["reference"] == role:
            continue
        asked = [("owner", role), ("status", ",".join(sorted(OPEN))), ("_count", str(MOST))]
        for one in await matches(door, permit, "Task", asked):
            there = now_at
            if now_at["reference"].startswith("Organization/"):
                there = await manned(door, permit, now_at, said(one.resource()).kind) or now_at
            moved = {**without_also(one.resource()), "owner": there, "status": "requested"}
            done += await _put(door, permit, moved, one.version, now)
    return done


async def _give_to_duty(door: Door, permit: Permit, now: datetime) -> int:
    """A result that came when nobody could sign in anywhere, or that somebody asked nobody to acknowledge."""
    asked = [("owner:missing", "true"), ("code", f"{SYSTEM}|acknowledge"), ("status", ",".join(sorted(OPEN)))]
    unowned = await matches(door, permit, "Task", [*asked, ("_count", str(MOST))])
    whose = await duty(door, permit, "acknowledge") if unowned else None
    if whose is None:
        return 0
    return sum([await _put(door, permit, {**one.resource(), "owner": whose}, one.version, now) for one in unowned])


async def _put(door: Door, permit: Permit, task: dict[str, Any], version: int, now: datetime) -> int:
    """One change; when somebody was at it at the same moment there is nothing to do, or it is looked at again."""
    meta = {name: value for name, value in task.get("meta", {}).items() if name in ("security", "tag", "profile")}
    changed = {name: value for name, value in task.items() if name != "meta"} | ({"meta": meta} if meta else {})
    changed["lastModified"] = now.isoformat(timespec="seconds")
    try:
        await change(door, permit, [Change.update(changed, if_match=version)])
    except (Conflict, PreconditionFailed):
        return 0
    return 1
