"""The chart's first page from one snapshot: pure functions from FHIR to what the template shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from samjournal.record import Snapshot
from samjournal.ui import formats
from samjournal.ui.language import language as language_named
from samjournal.ui.language import marked
from samjournal.workspace.acknowledged import acknowledged
from samjournal.workspace.banner import banner
from samjournal.workspace.current import now as current
from samjournal.workspace.facts import Reader
from samjournal.workspace.first import Material, first
from samjournal.workspace.history import history
from samjournal.workspace.measured import ADULT
from samjournal.workspace.plan import plan
from samjournal.workspace.why import KINDS

# One word and its plural for each list that can hold something new.
COUNTED: Final = {
    "labs": (marked("{n} svar"), marked("{n} svar"), "labs"),
    "vitals": (marked("{n} måling"), marked("{n} målinger"), "vitals"),
    "medicines": (marked("{n} legemiddel"), marked("{n} legemidler"), "medicines"),
    "notes": (marked("{n} notat"), marked("{n} notater"), "notes"),
    "plans": (marked("{n} plan"), marked("{n} planer"), "plan"),
    "tasks": (marked("{n} oppgave"), marked("{n} oppgaver"), "plan"),
    "problems": (marked("{n} diagnose"), marked("{n} diagnoser"), "history"),
    "appointments": (marked("{n} time"), marked("{n} timer"), "plan"),
}


def chart(
    snapshot: Snapshot,
    *,
    role: str,
    language: str,
    now: datetime,
    since: datetime | None = None,
    last_look: datetime | None = None,
    unit_id: str = "",
) -> dict[str, Any]:
    """Everything that the template of the chart shows; what came `since` is new: since the reader's last
    look where that is known, else since the page was opened."""
    reader = Reader(role, language_named(language), now, since, unit_id)
    middle = current(snapshot, reader, adult=_is_adult(snapshot.patient, now))
    right = plan(snapshot, reader)
    things = first(Material(snapshot, middle, right, reader))
    return {
        "banner": banner(snapshot, reader),
        "why": reader.language(KINDS.get(snapshot.why, marked("tjenstlig behov"))),
        "first": things,
        "history": history(snapshot, reader),
        "has_form": any(thing.form for thing in things),
        "acknowledged": acknowledged(snapshot.lists.get("acknowledged", ()), reader),
        "middle": middle,
        "plan": right,
        "sources": sources(snapshot.lists, reader),
        "news": news(snapshot.lists, reader),
        "since": formats.when(last_look, now=now, language=reader.language) if last_look else "",
    }


def news(lists: Mapping[str, Iterable[Mapping[str, Any]]], reader: Reader) -> list[tuple[str, str]]:
    """What is new since the reader's last look, counted, with the place on the page."""
    found = []
    for name, (one, many, place) in COUNTED.items():
        number = sum(1 for each in lists.get(name, ()) if reader.newness(each))
        if number:
            found.append((reader.language.count(one, many, number), place))
    return found


def sources(lists: Mapping[str, Iterable[Mapping[str, Any]]], reader: Reader) -> str:
    """From how many units the history comes."""
    units = {
        str(each.get(element, {}).get("reference"))
        for name, element in (("encounters", "serviceProvider"), ("services", "managingOrganization"))
        for each in lists.get(name, ())
        if each.get(element)
    }
    if not units:
        return ""
    return reader.language.count("samlet fra {n} virksomhet", "samlet fra {n} virksomheter", len(units))


def _is_adult(patient: Mapping[str, Any], now: datetime) -> bool:
    born = formats.moment(patient.get("birthDate"))
    if born is None:
        return True
    first_day: date = born.date() if isinstance(born, datetime) else born
    return (now.date() - first_day).days >= ADULT * 365.25
