"""What has been written about the citizen, newest first. hl7.org/fhir/R4/composition.html"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from samjournal.fhir import narrative
from samjournal.notes import is_summary, told
from samjournal.portal import facts
from samjournal.portal.facts import Resource
from samjournal.portal.words import capital
from samjournal.ui.attachments import File
from samjournal.ui.language import Language, marked

STATES: Final = {
    "signed": marked("Signert"),
    "queued": marked("Venter på å bli sendt"),
    "transported": marked("Sendt"),
    "accepted": marked("Mottatt"),
    "opened": marked("Åpnet av mottaker"),
    "acted": marked("Behandlet av mottaker"),
    "rejected": marked("Avvist av mottaker"),
    "timed-out": marked("Ingen kvittering i tide"),
    "no-route": marked("Kunne ikke sendes"),
    "resent": marked("Sendt på nytt"),
    "other-receiver": marked("Sendt til en annen mottaker"),
    "paper": marked("Sendt på papir"),
    "phone": marked("Gitt på telefon"),
}
"""What a message came to, in the words that the staff have for it."""


@dataclass(frozen=True, slots=True)
class Section:
    title: str | None
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """One note. `kind` is left out when it only repeats the title."""

    id: str
    title: str
    kind: str | None
    by: str | None
    written: str | None
    corrected: bool
    sections: tuple[Section, ...]
    new: bool = False
    sent: tuple[Sent, ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a discharge summary went, or did not: with whom, where it is, and when that was so; who sent it."""

    name: str
    state: str
    at: str
    by: str


def view(
    compositions: Iterable[Resource],
    _: Language,
    sendings: Sequence[Resource] = (),
    files: Mapping[str, list[File]] | None = None,
) -> list[Note]:
    """Signed notes, newest first; what is still being written is not a note yet. `sendings` are the messages that say
    where discharge summaries went, `files` what came with each, by its id."""
    return [
        replace(read(one, _, sendings), files=tuple((files or {}).get(str(one.get("id")), ())))
        for one in standing(compositions)
    ]


def standing(compositions: Iterable[Resource]) -> list[Resource]:
    """Those that are signed and no error, newest first."""
    return [one for one in facts.newest_first(compositions, "date") if one.get("status") in ("final", "amended")]


def read(composition: Resource, _: Language, sendings: Sequence[Resource] = ()) -> Note:
    """One Composition as a citizen reads it."""
    kind = facts.words(composition.get("type"))
    title = capital(str(composition.get("title") or kind or _("Notat")))
    return Note(
        id=str(composition.get("id", "")),
        title=title,
        kind=kind if kind and kind.casefold() != title.casefold() else None,
        by=facts.first_named(composition.get("author") or ()),
        written=facts.when(composition, "date"),
        corrected=composition.get("status") == "amended",
        sections=tuple(_sections(composition.get("section") or (), title)),
        sent=tuple(_sent(composition, sendings, _)) if is_summary(composition) else (),
    )


def _sent(composition: Resource, sendings: Sequence[Resource], _: Language) -> Iterable[Sent]:
    found = told(composition, sendings, ())
    for one in found.sent:
        for_whom = _("{name} på vegne av {signer}", name=one.by, signer=one.signer)
        at = one.steps[-1][1].isoformat() if one.steps else ""
        yield Sent(one.name, _(STATES.get(one.state, one.state)), at, one.by if one.by == one.signer else for_whom)
    for out in found.not_sent:
        why = out.why if out.is_left_out else _("kan ikke nås med melding, blir sendt på annen måte")
        yield Sent(out.name, _("Ikke sendt: {why}", why=why), "", out.by)


def _sections(found: Iterable[Resource], note_title: str) -> Iterable[Section]:
    for section in found:
        title = section.get("title")
        yield Section(
            title=str(title) if title and str(title).casefold() != note_title.casefold() else None,
            paragraphs=_paragraphs(str((section.get("text") or {}).get("div", ""))),
        )
        yield from _sections(section.get("section") or (), note_title)


def _paragraphs(div: str) -> tuple[str, ...]:
    """The words of a narrative without its markup, line by line."""
    return tuple(line for line in narrative.to_text(div).splitlines() if line.strip())
