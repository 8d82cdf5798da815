"""The list of the inbox: pure functions from Tasks and what they are about to groups of lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from samjournal.access import Figures
from samjournal.tasks import Said
from samjournal.ui import formats
from samjournal.ui.language import marked
from samjournal.workspace.banner import name
from samjournal.workspace.facts import Reader, Resource, author, joined, said, stands
from samjournal.workspace.results import critical, names_of, observations_of

GROUPS: Final = (
    ("urgent", marked("Haster")),
    ("sign", marked("Signer")),
    ("countersign", marked("Medsigner")),
    ("acknowledge", marked("Kvitter prøvesvar")),
    ("answer", marked("Besvar")),
    ("assess", marked("Henvisninger")),
    ("deliver", marked("Kom ikke fram")),
    ("do", marked("Gjør")),
)
ICONS: Final = {
    "urgent": "allergy", "sign": "edit", "countersign": "edit", "acknowledge": "flask", "answer": "chat",
    "assess": "arrow-right", "deliver": "swap", "do": "tasks",
}  # fmt: skip
SOON: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do: what it is, whose, since when, until when. `state`: "", "warn", "danger"."""

    task: Said
    icon: str
    title: str
    patient: str
    since: str
    due: str
    state: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """What must be done alike."""

    code: str
    title: str
    lines: tuple[Line, ...]


def groups(found: Iterable[Said], about: Mapping[str, dict[str, Any]], reader: Reader) -> list[Group]:
    """Those groups in which anything is, the urgent first; in each the one that is due first comes first."""
    by_code: dict[str, list[Said]] = {}
    for one in found:
        by_code.setdefault("urgent" if is_urgent(one, reader.now) else one.kind, []).append(one)
    return [
        Group(code, reader.language(title), tuple(_line(one, code, about, reader) for one in sorted(some, key=_first)))
        for code, title in GROUPS
        if (some := by_code.get(code))
    ]


def is_urgent(task: Said, now: datetime) -> bool:
    """Urgent by whoever asked, or over its deadline."""
    return task.urgent or (task.due is not None and task.due <= now)


def _first(task: Said) -> tuple[bool, float, str]:
    when = task.due or task.since
    return not task.urgent, when.timestamp() if when else 0.0, task.id


def _line(task: Said, code: str, about: Mapping[str, dict[str, Any]], reader: Reader) -> Line:
    _ = reader.language
    patient = about.get(task.patient)
    is_late = task.due is not None and task.due <= reader.now
    return Line(
        task=task,
        icon=ICONS[code if task.urgent else task.kind],
        title=title(task, about, reader),
        patient=whom(patient, reader) if patient else "",
        since=_short(task.since, reader),
        due=due(task, reader),
        state="danger" if is_late or task.urgent else "",
        marks=marks(task, reader),
    )


def title(task: Said, about: Mapping[str, dict[str, Any]], reader: Reader) -> str:
    """What there is to do, from what it is about as that is now."""
    _ = reader.language
    focus = about.get(task.focus)
    if task.kind == "acknowledge":
        if focus is None:
            return task.words or _("Prøvesvar")
        found = observations_of(focus, about)
        worst = critical(found, reader)
        if worst:
            return _("Kritisk: {result}", result=worst)
        return names_of(found, reader) or said(focus.get("code"), _) or _("Prøvesvar")
    if task.kind in ("sign", "countersign") and focus is not None and stands(focus):
        written = str(focus.get("title") or said(focus.get("type"), _) or _("Notat"))
        return joined(written, author(focus)) if task.kind == "countersign" else written
    if task.kind == "answer" and focus is not None:
        topic = said(focus.get("topic"), _) or message(focus)
        return topic if len(topic) <= MOST else topic[: MOST - 1].rsplit(" ", 1)[0] + "…"
    if focus is not None and focus.get("resourceType") == "Composition" and not task.words:
        return _("Rett notatet: {title}", title=str(focus.get("title") or _("Notat")))
    if focus is not None and focus.get("resourceType") == "Communication" and not task.words:
        return _("Svar: {topic}", topic=said(focus.get("topic"), _) or message(focus)[:MOST])
    return task.words or _("Oppgave")


MOST: Final = 60


def message(communication: Resource) -> str:
    """The words of a message."""
    return " ".join(str(one["contentString"]) for one in communication.get("payload") or () if one.get("contentString"))


def whom(patient: Resource, reader: Reader) -> str:
    """`NORDMANN, Kari, 78 år`."""
    family, given = name(patient)
    called = f"{family.upper()}, {given}" if given else family.upper()
    age = formats.age(patient.get("birthDate"), at=reader.now, language=reader.language)
    return joined(called or reader.language("UTEN NAVN"), age)


def due(task: Said, reader: Reader) -> str:
    """`innen 10.22` for what hurries today, `frist i morgen`, `over fristen`, or that it has none."""
    _ = reader.language
    if task.due is None:
        return _("uten frist")
    at = task.due.isoformat()
    if task.due <= reader.now:
        return _("over fristen {when}", when=_short(task.due, reader))
    if task.urgent and task.due - reader.now < SOON:
        return _("innen {clock}", clock=formats.clock(at, language=_))
    return _("frist {day}", day=reader.day(at))


def marks(task: Said, reader: Reader) -> tuple[str, ...]:
    """What is to be known of how it came here."""
    _ = reader.language
    found = []
    if task.taken and task.owner_name:
        found.append(_("tatt av {name}", name=task.owner_name))
    if task.renewed:
        found.append(_("endret etter at det ble kvittert"))
    if task.stood_in:
        found.append(_("for {name}, som er borte", name=task.owner_name or _("en kollega")))
    if task.escalated:
        who = task.owner_name if task.owner.startswith("Practitioner") else ""
        found.append(_("fristen gikk ut hos {name}", name=who) if who else _("fristen gikk ut"))
    if task.kind == "sign" and task.status == "on-hold":
        found.append(_("sendt tilbake for retting"))
    if task.note:
        found.append(_("med beskjed"))
    return tuple(found)


def _short(moment: datetime | None, reader: Reader) -> str:
    """`09.22` today, `i går 16.42`, else the day."""
    if moment is None:
        return ""
    at = moment.isoformat()
    day, clock = reader.day(at), formats.clock(at, language=reader.language)
    if day == reader.language("i dag"):
        return clock
    return f"{day} {clock}" if not day[0].isdigit() else day


def waited(figures: Figures, reader: Reader) -> tuple[str, str]:
    """How long the oldest has waited, and the median of what was done this week; empty where there is none."""
    _ = reader.language
    oldest = formats.ago(figures.oldest, now=reader.now, language=_) if figures.oldest else ""
    if figures.median is None:
        return oldest, ""
    begun = reader.now - timedelta(seconds=figures.median)
    return oldest, formats.ago(begun, now=reader.now, language=_)


def count(listed: Sequence[Group]) -> int:
    """How many lines there are."""
    return sum(len(group.lines) for group in listed)
