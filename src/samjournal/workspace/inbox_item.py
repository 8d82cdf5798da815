"""What one thing in the inbox is about, ready to show beside the list: pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from samjournal.messages import can_be_answered, state_of
from samjournal.record import Snapshot
from samjournal.referrals import is_referral
from samjournal.tasks import Said
from samjournal.workspace.banner import name
from samjournal.workspace.facts import Reader, Resource, author, joined, unit
from samjournal.workspace.inbox_list import due, marks, message, title
from samjournal.workspace.results import Result, observations_of, results
from samjournal.workspace.talk import Talk

_TAG = re.compile(r"<[^>]+>")
_END = re.compile(r"</(?:p|li|h[1-6]|div)>|<br\s*/?>")


@dataclass(frozen=True, slots=True)
class Item:
    """The one that is open. `facts` are who, when and where from; `sections` headings with paragraphs; `missing`: what
    it is about cannot be shown; `closed`: the record is closed to the reader; `sender` of a message, and whom an answer
    `reaches` by itself."""

    title: str
    facts: tuple[str, ...]
    marks: tuple[str, ...]
    note: tuple[str, str] | None
    results: tuple[Result, ...]
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    missing: bool
    link: str
    closed: bool = False
    sender: str = ""
    reaches: str = ""
    talk: Talk | None = None
    """The conversation that it belongs to, with the patient."""
    patient_asked: bool = False
    """Whether the patient sent it, who is answered in any case."""
    stopped: bool = False
    """Whether it is a message that nobody has: for nobody known here, or with the id of another."""


def item(task: Said, snapshot: Snapshot | None, about: Mapping[str, dict[str, Any]], reader: Reader) -> Item:
    """What is shown of it."""
    _ = reader.language
    lists = snapshot.lists if snapshot else {}
    focus = about.get(task.focus) or next(iter(lists.get("focus", ())), None)
    known = {**about, task.focus: focus} if focus else about
    labs = lists.get("labs", [])
    shown: list[Result] = []
    sections: list[tuple[str, tuple[str, ...]]] = []
    link, sender, stopped = "", "", False
    if focus is not None and task.kind == "acknowledge":
        shown = results(observations_of(focus, known, labs), labs, reader)
        link = f"/workspace/{task.patient.replace('Patient', 'patients')}/results/{task.focus}"
        if focus.get("conclusion"):
            sections.append((_("Vurdering"), (str(focus["conclusion"]),)))
    elif focus is not None and focus.get("resourceType") == "Composition":
        sections = [
            (str(one.get("title") or ""), paragraphs((one.get("text") or {}).get("div", "")))
            for one in focus.get("section") or ()
        ]
        link = f"/workspace/{task.patient.replace('Patient', 'patients')}/notes/{focus['id']}"
    elif focus is not None and focus.get("resourceType") == "Communication":
        sections = [("", tuple(message(focus).split("\n")))]
        sender = _sender(focus, known, reader)
        stopped = state_of(focus) in ("unplaced", "clash")
        if stopped or state_of(focus) == "held":
            link = f"/workspace/messages/{focus['id']}"
        if task.kind == "deliver":
            link = f"/workspace/messages/sent/{focus['id']}"
    elif focus is not None and is_referral(focus):
        text = tuple(str(one.get("text") or "") for one in focus.get("note") or ())
        asked = tuple(str(one.get("text") or "") for one in focus.get("orderDetail") or ())
        sections = [("", (task.words, *text)), *([(_("Ønsker svar på"), asked)] if asked else [])]
        link = f"/workspace/{task.patient.replace('Patient', 'patients')}/referrals/{focus['id']}"
    elif task.words:
        sections = [("", (task.words,))]
    is_visit = task.focus.startswith("Appointment/")
    if is_visit:  # It is seen on a page of its own, by those at work at its unit.
        link = f"/workspace/appointments/{task.focus.partition('/')[2]}"
    return Item(
        title=title(task, known, reader),
        facts=_facts(task, focus, reader),
        marks=marks(task, reader),
        note=task.note,
        results=tuple(shown),
        sections=tuple(sections),
        missing=bool(task.focus) and focus is None and not is_visit,
        link=link,
        stopped=stopped,
        sender=sender,
        reaches=_reach(focus, reader) if focus is not None and sender else "",
        patient_asked=focus is not None
        and str((focus.get("sender") or {}).get("reference", "")).startswith("Patient/"),
    )


def _sender(focus: Resource, known: Mapping[str, Resource], reader: Reader) -> str:
    """Who sent a message; "" when it says nobody that can be answered."""
    party = focus.get("sender") or {}
    if not party.get("reference"):
        return str(party.get("display") or "") if can_be_answered(focus) else ""
    patient = known.get(str(party["reference"]))
    named = " ".join(reversed(name(patient))) if patient else ""
    return str(party.get("display") or named or reader.language("avsenderen"))


def _reach(focus: Resource, reader: Reader) -> str:
    """Where an answer is read, as it is."""
    _ = reader.language
    type_ = str((focus.get("sender") or {}).get("reference", "")).partition("/")[0]
    if type_ == "Patient":
        return _("Pasienten ser svaret i portalen, under Meldinger, og får varsel slik hun eller han har valgt.")
    if type_ in ("PractitionerRole", "Practitioner", "Organization"):
        return _("Svaret kommer i innboksen til avsenderen.")
    if not type_ and can_be_answered(focus):
        return _("Svaret sendes som melding til avsenderen.")
    return _("Svaret blir lagret i journalen, men når ikke avsenderen herfra. Si fra på annen måte.")


def _facts(task: Said, focus: Resource | None, reader: Reader) -> tuple[str, ...]:
    """Who asked, when, on whom it waits, and until when."""
    _ = reader.language
    found = []
    if focus is not None and task.kind == "acknowledge":
        issued = str(focus.get("issued") or "")
        found.append(joined(unit(focus) or author(focus), reader.when(issued)))
        if task.requester_name:
            found.append(_("bestilt av {name}", name=task.requester_name))
    elif focus is not None:
        by = author(focus) or str((focus.get("sender") or {}).get("display") or "")
        found.append(joined(by, reader.when(str(focus.get("date") or focus.get("sent") or ""))))
    if task.kind == "do" and task.requester_name:
        since = reader.when(task.since.isoformat()) if task.since else ""
        found.append(_("fra {name}", name=joined(task.requester_name, since)))
    found.append(_("ansvarlig: {name}", name=task.owner_name or _("ingen")))
    found.append(due(task, reader))
    return tuple(one for one in found if one)


def paragraphs(div: str) -> tuple[str, ...]:
    """The text of a narrative, without its tags."""
    lines = (unescape(_TAG.sub("", part)).strip() for part in _END.split(div))
    return tuple(line for line in lines if line)
