"""Rule 5: everybody who was discharged has a signed discharge summary, or somebody has the task."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.dates import span
from samjournal.record import Door
from samjournal.record.beside import every, matches
from samjournal.rounds.findings import Finding, about, is_open, is_owned, patient_of

_WITHIN: Final = timedelta(days=1)
_BACK: Final = timedelta(days=30)
SUMMARY: Final = "18842-5"
"""LOINC: discharge summary."""


async def discharges(door: Door, permit: Permit, now: datetime) -> AsyncIterator[Finding]:
    """Stays that ended more than a day ago, in the last month."""
    asked = [
        ("class", "IMP"),
        ("status", "finished"),
        ("date", f"ge{(now - _BACK).isoformat()}"),
    ]
    async for page in every(door, permit, "Encounter", asked):
        ended = [one for one in page if _ended(one.resource(), now)]
        tasks = await about(door, permit, [one.reference for one in ended])
        for one in ended:
            notes = [
                note.resource()
                for note in await matches(
                    door, permit, "Composition", [("encounter", one.reference), ("_count", "100")]
                )
            ]
            summaries = [note for note in notes if _is_summary(note)]
            if any(note["status"] in ("final", "amended") for note in summaries):
                continue
            on_it = [*tasks.get(one.reference, ())]
            written = await about(door, permit, [f"Composition/{note['id']}" for note in notes])
            on_it += [task for each in written.values() for task in each]
            if any(is_open(task) and is_owned(task) for task in on_it):
                continue
            body = one.resource()
            words = "Et avsluttet opphold har ingen signert epikrise, og ingen har fått oppgaven"
            yield Finding(one.reference, words, patient_of(body), body.get("serviceProvider"))


def _ended(stay: dict[str, Any], now: datetime) -> bool:
    end = stay.get("period", {}).get("end")
    return end is not None and span(end).hi < now - _WITHIN


def _is_summary(note: dict[str, Any]) -> bool:
    codes = {one.get("code") for one in note.get("type", {}).get("coding", ())}
    return SUMMARY in codes or str(note.get("title", "")).casefold().startswith("epikrise")
