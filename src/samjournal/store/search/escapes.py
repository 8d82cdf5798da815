r"""Separators of search values, and how a value holds one itself: `\,` `\|` `\$` `\\`.

hl7.org/fhir/R4/search.html#escaping
"""

from __future__ import annotations

import re

_SIGN = re.compile(r"\\[,|$\\]|.", re.DOTALL)
_ESCAPED = re.compile(r"\\([,|$\\])")


def split(text: str, separator: str) -> list[str]:
    """The parts between separators, each still escaped."""
    if "\\" not in text:
        return text.split(separator)
    parts = [""]
    for sign in _SIGN.findall(text):
        if sign == separator:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def plain(text: str) -> str:
    """The text that is meant."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text
