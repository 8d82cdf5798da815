"""The parts of a document on paper, as the template `document.typ` sets them: plain values, never markup.

paper(title=…, language=…, date=…, parts=[part("Allergier", [lines([line("Penicillin")])])], …) -> data
words, quiet, warning, heading, lines, table        the blocks of a part
DOCUMENT                                            the template to give to `pdf`
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

DOCUMENT: Final = "letters/templates/document.typ"
Block = dict[str, Any]
Part = dict[str, Any]


def paper(
    *,
    title: str,
    language: str,
    date: str,
    parts: Sequence[Part],
    facts: Iterable[tuple[str, str]] = (),
    lead: Iterable[str] = (),
    warning: str = "",
    contents: str = "",
    foot: str = "",
) -> dict[str, Any]:
    """A document. `facts` are pairs of a name and what it is, `contents` the heading of a table of contents or "" for
    none, `foot` what stands at the foot of each page."""
    return {
        "title": title,
        "language": language,
        "date": date,
        "parts": list(parts),
        "facts": [[name, value] for name, value in facts if value],
        "lead": list(lead),
        "warning": warning,
        "contents": contents,
        "foot": foot,
    }


def part(title: str, blocks: Iterable[Block]) -> Part:
    """A part with a heading of its own, or with "" none."""
    return {"title": title, "blocks": list(blocks)}


def words(text: str) -> Block:
    """Text as it was written: an empty line parts paragraphs."""
    return {"kind": "words", "text": text}


def quiet(text: str) -> Block:
    """Who, when and from where."""
    return {"kind": "quiet", "text": text}


def warning(text: str) -> Block:
    """What nobody should miss."""
    return {"kind": "warning", "text": text}


def heading(text: str) -> Block:
    """A heading within a part."""
    return {"kind": "heading", "text": text}


def lines(found: Iterable[Block]) -> Block:
    """Facts, one below the other."""
    return {"kind": "lines", "lines": list(found)}


def line(what: str, more: str = "", by: str = "", *, grave: bool = False) -> Block:
    """One fact: what, more about it, and who said it when; `grave` is what can endanger life."""
    return {"what": what, "more": more, "by": by, "grave": grave}


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float] = ()) -> Block:
    """A table whose head is repeated on each page; `widths` are parts of the width of the page."""
    return {"kind": "table", "heads": list(heads), "rows": [list(row) for row in rows], "widths": list(widths)}
