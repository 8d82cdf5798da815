"""A citizen's conversations as the pages show them: pure functions. hl7.org/fhir/R4/communication.html

threads(communications, stand, language, files) -> list[Thread]     the unread first, then the newest
KINDS, BONDS, STATES                                                what things are called
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from samjournal.conversations import Standing, behalf_of, is_from_patient, kind_of, outcome_of, read_at, root_of
from samjournal.portal import facts
from samjournal.portal.facts import Resource
from samjournal.portal.messages import is_elsewhere
from samjournal.ui.attachments import File
from samjournal.ui.formats import long_day
from samjournal.ui.language import Language, marked

TOPICS: Final[Mapping[str, str]] = {
    "renewal": marked("Ny resept"),
    "correction": marked("Retting i journalen"),
    "deletion": marked("Sletting i journalen"),
    "hiding": marked("Sperring i journalen"),
    "look": marked("Spørsmål om en lesning"),
}
BONDS: Final[Mapping[str, str]] = {
    "gp-list": marked("Fastlegen din"),
    "home-care": marked("Hjelper deg hjemme"),
    "care-team": marked("I teamet rundt deg"),
    "appointment": marked("Du har time der"),
    "contact": marked("Du har vært der"),
    "stay": marked("Du er innlagt der, eller har vært det"),
    "referral": marked("Du er henvist dit"),
}
"""What the patient has to do with a unit."""
BONDS_OF_ANOTHER: Final[Mapping[str, str]] = {
    "gp-list": marked("Fastlegen"),
    "home-care": marked("Gir hjelp hjemme"),
    "care-team": marked("I teamet"),
    "appointment": marked("Har time der"),
    "contact": marked("Har vært der"),
    "stay": marked("Er innlagt der, eller har vært det"),
    "referral": marked("Er henvist dit"),
}
"""The same, as it is said to who acts for the patient."""
OUTCOMES: Final[Mapping[str, str]] = {
    "yes": marked("Resepten er fornyet"),
    "no": marked("Resepten er ikke fornyet"),
    "visit": marked("De vil snakke med deg først"),
    "granted": marked("Du har fått medhold"),
    "partly": marked("Du har fått delvis medhold"),
    "refused": marked("Avslått"),
}
COMPLAINED: Final = frozenset({"partly", "refused"})
"""Decisions against which a complaint is told of."""
ACTING: Final[Mapping[str, str]] = {
    "parent": marked("forelder"),
    "power-of-attorney": marked("fullmakt"),
    "without-capacity": marked("fullmakt"),
    "next-of-kin": marked("pårørende"),
}
TONES: Final[Mapping[str, str]] = {"late": "warn", "answered": "ok"}


@dataclass(frozen=True, slots=True)
class Line:
    """One message: who wrote it ("" when the patient did), who did for the patient, when, and what. `moved`: it says
    that another unit has it; `noted`: that it was read and needs no answer; `outcome` what it decided."""

    id: str
    by: str
    acted: str
    sent: str | None
    paragraphs: tuple[str, ...]
    files: tuple[File, ...]
    moved: bool
    noted: bool
    outcome: str
    complaint: bool
    new: bool
    closed_files: bool = False
    """Whether files came along that the reader may not see."""
    marked: bool = True
    """Whether it has read marks: what was loaded, or came from elsewhere, has none."""


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation: what about, with whom, when something was written last, where it stands in words (`tone` warn,
    ok or ""), how much of it the reader has not seen. `answers`: it takes one more message; `waits` that the team has
    not answered yet."""

    id: str
    topic: str
    with_: str
    latest: str | None
    state: str
    tone: str
    unread: int
    answers: bool
    waits: bool
    closed: bool
    lines: tuple[Line, ...]

    @property
    def number(self) -> int:
        return len(self.lines)


def threads(
    communications: Iterable[Resource],
    stand: Mapping[str, Standing],
    _: Language,
    files: Mapping[str, Sequence[File]] | None = None,
    *,
    as_: str = "self",
) -> list[Thread]:
    """The conversations of messages that were shown to the reader, who reads `as_` the patient or what he acts as."""
    standing = [one for one in facts.newest_first(communications, "sent") if not is_elsewhere(one)]
    by_id = {str(one.get("id")): one for one in standing}
    found: dict[str, list[Resource]] = {}
    for one in reversed(standing):
        found.setdefault(_root(one, by_id), []).append(one)
    made = [_thread(root, many, stand.get(root), files or {}, as_, _) for root, many in found.items()]
    return sorted(sorted(made, key=lambda one: one.latest or "", reverse=True), key=lambda one: not one.unread)


def _root(message: Resource, by_id: Mapping[str, Resource]) -> str:
    """The first message of its conversation: as it says, else as far back as its answers lead."""
    if message.get("partOf"):
        return root_of(message)
    at, seen = message, list[str]()
    while (id_ := str(at["id"])) not in seen:
        seen.append(id_)
        above = (str(one.get("reference", "")).removeprefix("Communication/") for one in at.get("inResponseTo") or ())
        parent = next((one for one in above if one in by_id), None)
        if parent is None:
            return id_
        at = by_id[parent]
    return min(seen)  # Answers in a circle are one conversation.


def _thread(
    root: str,
    many: Sequence[Resource],
    stand: Standing | None,
    files: Mapping[str, Sequence[File]],
    as_: str,
    _: Language,
) -> Thread:
    first, last = many[0], many[-1]
    kind = kind_of(first) or ""
    topic = _topic(first, kind, _)
    return Thread(
        id=root,
        topic=topic,
        with_=(stand.unit if stand else "") or _with(many),
        latest=facts.when(last, "sent"),
        state=_state(stand, _) if stand else "",
        tone="warn" if stand and stand.closed else TONES.get(stand.state, "") if stand else "",
        unread=stand.unread if stand else 0,
        answers=bool(kind) and kind != "told",
        waits=stand is not None and stand.due is not None,
        closed=stand is not None and stand.closed,
        lines=tuple(_line(one, files, as_, _) for one in many),
    )


def _topic(first: Resource, kind: str, _: Language) -> str:
    """What the program calls a wish or a demand is said in the reader's language, not as it was stored."""
    named = [name for one in first.get("about") or () if (name := facts.named(one))]
    if kind in TOPICS and named:
        return f"{_(TOPICS[kind])}: {', '.join(named)}"
    return facts.words(first.get("topic")) or (_(TOPICS[kind]) if kind in TOPICS else "") or _("Melding")


def _state(stand: Standing, _: Language) -> str:
    if stand.closed:
        return _("Du har sperret journalen for dem, så de ser ikke meldingen.")
    due = long_day(stand.due.isoformat(), language=_) if stand.due else ""
    if stand.state == "sent":
        return _("Sendt. Svar senest {day}.", day=due)
    if stand.state == "read":
        return _("Lest av dem. Svar senest {day}.", day=due)
    if stand.state == "late":
        return _("Svaret skulle vært her {day}. De er minnet på det.", day=due)
    if stand.outcome is not None and stand.outcome in OUTCOMES:
        return _(OUTCOMES[stand.outcome])
    return _("Besvart") if stand.state == "answered" else ""


def _line(one: Resource, files: Mapping[str, Sequence[File]], as_: str, _: Language) -> Line:
    his = is_from_patient(one)
    name, acts = behalf_of(one)
    acted = f"{name} ({_(ACTING[acts])})" if acts in ACTING else name
    texts = (str(each["contentString"]) for each in one.get("payload") or () if each.get("contentString"))
    outcome = outcome_of(one) or ""
    return Line(
        id=str(one.get("id", "")),
        by="" if his else facts.named(one.get("sender")) or _("helsetjenesten"),
        acted=acted,
        sent=facts.when(one, "sent"),
        paragraphs=tuple(line for text in texts for line in text.splitlines() if line.strip()),
        files=tuple(files.get(str(one.get("id")), ())),
        moved=kind_of(one) == "moved",
        noted=outcome == "noted",
        outcome=_(OUTCOMES[outcome]) if outcome in OUTCOMES else "",
        complaint=outcome in COMPLAINED,
        new=not his and kind_of(one) is not None and read_at(one, as_) is None,
        closed_files=bool(document_ids(one)) and not files.get(str(one.get("id"))),
        marked=kind_of(one) is not None,
    )


def _with(many: Sequence[Resource]) -> str:
    """Whom it is with: whoever wrote last of those who help, else whom it was written to."""
    for one in reversed(many):
        if not is_from_patient(one) and (unit := _unit(one) or facts.named(one.get("sender"))):
            return unit
    return facts.first_named(many[0].get("recipient") or ()) or ""


def _unit(message: Resource) -> str:
    for one in message.get("extension") or ():
        if one.get("url") == "urn:samjournal:of-unit":
            return str((one.get("valueReference") or {}).get("display") or "").split(",")[0]
    return ""


def document_ids(message: Mapping[str, Any]) -> list[str]:
    """The ids of the documents that came with a message."""
    named = (str((one.get("contentReference") or {}).get("reference") or "") for one in message.get("payload") or ())
    return [id_ for one in named if (id_ := one.partition("DocumentReference/")[2])]
