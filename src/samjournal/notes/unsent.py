"""A discharge summary that is signed and went nowhere, and of which nobody said why: work for the unit. House rule 5

unsent_summaries(door, permit, now) -> int      how many are work from now on; for a job, and may be done again
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.dates import span
from samjournal.fhir.errors import Conflict
from samjournal.fhir.parsing import compact_of
from samjournal.notes.delivered import EDITION, UNSENT
from samjournal.notes.dispatching import coded
from samjournal.notes.kinds import KINDS, LOINC
from samjournal.notes.summaries import SYSTEM, document_of, edition_of, is_signed, own_id
from samjournal.record import Change, Door, change, existing
from samjournal.record.beside import matches
from samjournal.tasks import written
from samjournal.tasks.manned import duty, manned

AFTER: Final = timedelta(days=1)
SINCE: Final = timedelta(days=14)
"""What is older was signed before anything was sent from here, or is work already."""
_AT_ONCE: Final = 200
WORDS: Final = "Epikrisen er signert, men ikke sendt til noen. Send den, eller skriv hvorfor den ikke skal sendes."
CHANGED: Final = "Epikrisen er endret etter at den ble sendt. Send endringen, eller skriv hvorfor den ikke skal sendes."


async def unsent_summaries(door: Door, permit: Permit, now: datetime) -> int:
    """Make a Task for the unit of each discharge summary whose newest signature is a day old, and about which version
    nobody has chosen anything. For permits of jobs."""
    done, since, seen = 0, now - SINCE, set[str]()
    while True:
        asked = [
            ("type", f"{LOINC}|{KINDS['discharge'].loinc[0]},urn:samjournal:template|epikrise"),
            ("status", "final,amended"),
            ("_lastUpdated", f"ge{since.astimezone(UTC).isoformat(timespec='milliseconds')}"),
            ("_sort", "_lastUpdated"),
            ("_count", str(_AT_ONCE)),
        ]
        found = [one for one in await matches(door, permit, "Composition", asked) if one.id not in seen]
        for one in found:
            seen.add(one.id)
            done += await _see_to(door, permit, one.resource(), now)
        if len(found) < _AT_ONCE // 2:
            return done
        since = found[-1].at


async def _see_to(door: Door, permit: Permit, note: dict[str, Any], now: datetime) -> int:
    signed = [span(one["time"]).hi for one in note.get("attester", ()) if "time" in one and _is_of_here(one)]
    if not signed or not is_signed(note) or not now - SINCE < max(signed) <= now - AFTER:
        return 0
    edition = edition_of(note)
    id_ = own_id(note, edition, UNSENT)
    if await existing(door, "Task", [id_]):
        return 0
    kept = await matches(door, permit, "Communication", [("identifier", f"{SYSTEM}|{document_of(note)}")])
    chosen = {
        each.get("valueInteger")
        for one in kept
        for each in one.resource().get("extension", ())
        if each.get("url") == EDITION
    }
    if edition in chosen:
        return 0
    unit = note.get("custodian") or {}
    owner = (await manned(door, permit, unit, "do") if unit else None) or await duty(door, permit, "do") or unit
    task = coded(
        written(
            kind="do",
            patient=str(note["subject"]["reference"]).removeprefix("Patient/"),
            owner=owner,
            at=now,
            due=now + AFTER,
            words=CHANGED if chosen else WORDS,
            focus=f"Composition/{note['id']}",
        ),
        note,
        UNSENT,
    )
    try:
        await change(door, permit, [Change("create", "Task", id_, task, compact_of(task))])
    except Conflict:
        return 0
    return 1


def _is_of_here(attester: dict[str, Any]) -> bool:
    """Whether somebody signed who works in this record: what came from others is theirs to send."""
    return str((attester.get("party") or {}).get("reference", "")).startswith("PractitionerRole/")
