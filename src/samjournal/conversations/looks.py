"""A citizen asks about a look in the log, and whoever answers for access there answers.

    ask_about(door, permit, at, words, draft) -> str        the id of the message, about the look of that moment
    ask_again(door, permit, first, after, words, draft)     once more in the same conversation
    answer_look(door, permit, matter, words)                the privacy officer answers, and it leaves the review list

The unit of the reader may have nothing to do with the patient: work for it would open the record to all of it. So the
question goes on the review list of the organisation, whose privacy officer opens no record, and it leaves that list by
an answer alone. pasientjournalforskriften § 14, pasient- og brukerrettighetsloven § 5-1
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from samjournal.access import ASKED, Permit, acting, keeping
from samjournal.audit import Seen
from samjournal.conversations.kinds import UNIT, root_of
from samjournal.conversations.saying import message_of, text_of
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Forbidden, Invalid, NotFound
from samjournal.fhir.keys import local
from samjournal.fhir.reserved import PART
from samjournal.record import (
    Change,
    Decision,
    Door,
    Ending,
    answer_asked,
    asked_about,
    change,
    log_for_patient,
    new_id,
    read,
)
from samjournal.tasks.saying import himself, team

Resource = dict[str, Any]
LOOK: Final = "urn:samjournal:look"
"""The extension of a question that says about the look of which moment it is."""
RESERVED: Final = {"system": PART, "code": "not-health"}
"""Who read is not to read what is asked of it, nor are his colleagues: it is no unit's, and no part of the care."""
_NEAR: Final = 50
_SHOWN: Final = 1000


async def look_at(door: Door, permit: Permit, at: datetime) -> Seen:
    """The look of a moment, as the log tells it to the citizen. Raises NotFound, also of the citizen's own."""
    looks = await log_for_patient(
        door, permit, permit.patient or "", count=_NEAR, before=at + timedelta(milliseconds=1)
    )
    found = next((one for one in looks if one.at == at and one.why != "self"), None)
    if found is None:
        raise NotFound("There is no such look.")
    return found


async def ask_about(door: Door, permit: Permit, at: datetime, words: str, draft: Ending) -> str:
    """Ask whoever answers for the access of who looked at that moment. Raises Invalid (no words), NotFound, Forbidden,
    DraftEnded (sent already)."""
    look, text = await look_at(door, permit, at), text_of(words)
    if not text:
        raise Invalid("Write the message.")
    when = look.at.astimezone(OSLO)
    who = ", ".join(one for one in (look.name, look.unit) if one)
    about = f"Gjelder: {who}, {when:%d.%m.%Y kl. %H.%M}"
    return await _send(door, permit, look, f"{about}\n\n{text}", draft, {})


async def ask_again(door: Door, permit: Permit, first: Resource, after: str, text: str, draft: Ending) -> str:
    """Ask more about the same look."""
    at = next((one["valueInstant"] for one in first.get("extension", ()) if one.get("url") == LOOK), None)
    if at is None:
        raise NotFound("There is no such look.")
    look = await look_at(door, permit, datetime.fromisoformat(at))
    parts = {"partOf": [_to(first["id"])], "inResponseTo": [_to(after)]}
    return await _send(door, permit, look, text, draft, parts)


async def _send(door: Door, permit: Permit, look: Seen, text: str, draft: Ending, parts: Resource) -> str:
    if not (permit.sends and permit.reads_log):
        raise Forbidden("Looks are asked about by who reads the log, and writes messages.")
    to = {"display": look.unit or look.name or "helsetjenesten"}  # No reference: it is no unit's to read.
    message = message_of(door, permit, to, "look", "Spørsmål om en lesning", text, datetime.now(UTC))
    moment = {"url": LOOK, "valueInstant": look.at.isoformat()}
    message |= {"meta": {"security": [RESERVED]}, **parts, "extension": [*message.get("extension", ()), moment]}
    matter = Decision(ASKED, text[:_SHOWN], of=(look.actor, look.role, look.organization_id))
    made = replace(Change.create(message), id=message["id"])
    return (await change(door, acting(permit, "Communication"), [made], decision=matter, ending=draft))[0].id


async def answer_look(door: Door, permit: Permit, matter: UUID, words: str) -> None:
    """Answer what a citizen asked, by who answers for access. Raises Invalid (no words), Conflict (answered, or about
    his own doing), Forbidden."""
    text = text_of(words)
    if not text:
        raise Invalid("Write the answer.")
    source = await asked_about(door, permit, matter)
    rights = keeping(permit, "Communication", why="oversight")
    question = (await read(door, rights, "Communication", (local(source) or "").partition("/")[2])).resource()
    reply = {
        "resourceType": "Communication",
        "id": new_id(),
        "extension": [{"url": UNIT, "valueReference": team(permit)}],
        "meta": {"security": [RESERVED]},
        "partOf": [_to(root_of(question))],
        "inResponseTo": [_to(question["id"])],
        "status": "completed",
        "category": question["category"],
        "subject": question["subject"],
        "topic": question["topic"],
        "sent": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "sender": himself(permit),
        "recipient": [question["subject"]],
        "payload": [{"contentString": text}],
    }
    await answer_asked(door, permit, rights, matter, replace(Change.create(reply), id=reply["id"]))


def _to(id_: str) -> Resource:
    return {"reference": f"Communication/{id_}"}
