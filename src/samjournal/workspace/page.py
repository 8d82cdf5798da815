"""What every page of one patient has: whose it is, by what it is open, which page it is among the others."""

from __future__ import annotations

from typing import Any, Final

from samjournal.record import Snapshot
from samjournal.ui.language import language, marked
from samjournal.workspace.banner import banner
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import Reader
from samjournal.workspace.why import KINDS

TABS: Final = (
    ("overview", marked("Oversikt"), ""),
    ("notes", marked("Notater"), "/notes"),
    ("problems", marked("Sykdommer"), "/problems"),
    ("allergies", marked("Allergier"), "/allergies"),
    ("measurements", marked("Målinger"), "/measurements"),
    ("referrals", marked("Henvisninger"), "/referrals"),
    ("messages", marked("Meldinger"), "/messages"),
    ("book", marked("Timer"), "/book"),
    ("timeline", marked("Tidslinje"), "/timeline"),
)
"""The pages of a patient in their order, by name, words and address."""


def tabs(patient_id: str, here: str, code: str) -> list[dict[str, Any]]:
    """The pages of a patient, with the one that is shown marked."""
    say, base = language(code), f"/workspace/patients/{patient_id}"
    return [
        {"name": say(name), "address": base + path, "is_here": page == here, "code": page} for page, name, path in TABS
    ]


def notes_at(patient_id: str) -> str:
    """The address that a note's id is put behind to read it."""
    return f"/workspace/patients/{patient_id}/notes/"


def reader_of(desk: Desk, snapshot: Snapshot) -> Reader:
    """Who looks at a page, to whom nothing is new that was there at the last look."""
    return Reader(desk.role.code, language(desk.language), snapshot.at, snapshot.last_look, desk.role.organization_id)


def framed(desk: Desk, snapshot: Snapshot, reader: Reader, *, here: str) -> dict[str, Any]:
    """What the head of such a page shows."""
    patient_id = str(snapshot.patient["id"])
    return {
        "desk": desk,
        "patient_id": patient_id,
        "banner": banner(snapshot, reader),
        "why": reader.language(KINDS.get(snapshot.why, marked("tjenstlig behov"))),
        "kept_back": snapshot.kept_back,
        "tabs": tabs(patient_id, here, desk.language),
    }
