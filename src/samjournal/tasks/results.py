"""Results that somebody must acknowledge: a Task for each that is final, made as the feed tells of it.

    take_in(door, permit, changes, now) -> int                      Tasks that were made or changed
    take_in(door, permit, changes, now, loaded=window) -> int       the same of what a load brought

What is done is settled by what the result says, so that the same change twice does nothing. A result comes as a report
(DiagnosticReport), a panel (Observation with members) or a single laboratory Observation: what lists a result is
acknowledged in its place. When it is changed afterwards, it is to be acknowledged again; labels and texts that were
made of it are no change. What is older than a month when it comes is history, not work; of a load it is what is older
than the load says, and what was acknowledged where it comes from. The demo makes its work itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import msgspec

from samjournal.access import Permit
from samjournal.fhir.dates import span
from samjournal.fhir.errors import Busy, Conflict, FhirError, PreconditionFailed
from samjournal.fhir.keys import local
from samjournal.record import Change, Condition, Door, Stored, change
from samjournal.record.beside import matches, recent, resources
from samjournal.record.feed import Changed
from samjournal.tasks.answering import owner_of
from samjournal.tasks.kinds import CRITICAL, DEADLINES, SYSTEM
from samjournal.tasks.saying import Resource, given, said, to_give, written

_log = logging.getLogger("samjournal.tasks")
TYPES = frozenset({"DiagnosticReport", "Observation"})
FINAL = frozenset({"final", "amended", "corrected", "appended"})
GONE = frozenset({"cancelled", "entered-in-error"})
GRAVE = frozenset({"HH", "LL", "AA"})
"""v3-ObservationInterpretation: critically high, critically low, critically abnormal."""
HISTORY = timedelta(days=30)
SLOWEST = timedelta(days=200)
"""So long at most between the sample and the answer."""
_OPEN = "requested,received,accepted,ready,in-progress,on-hold"


@dataclass(frozen=True, slots=True)
class _Result:
    """What is acknowledged in one: a report, a panel or a single Observation (`head`), with the Observations in it."""

    head: Stored
    body: dict[str, Any]
    members: tuple[Stored, ...]

    @property
    def gist(self) -> str:
        return gist_of(self.body, [one.resource() for one in self.members])

    @property
    def is_grave(self) -> bool:
        return any(is_grave(one) for one in (self.body, *(one.resource() for one in self.members)))


_NOT_SAID = frozenset({"meta", "text", "identifier", "implicitRules", "language"})


def gist_of(head: Resource, members: Iterable[Resource]) -> str:
    """A digest of what a result says: the same as long as there is nothing new to see."""
    kept = [{name: value for name, value in one.items() if name not in _NOT_SAID} for one in (head, *members)]
    return sha256(msgspec.json.encode(kept, order="deterministic")).hexdigest()[:32]


def seen_in(head: Resource, members: Iterable[Resource], version: int) -> list[dict[str, Any]]:
    """The input of a Task that says which result is to be acknowledged: its version, and what it says."""
    content = to_give("content", valueString=gist_of(head, members))
    return [to_give("version", valueInteger=version), content]


def is_grave(resource: Resource) -> bool:
    """Whether the laboratory calls it critical."""
    coded = (one.get("code") for each in resource.get("interpretation", ()) for one in each.get("coding", ()))
    return resource.get("status") not in GONE and not GRAVE.isdisjoint(coded)


LOADED: Final = "load"
"""Who brings what is loaded, by the log."""
LOADED_AS_HISTORY: Final = "load-history"
"""The same, where the operator says that none of it is work."""
MADE_WHOLE: Final = frozenset({LOADED, LOADED_AS_HISTORY, "demo"})


async def take_in(
    door: Door, permit: Permit, changes: Iterable[Changed], now: datetime, *, loaded: timedelta | None = None
) -> int:
    """Make or change the Tasks that some changes ask for: of all but what loads bring, or with `loaded` of that alone,
    as far as it is not older than so. One that cannot be is logged, and stops no other."""
    named = dict.fromkeys((one.type, one.id) for one in changes if one.type in TYPES)
    done = 0
    for type_, id_, author in await recent(door, list(named), now - SLOWEST):
        if author in MADE_WHOLE if loaded is None else author != LOADED:
            continue
        try:
            done += await _take(door, permit, type_, id_, now, loaded)
        except (Busy, Conflict, PreconditionFailed):
            raise  # Somebody was at it at this moment: it is read once more, from the same place.
        except FhirError:
            _log.exception("a result got no task", extra={"type": type_})
    return done


async def _take(door: Door, permit: Permit, type_: str, id_: str, now: datetime, loaded: timedelta | None) -> int:
    """Whatever a changed resource means work of: itself, or what lists it."""
    stored = (await resources(door, permit, [(type_, id_)])).get(f"{type_}/{id_}")
    if stored is None:
        return 0
    body = stored.resource()
    heads = [stored]
    if type_ == "Observation":
        listing = await _listing(door, permit, stored)
        if listing:
            heads = listing
        elif not _is_laboratory(body):
            return 0
    return sum([await _settle(door, permit, head, now, loaded) for head in heads])


async def _listing(door: Door, permit: Permit, observation: Stored) -> list[Stored]:
    """The final reports and panels that list an Observation: they are acknowledged in its place."""
    reports = await matches(door, permit, "DiagnosticReport", [("result", observation.reference)])
    panels = await matches(door, permit, "Observation", [("has-member", observation.reference)])
    return [one for one in (*reports, *panels) if one.resource().get("status") in FINAL | GONE]


def _is_laboratory(observation: Resource) -> bool:
    coded = (one.get("code") for each in observation.get("category", ()) for one in each.get("coding", ()))
    return "laboratory" in coded


async def _settle(door: Door, permit: Permit, head: Stored, now: datetime, loaded: timedelta | None) -> int:
    """Make the Task of a result, or bring the one that stands up to what the result says now; 1 when anything was."""
    body = head.resource()
    result = _Result(head, body, tuple(await _members(door, permit, body)))
    asked = [("focus", head.reference), ("code", f"{SYSTEM}|acknowledge")]
    stood = [one for one in await matches(door, permit, "Task", asked) if one.resource()["status"] != "cancelled"]
    # The one that waits, else the one that was done last.
    latest = max(stood, key=lambda one: (one.resource()["status"] != "completed", one.at), default=None)
    if latest is not None and (_gist_of(latest) == result.gist or (loaded is not None and not _gist_of(latest))):
        return 0  # What was acknowledged, or waits, elsewhere does not say what of it.
    if latest is None and (body.get("status") not in FINAL or _is_history(body, now, loaded or HISTORY)):
        return 0
    if latest is not None and body.get("status") not in FINAL | GONE:
        return 0
    last = latest.resource() if latest else None
    if latest is not None and last is not None and last["status"] != "completed":
        changes = [Change.update(_renewed(last, result, now), if_match=latest.version)]
    else:
        made = await _made(door, permit, result, now, renewed=bool(stood))
        if made is None:
            return 0
        changes = [Change("update", "Task", made["id"], made, msgspec.json.encode(made), _NOT_THERE)]
    await change(door, permit, [*changes, *await _taken_over(door, permit, result)])
    return 1


_NOT_THERE = Condition(none_match=frozenset({"*"}))


async def _members(door: Door, permit: Permit, body: Resource) -> list[Stored]:
    """The Observations that a result lists, and their members, in their order."""
    found: dict[str, Stored] = {}
    level = _listed(body)
    while level and len(found) < 300:
        got = await resources(door, permit, level)
        fresh = {name: one for name, one in got.items() if name not in found}
        found |= fresh
        level = [named for one in fresh.values() for named in _listed(one.resource())]
    return list(found.values())


def _listed(body: Resource) -> list[tuple[str, str]]:
    named = (local(one.get("reference", "")) for name in ("result", "hasMember") for one in body.get(name, ()))
    return [("Observation", one.partition("/")[2]) for one in named if one and one.startswith("Observation/")]


def _gist_of(task: Stored) -> str:
    found = given(task.resource(), "content")
    return str(found["valueString"]) if found else ""


def _is_history(body: Resource, now: datetime, window: timedelta) -> bool:
    at = body.get("issued") or body.get("effectiveDateTime") or body.get("effectivePeriod", {}).get("end")
    return at is not None and span(at).hi < now - window


async def _made(door: Door, permit: Permit, result: _Result, now: datetime, *, renewed: bool) -> dict[str, Any] | None:
    """The Task of a result that has none, or whose last was done. Who measured something himself has seen it."""
    owner = await owner_of(door, permit, result.body)
    if owner is None:
        _log.error("a result waits on nobody, since nobody can sign in", extra={"type": result.head.type})
    if owner is not None and _measured_by(result, owner.reference):
        return None
    patient = local(result.body.get("subject", {}).get("reference", "")) or ""
    grave = result.is_grave
    task = written(
        kind="acknowledge",
        patient=patient.partition("/")[2] if patient.startswith("Patient/") else "",
        owner=owner.reference if owner else {},
        requester=owner.requester if owner else None,
        focus=result.head.reference,
        at=now,
        due=now + (CRITICAL if grave else DEADLINES["acknowledge"]),
        urgent=grave,
    )
    key = sha256(f"{result.head.reference} {result.head.version} {result.gist}".encode()).hexdigest()[:32]
    return {**task, "id": f"ack-{key}", "input": _input(result, renewed=renewed)}


def _measured_by(result: _Result, owner: Resource) -> bool:
    """Whether a single Observation was made by the person who would acknowledge it."""
    whose = str(owner["reference"])
    made_by = [one.get("reference") for one in result.body.get("performer", ())]
    return result.head.type == "Observation" and whose.startswith("PractitionerRole/") and whose in made_by


def _input(result: _Result, *, renewed: bool) -> list[dict[str, Any]]:
    found = seen_in(result.body, [one.resource() for one in result.members], result.head.version)
    return [*found, to_give("renewed", valueBoolean=True)] if renewed else found


def _renewed(task: Resource, result: _Result, now: datetime) -> dict[str, Any]:
    """The Task that waits already, of what the result says now: a critical one is not to wait longer for that."""
    changed = {name: value for name, value in task.items() if name != "meta"}
    was = said(task)
    if result.is_grave and not was.urgent:
        due = min(was.due, now + CRITICAL) if was.due else now + CRITICAL
        changed |= {"priority": "stat", "restriction": {"period": {"end": due.isoformat(timespec="seconds")}}}
    return {
        **changed,
        "lastModified": now.isoformat(timespec="seconds"),
        "input": _input(result, renewed=was.renewed),
    }


async def _taken_over(door: Door, permit: Permit, result: _Result) -> list[Change]:
    """What waits of the single results in it goes, since the whole is acknowledged."""
    found: list[Change] = []
    for one in result.members:
        asked = [("focus", one.reference), ("code", f"{SYSTEM}|acknowledge"), ("status", _OPEN)]
        for task in await matches(door, permit, "Task", asked):
            body = {name: value for name, value in task.resource().items() if name != "meta"}
            reason = {"text": "Kvitteres sammen med rapporten."}
            found.append(Change.update({**body, "status": "cancelled", "statusReason": reason}, if_match=task.version))
    return found
