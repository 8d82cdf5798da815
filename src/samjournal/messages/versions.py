"""Versions of one message: new, changed, cancelled, in whatever order they came. Code system 7309

earlier_of(door, permit, message) -> list, assumed          the other versions that are here
overtaken(door, permit, message, states, earlier, kept)     what those become by this one
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode

from samjournal.access import Permit
from samjournal.messages.contents import ended
from samjournal.messages.incoming import Incoming, name_of, sender_number
from samjournal.messages.making import bare
from samjournal.messages.states import DOCUMENT, KIND, TEXTS, VERSION, Received, state_of, stating
from samjournal.record import Assumed, Change, Door, Stored
from samjournal.record.beside import assuming, matches
from samjournal.tasks.doing import WAITING

Resource = dict[str, Any]
RANKS: Final = {"N": 0, "M": 1, "A": 1, "C": 2}


def rank(status: str, made: datetime) -> tuple[int, datetime]:
    """The order of the versions of one document: the new one, its changes as they were made, the cancellation."""
    return RANKS.get(status, 0), made


def later_than(message: Incoming, others: Sequence[Stored]) -> list[tuple[int, datetime]]:
    """The ranks of those versions that leave this one nothing to say. An addition (A) stands beside what it adds to,
    whichever comes first: a cancellation alone is later than it, and it is later than none."""
    own, found = rank(message.status, message.made), []
    for one in others:
        status = _status_of(one)
        of = rank(status, datetime.fromisoformat(one.resource()["sent"]))
        if of > own and (status == "C" or "A" not in (status, message.status)):
            found.append(of)
    return found


def _status_of(stored: Stored) -> str:
    coded = (one for each in stored.resource().get("category", ()) for one in each.get("coding", ()))
    return next((str(one["code"]) for one in coded if one.get("system") == VERSION), "N")


_TAKEN = frozenset({"received", "held", "parked", "superseded", "cancelled"})


async def earlier_of(door: Door, permit: Permit, message: Incoming) -> tuple[list[Stored], list[Assumed]]:
    """Other versions of the same document of the same sender, which came before this one; and what the change that
    keeps this one must assume, so that of two that come at once the second sees the first."""
    if not message.document:
        return [], []
    asked = urlencode({"identifier": f"{DOCUMENT}|{escaped(message.document)}"})
    found, assumed = await assuming(door, permit, "Communication", asked)
    # A message that comes twice at once finds itself, and is no version of itself.
    own = {name_of(message, place) for place in range(max(len(message.receivers), 1))}
    others = (one for one in found if one.id not in own)
    earlier = [one for one in others if state_of(one.resource()) in _TAKEN and _is_of(one.resource(), message)]
    return earlier, [assumed]


def escaped(value: str) -> str:
    """A value of others in a search: what parts values there is a sign like others."""
    return re.sub(r"([\\,|$])", r"\\\1", value)


def _is_of(communication: Resource, message: Incoming) -> bool:
    """Whether two versions are of one kind and come from the same organisation: nobody cancels what others sent, and
    one number may stand for a referral and for a discharge summary."""
    codings = (one for each in communication.get("category", ()) for one in each.get("coding", ()))
    kind = next((str(one.get("code", "")) for one in codings if one.get("system") == KIND), "")
    if kind.partition("_")[0] != message.kind[0].partition("_")[0]:
        return False
    extension = communication.get("sender", {}).get("identifier", {})
    return not extension or not message.sender or extension.get("value") == sender_number(message)


async def overtaken(
    door: Door,
    permit: Permit,
    message: Incoming,
    states: Collection[Received],
    earlier: Sequence[Stored],
    kept: Collection[str] = (),
) -> list[Change]:
    """What the other versions become by this one: it ends those before it, with what they became and this one does not
    (`kept`), and settles a cancellation that waited."""
    if "cancelled" in states:
        return await _closing(door, permit, [one for one in earlier if _state_is(one, "parked")], "cancelled")
    if message.status and message.status != "A" and "received" in states:
        is_last = message.status == "C"
        open_ = [
            one
            for one in earlier
            if state_of(one.resource()) in ("received", "held") and (is_last or _status_of(one) != "A")
        ]
        state: Literal["cancelled", "superseded"] = "cancelled" if is_last else "superseded"
        said = await ended(door, permit, open_, kept, state)
        return [*await _closing(door, permit, open_, state), *said]
    return []


def _state_is(stored: Stored, state: Received) -> bool:
    return state_of(stored.resource()) == state


async def _closing(door: Door, permit: Permit, earlier: Sequence[Stored], state: Received) -> list[Change]:
    """What waits of earlier versions goes, since the newest says all of it."""
    changes: list[Change] = []
    for one in earlier:
        body = bare(one.resource())
        changes.append(Change.update({**body, **stating(state)}, if_match=one.version))
        asked = [("focus", one.reference), ("status", WAITING)]
        for task in await matches(door, permit, "Task", asked):
            done = bare(task.resource())
            reason = {"statusReason": {"text": TEXTS[state]}}
            changes.append(Change.update({**done, "status": "cancelled", **reason}, if_match=task.version))
    return changes
