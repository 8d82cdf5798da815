"""A place is opened for messages by a test message that gets through, and by nothing else. README 7 no. 2

    activate(door, permit, id, now) -> str      ask for it; who has it now
    tested(door, permit, now) -> int            for the job: places that passed are opened; how many

To a unit that works in this record the test is a Task: somebody there says that he reads what comes. To others it is a
dialogue message without a patient, which their receipt answers.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, NotFound, PreconditionFailed
from samjournal.messages.making import bare
from samjournal.messages.outgoing import Outgoing, sending
from samjournal.messages.receivers import SHARED, kinds_of
from samjournal.messages.receiving import at_desk
from samjournal.messages.states import TAKEN_OVER, state_of
from samjournal.record import Change, Door, Stored, change
from samjournal.record.beside import matches, resources
from samjournal.tasks import written
from samjournal.tasks.kinds import DEADLINES

Resource = dict[str, Any]
WORDS: Final = "Prøvemelding: bekreft at dere leser det som kommer hit"
TEXT: Final = (
    "Prøvemelding. Den gjelder ingen pasient og skal ikke behandles; kvitteringen viser at meldinger kommer fram."
)
_PREFERRED: Final = ("DIALOG_HELSEFAGLIG", "DIALOG_NOTAT", "DIALOG_FORESPORSEL")
_MOST: Final = "200"


async def activate(door: Door, permit: Permit, id_: str, now: datetime) -> str:
    """Ask a place to show that it reads what comes. For permits of jobs. Raises NotFound, and Conflict for one that is
    open, that nobody has, that was asked already, or that takes no message that could be a test."""
    found = (await resources(door, permit, [("Endpoint", id_)])).get(f"Endpoint/{id_}")
    if found is None:
        raise NotFound(f"There is no Endpoint/{id_}.")
    endpoint = found.resource()
    unit = endpoint.get("managingOrganization")
    if endpoint["status"] != "test" or not unit:
        raise Conflict("Only a place in status test that an organisation has can be tested.")
    claim = sha256(f"activation {id_} {found.version}".encode()).digest()
    if endpoint["connectionType"].get("code") == SHARED:
        task = written(
            kind="do", patient="", owner=unit, at=now, due=now + DEADLINES["do"], words=WORDS, focus=f"Endpoint/{id_}"
        )
        changes = [Change.create(task)]
    else:
        changes = sending(await _message(door, permit, endpoint), now)
    if not await change(door, permit, changes, claim=claim):
        raise Conflict("It was asked already.")
    return str(unit.get("display", ""))


async def _message(door: Door, permit: Permit, endpoint: Resource) -> Outgoing:
    kinds = kinds_of(endpoint)
    kind = next((one for one in _PREFERRED if one in kinds), None)
    if kind is None:
        raise Conflict(f"It takes none of {', '.join(_PREFERRED)}, which a test message would be.")
    desk = await at_desk(door, permit)
    return Outgoing(
        kind=(kind, "Prøvemelding"),
        about=f"Endpoint/{endpoint['id']}",
        patient="",
        sender=desk,
        by=desk,
        receiver=endpoint["managingOrganization"],
        endpoint=endpoint["id"],
        document="",
        text=TEXT,
        status="",
    )


async def tested(door: Door, permit: Permit, now: datetime) -> int:
    """Open the places whose test got through."""
    done = 0
    for one in await matches(door, permit, "Endpoint", [("status", "test"), ("_count", _MOST)]):
        if await _passed(door, permit, one):
            body = {**bare(one.resource()), "status": "active"}
            proof = {"url": "urn:samjournal:tested", "valueInstant": now.isoformat(timespec="milliseconds")}
            body["extension"] = [*body.get("extension", ()), proof]
            try:
                await change(door, permit, [Change.update(body, if_match=one.version)])
            except (Conflict, PreconditionFailed):
                continue
            done += 1
    return done


async def _passed(door: Door, permit: Permit, endpoint: Stored) -> bool:
    """Whether somebody there has answered since the place came to be in test."""
    since = ("_lastUpdated", f"ge{endpoint.resource()['meta']['lastUpdated']}")
    if endpoint.resource()["connectionType"].get("code") == SHARED:
        asked = [("focus", endpoint.reference), ("status", "completed"), since]
        return bool(await matches(door, permit, "Task", asked))
    ends = endpoint.resource().get("managingOrganization", {}).get("reference")
    if not ends:
        return False
    sent = await matches(door, permit, "Communication", [("recipient", ends), ("_sort", "-sent"), since])
    about = (one.resource() for one in sent)
    return any(
        state_of(one) in TAKEN_OVER and {"reference": endpoint.reference} in one.get("about", ()) for one in about
    )
