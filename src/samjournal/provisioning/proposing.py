"""Changes of role that a unit looks at before they hold. Requirement 2.6, docs/decisions/0057

    held_back(door, person, give, take, out=) -> Held       what waits of a change, and what is to be proposed
    proposals(door, permit) -> list[Proposal]               of the units that the reader answers for
    decide(door, permit, id, approves=, reason=)            once; who is decided about gets his roles at once
    overdue(door, most) -> list                             the directory is right when nobody has decided in time
    asks_for(door, permit), ask(door, permit, what)         what the own unit wants to look at

Nobody who is out waits for anybody: this is asked only of who stays.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from samjournal import audit
from samjournal.access import Permit, for_job
from samjournal.db.pool import Connection
from samjournal.db.queries import queries
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from samjournal.provisioning.people import Key, Person, person
from samjournal.record import Change, Door, change, rising
from samjournal.record.beside import resources
from samjournal.record.door import look_of
from samjournal.scheduling.planning import LEADER, POST
from samjournal.tasks import written
from samjournal.tasks.doing import OPEN

_SQL = queries("samjournal.provisioning")
WITHIN: Final = timedelta(hours=72)
ASKS: Final = ("never", "losses", "changes")
SHORTEST: Final = 3
MOST_HOLDERS: Final = 200


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that waits for a unit, or that it decided about."""

    id: UUID
    login: str
    name: str
    organization: str
    gains: tuple[Key, ...]
    loses: tuple[Key, ...]
    proposed: datetime
    deadline: datetime
    state: str
    decided: datetime | None
    decided_by: str | None
    reason: str | None
    task: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A proposal to be made: of which unit, what, and under which id."""

    organization: str
    gains: tuple[Key, ...]
    loses: tuple[Key, ...]
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True)
class Held:
    """What of a plan waits (or was refused): roles that stay for now, and roles that do not come yet; what is to be
    proposed, and which proposals say what the directory does not want any more."""

    stays: frozenset[Key] = frozenset()
    waits: frozenset[Key] = frozenset()
    propose: tuple[Wanted, ...] = ()
    withdraw: tuple[UUID, ...] = ()


async def held_back(door: Door, who: Person, give: Collection[Key], take: Collection[Key], *, out: bool) -> Held:
    """What of a change waits. `out`: he is out, and nothing waits."""
    rows = await door.pool.fetch(_SQL.proposals_of, who.login) if who.said else []
    known = [_proposal({**dict(row), "name": who.name}) for row in rows]
    if out or not who.gets_in:
        return Held(withdraw=tuple(one.id for one in known if one.state == "open"))
    asks = await _asked_by(door, {unit for _, unit in (*give, *take)}) if give or take else {}
    losing = {key for key in take if asks.get(key[1]) in ("losses", "changes")}
    gaining = {key for key in give if asks.get(key[1]) == "changes"}
    for one in known:
        if one.state in ("approved", "overdue"):
            losing -= set(one.loses)
            gaining -= set(one.gains)
    refused = {key for one in known if one.state == "refused" for key in (*one.loses, *one.gains)}
    asked = {unit for _, unit in losing | gaining}
    wanted, still = [], set()
    for unit in sorted(asked):
        gains = tuple(sorted(key for key in gaining - refused if key[1] == unit))
        loses = tuple(sorted(key for key in losing - refused if key[1] == unit))
        if not gains and not loses:
            continue
        same = next((one for one in known if one.state == "open" and one.organization == unit), None)
        if same is not None and (same.gains, same.loses) == (gains, loses):
            still.add(same.id)
        else:
            wanted.append(Wanted(unit, gains, loses))
    gone = tuple(one.id for one in known if one.state == "open" and one.id not in still)
    return Held(frozenset(losing), frozenset(gaining), tuple(wanted), gone)


async def _asked_by(door: Door, units: Collection[str]) -> dict[str, str]:
    """What each of some units asks for: itself, else the nearest above it that says."""
    rows = {unit: await rising(door, f"Organization/{unit}") for unit in units}
    above = {unit: [one.removeprefix("Organization/") for one in several] for unit, several in rows.items()}
    every = sorted({one for several in above.values() for one in several} | set(units))
    said = {row["organization"]: row["what"] for row in await door.pool.fetch(_SQL.asking_of, every)}
    return {unit: next((said[one] for one in (unit, *rest) if one in said), "never") for unit, rest in above.items()}


async def keep(db: Connection, login: str, held: Held, now: datetime) -> None:
    """Note what is proposed and what is not any more, in the transaction of the change."""
    for id_ in held.withdraw:
        await db.execute(_SQL.withdraw, id_)
    for one in held.propose:
        said = [[f"{code}@{unit}" for code, unit in keys] for keys in (one.gains, one.loses)]
        await db.execute(_SQL.propose, one.id, login, one.organization, *said, now + WITHIN, task_id(one.id))


def tasks_for(held: Held, names: dict[str, str], now: datetime) -> list[dict[str, Any]]:
    """The Tasks that tell the units of what is proposed. Who it is about stands on the page alone."""
    return [
        {
            **written(
                kind="do",
                patient="",
                owner={"reference": f"Organization/{one.organization}", "display": names.get(one.organization, "")},
                at=now,
                due=now + WITHIN,
                words="En rolleendring venter på lederen: se Rolleendringer",
            ),
            "id": task_id(one.id),
        }
        for one in held.propose
    ]


async def close_tasks(door: Door, permit: Permit, ids: Collection[str], now: datetime) -> None:
    """The Tasks of what waits no longer are done."""
    found = await resources(door, permit, [("Task", id_) for id_ in ids])
    for one in found.values():
        task = one.resource()
        if task["status"] not in OPEN:
            continue
        meta = {name: value for name, value in task.get("meta", {}).items() if name in ("security", "tag")}
        moment = now.isoformat(timespec="milliseconds")
        period = {"start": task.get("authoredOn", moment), "end": moment}
        done = {name: value for name, value in task.items() if name != "meta"} | ({"meta": meta} if meta else {})
        done |= {"status": "completed", "lastModified": moment, "executionPeriod": period}
        try:
            await change(door, permit, [Change.update(done, if_match=one.version)])
        except (Conflict, PreconditionFailed):
            continue  # Somebody has seen to it at this moment.


def task_id(proposal: UUID) -> str:
    """The id of the Task that tells of a proposal."""
    return f"role-change-{proposal}"


async def units_of(door: Door, permit: Permit) -> list[str]:
    """The units that somebody answers for: of a leader the own one and those under it, of who runs the system all of
    the organisation. None for others."""
    if not (permit.operates or await _leads(door, permit)):
        return []
    rows = await door.pool.fetch(_SQL.units_under, f"Organization/{permit.organization}")
    return [row["id"].removeprefix("Organization/") for row in rows]


async def _leads(door: Door, permit: Permit) -> bool:
    """Whether somebody leads the own unit by the register."""
    if permit.kind != "staff" or not permit.practitioner_role:
        return False
    found = await resources(door, for_job("roles"), [("PractitionerRole", permit.practitioner_role)])
    concepts = [concept for one in found.values() for concept in one.resource().get("code") or ()]
    codes = [coding for concept in concepts for coding in concept.get("coding", ())]
    return any(one.get("system") == POST and one.get("code") == LEADER for one in codes)


async def proposals(door: Door, permit: Permit) -> list[Proposal]:
    """What waits for whoever answers for the unit, what is due first on top, and what was decided lately. Raises
    Forbidden."""
    units = await units_of(door, permit)
    if not units:
        raise Forbidden("Changes of role are decided by the leader of the unit, and by who runs the system.")
    return [_proposal(row) for row in await door.pool.fetch(_SQL.proposals_at, units)]


async def decide(door: Door, permit: Permit, id_: str, *, approves: bool, reason: str) -> Proposal:
    """Approve, or refuse with a reason. Raises Forbidden, NotFound, Conflict when it was decided or withdrawn, Invalid
    without a reason, and for who decides about himself."""
    try:
        row = await door.pool.fetchrow(_SQL.proposal, UUID(id_))
    except ValueError:
        row = None
    if row is None or row["organization"] not in await units_of(door, permit):
        raise NotFound("There is no such change here.")
    one = _proposal(row)
    if one.login == permit.actor:
        raise Forbidden("Nobody decides about his own roles.")
    if not approves and len(reason.strip()) < SHORTEST:
        raise Invalid("Say why it is refused.")
    state = "approved" if approves else "refused"

    async def in_transaction(db: Connection) -> None:
        if await db.fetchrow(_SQL.decide, one.id, state, permit.name, reason.strip()[:500] or None) is None:
            raise Conflict("It was decided, or withdrawn, since the page was opened.")
        await db.execute(_SQL.unsettle, [one.login])
        told = " ".join([state, *(f"-{code}@{unit}" for code, unit in one.loses),
                         *(f"+{code}@{unit}" for code, unit in one.gains)])  # fmt: skip
        shown = audit.shown([("Practitioner", one.login)])
        await audit.write(db, [look_of(permit, "role-change", why="leader", shown=shown, reason=told)])

    await door.pool.change(in_transaction)
    return one


async def overdue(door: Door, most: int) -> list[Proposal]:
    """Those that nobody decided in time, closed now: the directory is right."""
    found = []
    for row in await door.pool.fetch(_SQL.overdue, most):

        async def in_transaction(db: Connection, id_: UUID = row["id"]) -> Any:
            done = await db.fetchrow(_SQL.decide, id_, "overdue", "", None)
            if done is not None:
                await db.execute(_SQL.unsettle, [done["login"]])
            return done

        if await door.pool.change(in_transaction) is not None:
            found.append(_proposal(await door.pool.fetchrow(_SQL.proposal, row["id"])))
    return found


async def asks_for(door: Door, permit: Permit) -> str:
    """What the own unit wants to look at: one of ASKS."""
    return (await _asked_by(door, [permit.organization]))[permit.organization]


async def ask(door: Door, permit: Permit, what: str) -> None:
    """Say what the own unit, and those under it, want to look at. Raises Forbidden, Invalid."""
    if what not in ASKS:
        raise Invalid(f"Choose one of {', '.join(ASKS)}.")
    if not await units_of(door, permit):
        raise Forbidden("The leader of the unit says what it wants to look at, or who runs the system.")
    async with door.pool.transaction() as db:
        await db.execute(_SQL.ask, permit.organization, what, permit.actor)
        told = f"changes of role: {what}"
        await audit.write(db, [look_of(permit, "role-change", why="leader", reason=told)])


async def standing(door: Door, one: Proposal) -> tuple[list[Key], list[Key]]:
    """The roles that somebody has, and those that he has when it is approved."""
    who = await person(door.pool, one.login, gone=True)
    has = [(at.code, at.organization_id) for at, _ in who.roles] if who else []
    return has, [*(key for key in has if key not in one.loses), *(key for key in one.gains if key not in has)]


async def holders(door: Door, permit: Permit, codes: Collection[str]) -> dict[str, list[str]]:
    """Who has some roles, by code: names with units, for who runs the system. Raises Forbidden."""
    if not permit.operates:
        raise Forbidden("Who has which role in all units is for who runs the system.")
    found: dict[str, list[str]] = {}
    for row in await door.pool.fetch(_SQL.holders, list(codes), MOST_HOLDERS) if codes else ():
        found.setdefault(row["code"], []).append(f"{row['name']}, {row['unit']}")
    return found


def _proposal(row: Any) -> Proposal:
    return Proposal(
        row["id"], row["login"], row["name"], row["organization"], _keys(row["gains"]), _keys(row["loses"]),
        row["proposed"], row["deadline"], row["state"], row["decided"], row["decided_by"], row["reason"], row["task"],
    )  # fmt: skip


def _keys(told: Sequence[str]) -> tuple[Key, ...]:
    return tuple((code, unit) for code, _, unit in (one.partition("@") for one in told))
