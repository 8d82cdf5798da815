"""Messages between the citizen and those who help him, each with its answers. hl7.org/fhir/R4/communication.html"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from samjournal.messages.states import KIND
from samjournal.notes.summaries import KIND as SUMMARY
from samjournal.notes.summaries import SYSTEM
from samjournal.portal import facts
from samjournal.portal.facts import Resource
from samjournal.ui.language import Language


@dataclass(frozen=True, slots=True)
class Message:
    """One message: who sent it (None: the citizen himself), to whom, when and what; and what was answered, oldest
    first."""

    id: str
    topic: str | None
    by: str | None
    to: str | None
    sent: str | None
    paragraphs: tuple[str, ...]
    answers: tuple[Message, ...]


def view(communications: Iterable[Resource], _: Language) -> list[Message]:
    """The messages, newest first; an answer stands under what it answers, where that is shown."""
    standing = [one for one in facts.newest_first(communications, "sent") if not is_elsewhere(one)]
    shown = {str(one.get("id")) for one in standing}
    below: dict[str, list[Resource]] = {}
    above: list[Resource] = []
    for one in standing:
        answers = [each.get("reference", "").removeprefix("Communication/") for each in one.get("inResponseTo") or ()]
        parent = next((each for each in answers if each in shown and each != str(one.get("id"))), None)
        (below.setdefault(parent, []) if parent else above).append(one)
    return [_message(one, below, _) for one in above]


def is_elsewhere(one: Resource) -> bool:
    """Whether it is told where it belongs: with the note that was sent to others."""
    codings = (each for concept in one.get("category") or () for each in concept.get("coding") or ())
    return any(
        (each.get("system"), each.get("code")) == (KIND, SUMMARY[0]) or each.get("system") == SYSTEM for each in codings
    )


def _message(one: Resource, below: dict[str, list[Resource]], _: Language) -> Message:
    his = facts.points_at(one.get("sender")) == "Patient"
    texts = (str(each["contentString"]) for each in one.get("payload") or () if each.get("contentString"))
    # Each answer is taken out of `below`, so that answers in a circle end.
    answers = below.pop(str(one.get("id")), [])
    return Message(
        id=str(one.get("id", "")),
        topic=facts.words(one.get("topic")),
        by=None if his else facts.named(one.get("sender")) or _("helsetjenesten"),
        to=facts.first_named(one.get("recipient") or ()) if his else None,
        sent=facts.when(one, "sent"),
        paragraphs=tuple(line for text in texts for line in text.splitlines() if line.strip()),
        answers=tuple(_message(each, below, _) for each in reversed(answers)),
    )
