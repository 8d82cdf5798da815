"""A conversation with a patient, as staff read it: the whole of it beside the question that waits.

wants_of(message) -> list[Want]         what a page asks of the record to show it
talk(desk, message, lists, reader)      the conversation, and what an answer may decide
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from samjournal import conversations
from samjournal.fhir.reserved import ORDINARY, part_of
from samjournal.record import Want
from samjournal.ui.attachments import File
from samjournal.ui.language import marked
from samjournal.workspace.desk import Desk
from samjournal.workspace.documents import files_of
from samjournal.workspace.facts import Reader, Resource, id_of

KINDS: Final[Mapping[str, str]] = {
    "renewal": marked("Ønsker ny resept"),
    "correction": marked("Krever retting i journalen (helsepersonelloven § 42)"),
    "deletion": marked("Krever sletting i journalen (helsepersonelloven § 43)"),
    "hiding": marked("Vil sperre noe i journalen (pasientjournalloven § 17)"),
    "look": marked("Spør om en lesning av journalen"),
}
OUTCOMES: Final[Mapping[str, str]] = {
    "yes": marked("Ja, resepten er fornyet"),
    "no": marked("Nei, den fornyes ikke"),
    "visit": marked("Må snakke med pasienten først"),
    "granted": marked("Innvilget"),
    "partly": marked("Delvis innvilget"),
    "refused": marked("Avslått"),
    "noted": marked("Lest, trenger ikke svar"),
}
ACTING: Final[Mapping[str, str]] = {
    "parent": marked("forelder"),
    "power-of-attorney": marked("fullmakt"),
    "without-capacity": marked("fullmakt"),
    "next-of-kin": marked("pårørende"),
}
COMPLAINED: Final = ("partly", "refused")


@dataclass(frozen=True, slots=True)
class Line:
    """One message: who wrote it (for the patient: who did, and as what), when, what, the files that came along, what
    it decided, and when the patient read it."""

    by: str
    own: bool
    when: str
    paragraphs: tuple[str, ...]
    files: tuple[File, ...]
    outcome: str
    read: str
    asked: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation: its kind in words ("" for a question), the messages, the oldest first, what an answer decides
    (code and words; empty: nothing), whether it may say so without words, what it is about (address and words), and
    to which other teams it can go."""

    kind: str
    lines: tuple[Line, ...]
    decides: tuple[tuple[str, str], ...]
    notes: bool
    complaint: bool
    about: tuple[tuple[str, str], ...]
    teams: tuple[tuple[str, str], ...] = ()


def wants_of(message: Resource) -> list[Want]:
    """The whole conversation of a message."""
    root = conversations.root_of(message)
    return [
        Want("talk-first", "Communication", f"_id={root}", 1),
        Want("talk", "Communication", f"part-of=Communication/{root}&_sort=sent", 60),
    ]


async def talk(
    desk: Desk,
    message: Resource,
    lists: Mapping[str, list[dict[str, Any]]],
    reader: Reader,
    *,
    handing: bool = False,
) -> Talk | None:
    """None for a message that is no conversation with a patient. `handing`: with the teams that it can go to."""
    if conversations.kind_of(message) is None:
        return None
    _ = reader.language
    patient = id_of(message.get("subject"), "Patient")
    every = {str(one["id"]): one for one in (*lists.get("talk-first", ()), *lists.get("talk", ()), message)}
    listed = sorted(every.values(), key=lambda one: str(one.get("sent") or ""))
    references = [reference for one in listed for reference in _documents(one)]
    files = await files_of(desk, references, patient) if references else {}
    may = conversations.may_decide(message)
    kind = conversations.kind_of(listed[0]) or ""
    others: Sequence[conversations.Team] = ()
    if handing and conversations.is_from_patient(message) and part_of(message) == ORDINARY:
        others = await conversations.other_teams(desk.door, desk.permit, patient)
    return Talk(
        kind=_(KINDS[kind]) if kind in KINDS else "",
        lines=tuple(_line(one, files, str(message["id"]) if handing else "", reader) for one in listed),
        decides=tuple((code, _(OUTCOMES[code])) for code in may if code != "noted"),
        notes="noted" in may,
        complaint=any(code in COMPLAINED for code in may),
        about=tuple(_about(message, patient, reader)),
        teams=tuple((one.unit, one.name) for one in others),
    )


def _line(one: Resource, files: Mapping[str, list[File]], asked: str, reader: Reader) -> Line:
    _ = reader.language
    own = conversations.is_from_patient(one)
    name, acts = conversations.behalf_of(one)
    if own:
        by = _("{name} ({acts}), for pasienten", name=name, acts=_(ACTING.get(acts, acts))) if name else _("Pasienten")
    else:
        by = str((one.get("sender") or {}).get("display") or _("helsetjenesten"))
    texts = (str(each["contentString"]) for each in one.get("payload") or () if each.get("contentString"))
    outcome = conversations.outcome_of(one) or ""
    read = "" if own else conversations.read_at(one, "self") or ""
    return Line(
        by=by,
        own=own,
        when=reader.when(str(one.get("sent") or "")),
        paragraphs=tuple(line for text in texts for line in text.splitlines() if line.strip()),
        files=tuple(file for reference in _documents(one) for file in files.get(reference, ())),
        outcome=_(OUTCOMES[outcome]) if outcome in OUTCOMES else "",
        read=_("lest av pasienten {when}", when=reader.when(read)) if read else "",
        asked=str(one.get("id")) == asked,
    )


def _about(message: Resource, patient: str, reader: Reader) -> list[tuple[str, str]]:
    """What a wish or a demand points at: where it is seen, and what it is called."""
    found = []
    for one in message.get("about") or ():
        type_, _, id_ = str(one.get("reference") or "").partition("/")
        called = str(one.get("display") or reader.language("det gjelder"))
        place = {"Composition": f"notes/{id_}", "Condition": "problems", "AllergyIntolerance": "allergies"}.get(type_)
        found.append((f"/workspace/patients/{patient}/{place}" if place else f"/workspace/patients/{patient}", called))
    return found


def _documents(message: Resource) -> list[str]:
    named = (str((one.get("contentReference") or {}).get("reference") or "") for one in message.get("payload") or ())
    return [one for one in named if one.startswith("DocumentReference/")]
