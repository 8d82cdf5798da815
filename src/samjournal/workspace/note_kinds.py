"""The kinds of note that can be chosen, and what is told of each to whoever writes. Requirement 2.7"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from samjournal.fhir.release import NOPAT, released, rule_of
from samjournal.fhir.reserved import part_of
from samjournal.notes import KINDS, shown_to_patient
from samjournal.ui.language import Language, language
from samjournal.workspace.desk import INDEX


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of note to choose: its code, its name, and who reads it."""

    code: str
    name: str
    read_by: str


def kinds(code: str) -> list[Kind]:
    """The kinds of note in the reader's language, the ordinary one first."""
    place = INDEX.get(code, 0)
    _ = language(code)
    return [
        Kind(kind.code, kind.names[place], "; ".join(_readers(shown_to_patient(kind.code), place, _)))
        for kind in KINDS.values()
    ]


def _readers(note: dict[str, Any], place: int, _: Language) -> Iterator[str]:
    if part_of(note):
        yield _("forbeholdt enheten")
    rule = rule_of(note)
    if released(note) is None:
        yield _("pasienten ser det straks")
    elif rule is None or any(one == NOPAT for one in note["meta"]["security"]):
        yield _("pasienten ser det ikke")
    else:
        yield rule.names[place][:1].lower() + rule.names[place][1:]
