"""XML with each element on a line of its own, as people read it. Narratives stay: white space is text there."""

from __future__ import annotations

import re

_STEP = "  "
_TAG = re.compile(r"<div\b|<(/?)([A-Za-z?][\w.\-]*)[^<]*?(/|\?)?>", re.ASCII)
_DIV = re.compile(r"<!--.*?-->|<(/?)div\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*?(/?)>", re.DOTALL)


def indented(document: str) -> str:
    """A document that `xml_writer` made, indented: its elements have attributes and elements in them, never text."""
    lines: list[str] = []
    depth = at = 0
    while (tag := _TAG.search(document, at)) is not None:
        _keep(document[at : tag.start()], lines)
        closes, name, ends = tag[1], tag[2], tag[3]
        if name is None:
            at = _end_of_div(document, tag.start())
            lines.append(_STEP * depth + document[tag.start() : at])
            continue
        depth -= bool(closes)
        lines.append(_STEP * depth + tag[0])
        depth += not closes and not ends
        at = tag.end()
    _keep(document[at:], lines)
    return "\n".join(lines) + "\n"


def _keep(between: str, lines: list[str]) -> None:
    """What stands where nothing should: it is shown as it is, for nothing is left out of what was stored."""
    if between.strip():
        lines.append(between)


def _end_of_div(document: str, start: int) -> int:
    """Where a narrative ends that may hold other divs."""
    depth = 0
    for tag in _DIV.finditer(document, start):
        if tag[1] is None:
            continue  # A comment.
        if not tag[2]:
            depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    return len(document)
