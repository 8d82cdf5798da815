"""Which templates are nearly the same: by their headings, and by all the words in them. Row 1.9

alike(template, others)      the others that are nearly it, the closest first, each with how much (0 to 1)
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from samjournal.fhir.folding import fold
from samjournal.notes.templates import Template, in_tongue

ENOUGH = 0.6
"""So much alike is told. Two templates of which three headings in four are the same reach it."""
_HEADINGS = 0.6
"""How much the headings count beside the words."""


def alike(template: Template, others: Iterable[Template]) -> list[tuple[Template, float]]:
    found = [(one, likeness(template, one)) for one in others if one is not template]
    return sorted((pair for pair in found if pair[1] >= ENOUGH), key=lambda pair: (-pair[1], pair[0].called("nb")))


def likeness(one: Template, other: Template) -> float:
    """From 0 (nothing in common) to 1 (the same headings and words)."""
    return _HEADINGS * _shared(_headings(one), _headings(other)) + (1 - _HEADINGS) * _shared(_words(one), _words(other))


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _headings(template: Template) -> set[str]:
    return {fold(in_tongue(each.name, "nb")) for each in template.heading}


def _words(template: Template) -> set[str]:
    texts = [text for each in template.heading for text in (in_tongue(each.name, "nb"), in_tongue(each.help, "nb"))]
    codes = {code for each in template.heading for code in (*each.fields, *each.blocks)}
    return {word for text in texts for word in re.findall(r"\w{3,}", fold(text))} | codes
