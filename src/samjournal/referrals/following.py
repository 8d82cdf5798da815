"""What happens to a referral elsewhere: messages on their way, and referrals that come from outside.

    follow(door, permit, changes, now) -> int               a reader of the feed: what messages and requests became
    arrived(request, unit, patient, now, ...) -> dict       the Task of a referral that came, to be stored with it

A message out of a referral gives it the steps `sent`, `received`, `opened` and `assessed`; one that was sent to another
receiver instead moves it there. A referral that stands on no list, however it came, gets its Task; one that was ended
without it ends on its list too. One that was assessed is booked when its patient books a time by himself, goes with the
time when that is moved, and waits for another when it is called off. Each is settled by what the record says: doing it
twice does nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.dates import OSLO, span
from samjournal.fhir.errors import Conflict, Forbidden, Gone, Invalid, NotFound, PreconditionFailed, Unprocessable
from samjournal.fhir.keys import local
from samjournal.messages import state_of, steps_of
from samjournal.messages.making import bare, created
from samjournal.messages.states import FAILED
from samjournal.record import Change, Door, Stored, change
from samjournal.record.beside import matches, resources
from samjournal.record.feed import Changed
from samjournal.referrals.limits import due
from samjournal.referrals.making import moved, waiting
from samjournal.referrals.states import Referral, State, by_message, is_referral, referral, step, way_of

_log = logging.getLogger("samjournal.referrals")
Resource = dict[str, Any]
BECAME: Final[dict[str, State]] = {
    "transported": "sent",
    "accepted": "received",
    "opened": "opened",
    "paper": "sent",
    "phone": "received",
}
"""What a step of the message is for the referral. Told by phone somebody there has it; of paper nobody knows yet."""
_ORDER: Final[tuple[State, ...]] = ("signed", "sent", "received", "opened")
_ITS_OWN: Final = (
    ArithmeticError, AttributeError, LookupError, TypeError, ValueError,
    Forbidden, Gone, Invalid, NotFound, Unprocessable,
)  # fmt: skip
_Became = Callable[[Referral, str, Resource, datetime], tuple[Resource, datetime] | None]
_OFF: Final = ("cancelled", "entered-in-error")
_OFF_WORDS: Final = "Timen er avlyst. Ny time er ikke satt opp."
"""What the step says that is not taken by a person; for staff, who read the state line in bokmål."""
_ENDED: Final[dict[str, State]] = {"completed": "done", "revoked": "withdrawn", "entered-in-error": "withdrawn"}


def arrived(
    request: Mapping[str, Any], unit: Mapping[str, Any], patient: str, now: datetime, *, urgent: bool = False
) -> Resource:
    """The Task of a referral that came from outside, which nobody has opened: for `unit` (a reference), about a patient
    (an id). To be stored in the transaction that stores the ServiceRequest, whose id it has."""
    asked = {**request, "subject": {"reference": f"Patient/{patient}"}}
    if urgent and asked.get("priority", "routine") == "routine":
        asked["priority"] = "stat"
    words = str((asked.get("reasonCode") or [{}])[0].get("text") or "").strip()
    return waiting(
        asked,
        sender=None,
        receiver=unit,
        requester=None,
        way="shared",
        steps=[step("received", now)],
        now=now,
        words=f"Henvisning: {words}" if words else "Henvisning",
    )


async def follow(door: Door, permit: Permit, changes: Iterable[Changed], now: datetime) -> int:
    """What became of referrals by what changed; how many of their Tasks were changed or made."""
    some = list(changes)
    messages = [("Communication", one.id) for one in some if one.type == "Communication"]
    requests = [("ServiceRequest", one.id) for one in some if one.type == "ServiceRequest"]
    done = 0
    for stored in (await resources(door, permit, messages)).values() if messages else ():
        body = stored.resource()
        about = _about(body)
        if about and state_of(body):
            done += await _apart(stored, _carried(door, permit, about, body, now))
    for stored in (await resources(door, permit, requests)).values() if requests else ():
        if is_referral(stored.resource()):
            done += await _apart(stored, _listed(door, permit, stored, now))
    visits = [("Appointment", one.id) for one in some if one.type == "Appointment"]
    for stored in (await resources(door, permit, visits)).values() if visits else ():
        status = stored.resource().get("status") if stored.resource().get("basedOn") else ""
        if status == "booked":
            done += await _apart(stored, _by_visit(door, permit, stored, now, _booked))
        elif status in _OFF:
            done += await _apart(stored, _by_visit(door, permit, stored, now, _called_off))
    return done


async def _apart(of: Stored, doing: Awaitable[int]) -> int:
    """One that nothing can be made of, by what stands in it, keeps no other from going on: the rounds of the night find
    it. All else, as a database that is away, is tried again with all of them."""
    try:
        return await doing
    except _ITS_OWN as error:
        _log.error("a referral is not followed", extra={"of": of.reference, "why": type(error).__name__})
        return 0


def _about(message: Resource) -> str:
    """The id of the ServiceRequest that a message was made from."""
    named = (local(one.get("reference", "")) or "" for one in message.get("about", ()))
    return next((one.partition("/")[2] for one in named if one.startswith("ServiceRequest/")), "")


async def _carried(door: Door, permit: Permit, id_: str, message: Resource, now: datetime) -> int:
    """A referral by what the message out of it became."""
    found = await resources(door, permit, [("Task", id_), ("ServiceRequest", id_)])
    task, request = found.get(f"Task/{id_}"), found.get(f"ServiceRequest/{id_}")
    if task is None or request is None or way_of(task.resource()) != "message":
        return 0
    one, asked = referral(task.resource(), request.resource()), request.resource()
    if not one.is_open or not _is_referral_message(message):
        return 0
    receiver: Resource = next(iter(message.get("recipient", ())), {})
    named = local(receiver.get("reference", "")) or ""
    to = None
    steps: list[Resource] = []
    taken = [each.state for each in one.steps]
    if named and named != one.receiver:
        if await _is_overtaken(door, permit, id_, message):
            return 0
        to, steps, taken = receiver, [step("forwarded", now), step("signed", now)], ["signed"]
    elif "forwarded" in taken:
        taken = taken[len(taken) - taken[::-1].index("forwarded") :]
    for state, at in steps_of(message):
        became = BECAME.get(state)
        if became and became not in taken and not _is_past(became, taken):
            steps.append(step(became, at))
            taken.append(became)
    became_stuck = state_of(message) if state_of(message) in FAILED else ""
    if not steps:
        if became_stuck == one.stuck or await _is_overtaken(door, permit, id_, message):
            return 0
        changed = by_message(bare(task.resource()), state_of(message))
        return await _done(door, permit, [Change.update(changed, if_match=task.version)])
    last: State = taken[-1] if taken else "signed"
    received = next((each.at for each in one.steps if each.state == "received"), now)
    until = due(last, priority=one.priority, received=received, now=now)
    if last == "received":
        # Nobody outside tells that he has opened it: the next that is heard of is what he decided.
        until = due("opened", priority=one.priority, received=received, now=now)
    changed = by_message(moved(task.resource(), *steps, until=until, now=now, receiver=to), state_of(message))
    changes = [Change.update(changed, if_match=task.version)]
    if to is not None:
        body = bare(asked)
        changes.append(Change.update({**body, "performer": [to]}, if_match=request.version))
    return await _done(door, permit, changes)


def _is_referral_message(message: Resource) -> bool:
    """Whether it carries the referral itself: no reminder, and no cancellation."""
    codes = [one.get("code") for each in message.get("category", ()) for one in each.get("coding", ())]
    return "HENVISNING" in codes and "C" not in codes


def _is_past(state: State, taken: list[State]) -> bool:
    """Whether a referral has come further already."""
    reached = max((_ORDER.index(one) for one in taken if one in _ORDER), default=-1)
    beyond = any(one not in _ORDER for one in taken)
    return beyond or (state in _ORDER and _ORDER.index(state) <= reached)


async def _is_overtaken(door: Door, permit: Permit, id_: str, message: Resource) -> bool:
    """Whether a later message carries the referral: what an earlier one becomes moves it nowhere."""
    asked = [("subject", message.get("subject", {}).get("reference", "")), ("_sort", "-sent"), ("_count", "100")]
    for one in await matches(door, permit, "Communication", asked):
        body = one.resource()
        if _about(body) == id_ and _is_referral_message(body):
            return str(body["id"]) != str(message["id"])
    return False


async def _listed(door: Door, permit: Permit, request: Stored, now: datetime) -> int:
    """A referral is on a list as long as it is open, and on none when it has ended, however it was written."""
    asked = request.resource()
    task = (await resources(door, permit, [("Task", request.id)])).get(f"Task/{request.id}")
    if task is None and asked.get("status") == "active":
        unit = next(iter(asked.get("performer", ())), None)
        patient = local((asked.get("subject") or {}).get("reference", "")) or ""
        if unit is None or not (local(unit.get("reference", "")) or "").startswith("Organization/"):
            return 0  # The rounds of each night find it, and give it to a person.
        return await _done(door, permit, [created(arrived(asked, unit, patient.partition("/")[2], now))])
    if task is None or asked.get("status") not in _ENDED:
        return 0
    one = referral(task.resource(), asked)
    if not one.is_open:
        return 0
    ended = moved(task.resource(), step(_ENDED[asked["status"]], now), until=None, now=now)
    return await _done(door, permit, [Change.update(ended, if_match=task.version)])


async def _by_visit(door: Door, permit: Permit, visit: Stored, now: datetime, became: _Became) -> int:
    """The referrals that a visit is held for, each by what became of the visit."""
    body = visit.resource()
    ids = [name.partition("/")[2] for one in body["basedOn"] if (name := local(one.get("reference", "")) or "")]
    found = await resources(door, permit, [(type_, id_) for id_ in ids for type_ in ("Task", "ServiceRequest")])
    changes = []
    for id_ in ids:
        task, request = found.get(f"Task/{id_}"), found.get(f"ServiceRequest/{id_}")
        if task is None or request is None or not is_referral(request.resource()):
            continue
        one = referral(task.resource(), request.resource())
        told = became(one, visit.reference, body, now) if _is_about(body, one.patient) else None
        if told is not None:
            taken, until = told
            changes.append(Change.update(moved(task.resource(), taken, until=until, now=now), if_match=task.version))
    return await _done(door, permit, changes) if changes else 0


def _booked(one: Referral, visit: str, body: Resource, now: datetime) -> tuple[Resource, datetime] | None:
    """One that was assessed is booked when its patient has booked the time by himself; one that is booked has another
    day when that visit is moved."""
    day, last = span(body["start"]).lo.astimezone(OSLO).date().isoformat(), one.last("booked")
    is_moved = one.state == "booked" and last is not None and last.leads_to == visit and last.until != day
    if one.state != "assessed" and not is_moved:
        return None
    until = due("booked", priority=one.priority, received=now, now=now, until=body["end"])
    return step("booked", now, until=day, leads_to=visit), until


def _called_off(one: Referral, visit: str, _body: Resource, now: datetime) -> tuple[Resource, datetime] | None:
    """One whose visit was called off waits for another, until the day that its assessment gave."""
    booked, assessed = one.last("booked"), one.last("assessed")
    if one.state != "booked" or booked is None or booked.leads_to != visit:
        return None
    right, day = (assessed.right, assessed.until) if assessed else (None, "")
    until = due("assessed", priority=one.priority, received=one.at("received") or now, now=now, until=day)
    return step("assessed", now, words=_OFF_WORDS, right=right, until=day), until


def _is_about(visit: Resource, patient: str) -> bool:
    """Whether a visit is the patient's (a reference) own."""
    actors = (local((one.get("actor") or {}).get("reference", "")) for one in visit.get("participant", ()))
    return patient in actors


async def _done(door: Door, permit: Permit, changes: list[Change]) -> int:
    try:
        await change(door, permit, changes)
    except (Conflict, PreconditionFailed, NotFound):
        return 0  # Somebody was at it at the same moment: that change is in the feed too.
    return 1
