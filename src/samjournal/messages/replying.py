"""An answer to a message from outside: a dialogue message back to whoever sent it.

    reply(door, permit, message, text, now) -> list[Change]     to be stored with the work that it ends
    can_be_answered(message) -> bool                            whether somebody outside sent it, who has an address

The answer is the message itself, so that where it stands is seen on the page of what the unit sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from samjournal.access import Permit, for_job
from samjournal.fhir.errors import Conflict
from samjournal.fhir.identifiers import HER
from samjournal.fhir.keys import local
from samjournal.messages.incoming import FROM
from samjournal.messages.outgoing import Outgoing, kind_of, number_of, sending
from samjournal.messages.receivers import kinds_of, place_of
from samjournal.messages.states import CONVERSATION, state_of
from samjournal.record import Change, Door
from samjournal.tasks import himself
from samjournal.tasks.saying import team

Resource = dict[str, Any]
_ANSWERS: Final = {"DIALOG_FORESPORSEL": ("DIALOG_SVAR", "Svar på forespørsel")}
_OTHERWISE: Final = ("DIALOG_HELSEFAGLIG", "Helsefaglig dialog")


def can_be_answered(message: Mapping[str, Any]) -> bool:
    """Whether a message came from outside and names its sender's HER-id."""
    return state_of(message) == "received" and bool(_numbers(message))


async def reply(door: Door, permit: Permit, message: Resource, text: str, now: datetime) -> list[Change]:
    """The changes that send an answer; the first makes the Communication that it is. Raises Conflict when its sender
    has no place that takes such messages."""
    job = for_job("receivers")
    kind = _ANSWERS.get(kind_of(message)[0], _OTHERWISE)
    for number in _numbers(message):
        place = await place_of(door, job, number, now)
        if place is not None and kind[0] in kinds_of(place) and place["status"] == "active":
            break
    else:
        raise Conflict("The sender has no address for answers here: answer in another way, and write how.")
    conversation = next(
        (one["value"] for one in message.get("identifier", ()) if one.get("system") == CONVERSATION), ""
    )
    return sending(
        Outgoing(
            kind=kind,
            about="",
            patient=(local(message.get("subject", {}).get("reference", "")) or "").removeprefix("Patient/"),
            sender=team(permit),
            by=himself(permit),
            receiver=dict(place["managingOrganization"]),
            endpoint=place["id"],
            document=conversation or str(uuid4()),
            text=text,
            status="",
            answers=number_of(message),
            is_urgent=message.get("priority") == "urgent",
        ),
        now,
    )


def _numbers(message: Mapping[str, Any]) -> list[str]:
    """The HER-ids of the sender, from within."""
    within = [one["valueString"] for one in message.get("extension", ()) if one.get("url") == FROM]
    identifier = message.get("sender", {}).get("identifier", {})
    return [*within, *([identifier["value"]] if identifier.get("system") == HER else [])]
