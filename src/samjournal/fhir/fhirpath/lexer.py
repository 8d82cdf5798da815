"""An expression as words and signs. hl7.org/fhirpath/N1/#lexical-elements"""

from __future__ import annotations

import re
from typing import NamedTuple

from samjournal.fhir.fhirpath.errors import PathError

LONGEST = 10_000


class Word(NamedTuple):
    """One word or sign; `kind` is name, quoted, text, number, date, time, variable, special, sign or end."""

    kind: str
    text: str
    at: int


_WORD = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<time>@T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)
    |(?P<date>@\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<text>'(?:[^'\\]|\\.)*')
    |(?P<quoted>`(?:[^`\\]|\\.)*`)
    |(?P<variable>%(?:[A-Za-z_]\w*|`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'))
    |(?P<special>\$(?:this|index|total)\b)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<sign><=|>=|!=|!~|[()\[\]{}.,|+\-*/&<>=~])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES = {"f": "\f", "n": "\n", "r": "\r", "t": "\t", "'": "'", '"': '"', "`": "`", "\\": "\\", "/": "/"}


def words(expression: str) -> list[Word]:
    """The words of an expression, `end` last. Raises PathError."""
    if len(expression) > LONGEST:
        raise PathError(f"The expression has {len(expression)} characters; at most {LONGEST} are read.")
    found: list[Word] = []
    at = 0
    while at < len(expression):
        match = _WORD.match(expression, at)
        if match is None:
            raise PathError(_unreadable(expression, at), at)
        kind = str(match.lastgroup)
        if kind != "space":
            found.append(Word(kind, _meant(kind, match[0], at), at))
        at = match.end()
    found.append(Word("end", "", at))
    return found


def _unreadable(expression: str, at: int) -> str:
    if expression.startswith("/*", at):
        return "A comment begins here that has no end: write */"
    if expression[at] in "'`":
        return f"A text begins here that has no end: write {expression[at]} after it"
    return f"{expression[at]!r} has no meaning in FHIRPath"


def _meant(kind: str, text: str, at: int) -> str:
    if kind in ("text", "quoted"):
        return _plain(text[1:-1], at)
    if kind == "variable":
        return _plain(text[2:-1], at) if text[1] in "`'" else text[1:]
    return text


def _plain(text: str, at: int) -> str:
    if "\\" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        told = match[1]
        if len(told) == 5:
            return chr(int(told[1:], 16))
        if told not in _ESCAPES:
            raise PathError(f"\\{told} is no escape in FHIRPath", at)
        return _ESCAPES[told]

    return _ESCAPE.sub(one, text)
