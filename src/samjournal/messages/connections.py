"""The connections to others as those who run them see them: what waits, since when, what got through, what stopped. No
word of any patient.

    connections(door, permit, now) -> list[Connection]      each Endpoint; those in trouble first
    dead_letters(door, permit) -> list[Dead]                what no transport takes further, with why
    replay(door, permit, id, version)                       one of those sent once more
    alarm(door, permit, found, now) -> int                  for the job: each trouble is work once, and ends with it
    times(door, permit, now) -> list[Times]                 from received to handled, for each unit; row 4.8

What it says follows from the messages themselves, so that it is right after a crash too. Rows 12.5, 4.8
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from samjournal.access import Figures, Permit, for_job, keeping
from samjournal.fhir.dates import span
from samjournal.fhir.errors import Conflict, Forbidden, NotFound, PreconditionFailed
from samjournal.fhir.identifiers import HER
from samjournal.fhir.keys import local
from samjournal.messages.closing import resend
from samjournal.messages.delivery import waiting
from samjournal.messages.listing import WEEK
from samjournal.messages.making import bare
from samjournal.messages.outgoing import OUTBOX, endpoint_of, kind_of, number_of, steps_of
from samjournal.messages.receivers import SHARED
from samjournal.messages.receiving import at_desk
from samjournal.messages.retaking import can_be_retaken, retry
from samjournal.messages.states import FAILED, state_of
from samjournal.record import Change, Door, Stored, change, message_times
from samjournal.record.beside import matches, resources
from samjournal.tasks import written
from samjournal.tasks.doing import WAITING
from samjournal.tasks.kinds import DEADLINES

Resource = dict[str, Any]
DEEP: Final = 100
OLD: Final = timedelta(hours=1)
"""More that waits than this, or longer, is an alarm: to send takes seconds while a connection works."""
OWNER: Final = "urn:samjournal:connection-owner"
"""An extension of an Endpoint: who here answers for the connection, as a reference with `Name, Unit` as display."""
ALARM: Final = "urn:samjournal:connection-alarm"
"""The system of the identifier that a Task of an alarm has: the id of the Endpoint."""
MOST: Final = 1000
_LISTED: Final = 200
_REPLAYED: Final = frozenset({"no-route", "timed-out"})
_DEAD_IN: Final = frozenset({"unplaced", "clash"})


@dataclass(frozen=True, slots=True)
class Connection:
    """One Endpoint. `way` is how it goes, `kinds` which messages (8279); `depth` how many wait to be sent, `oldest`
    since when; `awaiting` have no receipt yet, since `unanswered`; `failed` stopped and wait for a person, `fault` why
    the last one did; `last_out` and `last_in` when something got through."""

    id: str
    name: str
    organisation: str
    owner: str
    way: str
    status: str
    kinds: tuple[str, ...]
    depth: int
    oldest: datetime | None
    awaiting: int
    unanswered: datetime | None
    failed: int
    fault: str
    last_out: datetime | None
    last_in: datetime | None
    now: datetime

    @property
    def is_deep(self) -> bool:
        return self.depth > DEEP

    @property
    def is_old(self) -> bool:
        return self.oldest is not None and self.now - self.oldest > OLD

    @property
    def is_alarming(self) -> bool:
        return self.is_deep or self.is_old


@dataclass(frozen=True, slots=True)
class Dead:
    """A message that nothing takes further by itself: which one, where from or to, why, and who sees to it."""

    id: str
    version: int
    number: str
    kind: str
    state: str
    at: datetime
    party: str
    owner: str
    why: str
    replays: bool


@dataclass(frozen=True, slots=True)
class Times:
    """Of the messages to one unit: how many wait since when, how many were handled in the last week, and how fast."""

    unit: str
    figures: Figures
    late: int


def _job(permit: Permit) -> Permit:
    if not (permit.operates or permit.kind == "system"):
        raise Forbidden(f"The role {permit.role} does not run connections.")
    return for_job("connections")


async def connections(door: Door, permit: Permit, now: datetime) -> list[Connection]:
    """Raises Forbidden for who does not run them."""
    job = _job(permit)
    asked = [("status", "active,test,suspended,error"), ("_count", str(_LISTED)), ("_sort", "name")]
    endpoints = [one.resource() for one in await matches(door, job, "Endpoint", asked)]
    by_place: dict[str, dict[str, list[Resource]]] = defaultdict(lambda: defaultdict(list))
    for what in ("signed", "queued"):
        for one in await waiting(door, job, what, count=MOST):
            by_place[endpoint_of(one.resource())]["depth"].append(one.resource())
    awaited = [("identifier", f"{OUTBOX}|awaiting"), ("_sort", "sent"), ("_count", str(MOST))]
    for one in await matches(door, job, "Communication", awaited):
        by_place[endpoint_of(one.resource())]["awaiting"].append(one.resource())
    for body in await _stopped(door, job):
        if state_of(body) in FAILED:
            by_place[endpoint_of(body)]["failed"].append(body)
    numbers = await _numbers(door, job, endpoints)
    found = [
        await _connection(door, job, one, by_place[one["id"]], numbers.get(one["id"], ""), now) for one in endpoints
    ]
    return sorted(found, key=lambda one: (not one.is_alarming, not one.failed, one.way == SHARED, one.name.casefold()))


async def _connection(
    door: Door, job: Permit, endpoint: Resource, held: dict[str, list[Resource]], number: str, now: datetime
) -> Connection:
    unit = local(endpoint.get("managingOrganization", {}).get("reference", "")) or ""
    owners = [one["valueReference"] for one in endpoint.get("extension", ()) if one.get("url") == OWNER]
    contact = next((str(one["value"]) for one in endpoint.get("contact", ()) if one.get("value")), "")
    is_shared = endpoint["connectionType"].get("code") == SHARED
    unit_name = str(endpoint.get("managingOrganization", {}).get("display") or "")
    failed = sorted(held["failed"], key=_at)
    return Connection(
        id=endpoint["id"],
        name=str(endpoint.get("name") or endpoint["id"]),
        organisation=unit_name,
        owner=str(owners[0].get("display") or "") if owners else contact or (unit_name if is_shared else ""),
        way=str(endpoint["connectionType"].get("code", "")),
        status=endpoint["status"],
        kinds=tuple(
            str(code["code"])
            for one in endpoint.get("payloadType", ())
            for code in one.get("coding", ())
            if "code" in code
        ),
        depth=len(held["depth"]),
        oldest=min(map(_sent, held["depth"]), default=None),
        awaiting=len(held["awaiting"]),
        unanswered=min(map(_sent, held["awaiting"]), default=None),
        failed=len(failed),
        fault=str(failed[-1].get("statusReason", {}).get("text") or "") if failed else "",
        last_out=None if is_shared else await _last_out(door, job, unit),
        last_in=None if is_shared else await _last_in(door, job, number),
        now=now,
    )


async def _last_out(door: Door, job: Permit, unit: str) -> datetime | None:
    if not unit:  # An Endpoint need not say whose it is.
        return None
    asked = [("recipient", unit), ("status", "in-progress,completed"), ("_sort", "-sent"), ("_count", "5")]
    found = await matches(door, job, "Communication", asked)
    times = [at for one in found for state, at in steps_of(one.resource()) if state == "transported"]
    return max(times, default=None)


async def _last_in(door: Door, job: Permit, number: str) -> datetime | None:
    if not number:
        return None
    asked = [("sender:identifier", f"{HER}|{number}"), ("_sort", "-received"), ("_count", "1")]
    found = await matches(door, job, "Communication", asked)
    return span(found[0].resource()["received"]).lo if found and "received" in found[0].resource() else None


async def _numbers(door: Door, job: Permit, endpoints: Iterable[Resource]) -> dict[str, str]:
    """The HER-id that a message from each place has as its sender: that of the organisation at the top."""
    found: dict[str, str] = {}
    for endpoint in endpoints:
        at = local(endpoint.get("managingOrganization", {}).get("reference", "")) or ""
        for _ in range(8):
            type_, _, id_ = at.partition("/")
            stored = (await resources(door, job, [(type_, id_)])).get(at) if id_ else None
            if stored is None:
                break
            body = stored.resource()
            own = [one["value"] for one in body.get("identifier", ()) if one.get("system") == HER and "value" in one]
            found |= {endpoint["id"]: own[0]} if own else {}
            at = local(body.get("partOf", {}).get("reference", "")) or ""
    return found


async def _stopped(door: Door, job: Permit) -> list[Resource]:
    asked = [("status", "not-done"), ("_sort", "-sent"), ("_count", str(MOST))]
    return [one.resource() for one in await matches(door, job, "Communication", asked)]


async def dead_letters(door: Door, permit: Permit) -> list[Dead]:
    """What stopped, the newest first: what came and is for nobody here or clashes, and of ours what did not arrive."""
    found = []
    for body in await _stopped(door, _job(permit)):
        state = state_of(body)
        if state not in FAILED | _DEAD_IN:
            continue
        ours = state in FAILED
        other = (body.get("recipient") or [{}])[0] if ours else body.get("sender", {})
        owner = body.get("sender", {}) if ours else (body.get("recipient") or [{}])[0]
        found.append(
            Dead(
                id=body["id"],
                version=int(body["meta"]["versionId"]),
                number=number_of(body),
                kind=kind_of(body)[0],
                state=state,
                at=_at(body),
                party=str(other.get("display") or ""),
                owner=str(owner.get("display") or ""),
                why=str(body.get("statusReason", {}).get("text") or "") if ours else "",
                replays=state in _REPLAYED or can_be_retaken(body),
            )
        )
    return found


async def replay(door: Door, permit: Permit, id_: str, version: int) -> Stored:
    """Send one once more, as the fault was the connection's, or take what was for nobody here anew, as the register may
    know them by now. What a receiver refused is its sender's to see to. Raises
    Forbidden, NotFound, Conflict, VersionMoved."""
    job = _job(permit)
    found = (await resources(door, job, [("Communication", id_)])).get(f"Communication/{id_}")
    if found is None:
        raise NotFound("There is no such message.")
    if can_be_retaken(found.resource()):
        return await retry(door, permit, id_, version)
    if state_of(found.resource()) not in _REPLAYED:
        raise Conflict("Somebody has seen to it already, or it is for its sender to see to.")
    return await resend(door, keeping(permit, "Communication", "Task"), id_, version)


async def alarm(door: Door, permit: Permit, found: Iterable[Connection], now: datetime) -> int:
    """Make work of each connection in which too much waits, or too long, and end it when that is over: how many."""
    done = 0
    for one in found:
        asked = [("identifier", f"{ALARM}|{one.id}"), ("status", WAITING)]
        known = await matches(door, permit, "Task", asked)
        try:
            if one.is_alarming and not known:
                await change(door, permit, [Change.create(await _task(door, permit, one, now))])
                done += 1
            for task in known if not one.is_alarming else ():
                body = bare(task.resource())
                over = {"status": "completed", "lastModified": now.isoformat(timespec="milliseconds")}
                await change(door, permit, [Change.update({**body, **over}, if_match=task.version)])
                done += 1
        except (Conflict, PreconditionFailed):
            continue
    return done


async def _task(door: Door, permit: Permit, one: Connection, now: datetime) -> Resource:
    since = f", eldste siden {one.oldest.astimezone(UTC):%d.%m. %H.%M} UTC" if one.oldest else ""
    words = f"Forbindelsen {one.name} står: {one.depth} meldinger venter{since}"
    desk = await at_desk(door, permit)
    made = written(kind="do", patient="", owner=desk, at=now, due=now + DEADLINES["do"], words=words, urgent=True)
    return {**made, "identifier": [{"system": ALARM, "value": one.id}]}


async def times(door: Door, permit: Permit, now: datetime) -> list[Times]:
    """For each unit that has messages, those first in which the oldest waits longest. Names units, and no patient."""
    job = _job(permit)
    found = await message_times(door, now - WEEK)
    names = await resources(door, job, [("Organization", one.removeprefix("Organization/")) for one, _, _ in found])
    return [
        Times(str(names[unit].resource().get("name") or unit) if unit in names else unit, figures, late)
        for unit, figures, late in found
    ]


def _sent(body: Resource) -> datetime:
    return span(body["sent"]).lo


def _at(body: Resource) -> datetime:
    steps = steps_of(body)
    return steps[-1][1] if steps else span(body.get("received") or body["sent"]).lo
