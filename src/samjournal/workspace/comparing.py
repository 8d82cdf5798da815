"""What differs between two texts, word by word: for versions of a note, and for what two people wrote at once.

differences(old, new) -> list[Piece]       one text with what went and what came
beside(mine, theirs) -> two lists          each text with what the other does not have marked
combined(take, text, mine, theirs)         the texts of a note that were chosen
chosen(form)                               a form of a page that showed both, with what was chosen of each field
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final, Literal

from starlette.datastructures import FormData

_WORDS = re.compile(r"\s+|[^\s]+")
FIELDS: Final = 64
"""So many fields two people can have written differently."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, and whether both have them."""

    kind: Literal["same", "gone", "new"]
    text: str


def differences(old: str, new: str) -> list[Piece]:
    """The new text with what went from the old, in its place."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    pieces: list[Piece] = []
    for tag, a, b, c, d in _compared(before, after):
        if tag == "equal":
            pieces.append(Piece("same", "".join(before[a:b])))
            continue
        if a < b:
            pieces.append(Piece("gone", "".join(before[a:b])))
        if c < d:
            pieces.append(Piece("new", "".join(after[c:d])))
    return pieces


def beside(mine: str, theirs: str) -> tuple[list[Piece], list[Piece]]:
    """Each of two texts whole, with what the other does not have marked as new."""
    left, right = _WORDS.findall(mine), _WORDS.findall(theirs)
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for tag, a, b, c, d in _compared(left, right):
        kind: Literal["same", "new"] = "same" if tag == "equal" else "new"
        for side, words in ((sides[0], left[a:b]), (sides[1], right[c:d])):
            if words:
                side.append(Piece(kind, "".join(words)))
    return sides


def combined(take: str, text: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """What was chosen for each part: `mine`, `theirs`, `both` one after the other, or the text that was written."""
    if take == "mine":
        return list(mine)
    if take == "theirs":
        return list(theirs)
    if take == "both":
        return [
            one if one == other else "\n\n".join(part for part in (one, other) if part)
            for one, other in zip_longest(mine, theirs, fillvalue="")
        ]
    return list(text)


def chosen(form: FormData) -> FormData:
    """The form with each of its fields (`field`) as it was chosen: `take-NAME` is mine, theirs or both, one after the
    other. Where one choice stands for all (`take`), what the chosen side does not have is the other's. Coded lines
    (`mine-coded`, parted by tabs: name, line, what it stands for, its version) come as the fields they stand for."""
    made = list(form.multi_items())
    for name in [str(each) for each in form.getlist("field")][:FIELDS]:
        mine, theirs = (str(form.get(f"{side}-{name}", "")) for side in ("mine", "theirs"))
        own = str(form.get(f"take-{name}", ""))
        if own == "both":
            value = mine if mine == theirs else "\n\n".join(part for part in (mine, theirs) if part)
        elif own:
            value = theirs if own == "theirs" else mine
        else:
            value = theirs or mine if form.get("take") == "theirs" else mine or theirs
        made.append((name, value))
    for line in _lines(form):
        made += zip((line[0], f"{line[0]}-of", f"{line[0]}-version"), line[1:], strict=False)
    return FormData(made)


def _lines(form: FormData) -> list[list[str]]:
    """The coded lines that were chosen. Of both, what stands there once is not put there again."""
    mine, theirs = ([str(each).split("\t") for each in form.getlist(f"{side}-coded")] for side in ("mine", "theirs"))
    take = form.get("take")
    found = theirs if take == "theirs" else list(mine)
    if take == "both":
        taken = {(line[0], line[1].casefold()) for line in mine if len(line) == 4}
        kept = {(line[0], line[2]) for line in mine if len(line) == 4 and line[2]}
        for line in theirs:
            if len(line) == 4 and (line[0], line[1].casefold()) not in taken:
                # What both have changed stands for one: the other becomes a new one.
                found.append([*line[:2], "", "0"] if (line[0], line[2]) in kept else line)
    return [line for line in found if len(line) == 4 and line[0] in ("diagnosis", "tariff")]


def _compared(before: Sequence[str], after: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """Stretches that both have or not. Two changes with a space between them are one."""
    found: list[tuple[str, int, int, int, int]] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        spaced = len(found) > 1 and found[-1][0] == "equal" and not "".join(before[found[-1][1] : found[-1][2]]).strip()
        if tag != "equal" and spaced:
            found.pop()
            _, first, _, other, _ = found.pop()
            found.append(("replace", first, b, other, d))
        else:
            found.append((tag, a, b, c, d))
    return found
