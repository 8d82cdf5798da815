"""Functions on texts. hl7.org/fhirpath/N1/#string-manipulation"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import re._constants as parts  # type: ignore[import-not-found]
import re._parser as patterns  # type: ignore[import-not-found]
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from samjournal.fhir.fhirpath.errors import PathError
from samjournal.fhir.fhirpath.nodes import Collection, plain, system
from samjournal.fhir.fhirpath.running import (
    BOOLEAN,
    INTEGER,
    LONGEST_TEXT,
    STRING,
    Closure,
    Context,
    Function,
    integer,
    text,
)

Arguments = tuple[Closure, ...]
_JSON_ESCAPE = re.compile(r'(?:\\u[0-9a-fA-F]{4})+|\\["\\/bfnrt]')
_LONGEST_PATTERN = 500


def told(value: str) -> Collection:
    """A text of ours, no longer than texts may be."""
    if len(value) > LONGEST_TEXT:
        raise PathError(f"The text grows longer than {LONGEST_TEXT} characters")
    return [system(value)]


def _of_text(work: Callable[..., Any], count: int = 0) -> Function:
    """A function of a text and of so many texts; nothing when one of them is not there."""

    def call(context: Context, items: Collection, arguments: Arguments) -> Collection:
        values = [text(items), *(text(argument(context)) for argument in arguments)]
        if any(value is None for value in values):
            return []
        context.run.spend(sum(map(len, values)) // 1000)  # type: ignore[arg-type]
        found = work(*values)
        return [] if found is None else told(found) if isinstance(found, str) else [system(found)]

    return Function(call, count, count, types=STRING)


def _yes(work: Callable[..., bool]) -> Function:
    return _of_text(work, 1)._replace(types=BOOLEAN)


def _substring(context: Context, items: Collection, arguments: Arguments) -> Collection:
    value, start = text(items), integer(arguments[0](context))
    length = integer(arguments[1](context)) if len(arguments) > 1 else None
    if value is None or start is None or not 0 <= start < len(value):
        return []
    if length is None:
        return told(value[start:])
    return told(value[start : start + max(length, 0)])


def _split(context: Context, items: Collection, arguments: Arguments) -> Collection:
    value, between = text(items), text(arguments[0](context))
    if value is None or between is None:
        return []
    found = value.split(between) if between else list(value)
    context.run.spend(len(found))
    return [system(part) for part in found]


def _join(context: Context, items: Collection, arguments: Arguments) -> Collection:
    between = (text(arguments[0](context)) or "") if arguments else ""
    found = [plain(item) for item in items if item.value is not None]
    if not all(isinstance(value, str) for value in found):
        raise PathError("Only texts are joined")
    return told(between.join(found)) if found else []


@lru_cache(maxsize=256)
def _pattern(written: str) -> tuple[re.Pattern[str], Any]:
    """A regular expression, and its tree."""
    if len(written) > _LONGEST_PATTERN:
        raise PathError(f"A regular expression has at most {_LONGEST_PATTERN} characters")
    try:
        return re.compile(written, re.DOTALL), patterns.parse(written, re.DOTALL)
    except (re.error, OverflowError, RecursionError):
        raise PathError(f"“{written[:60]}” is no regular expression") from None


def _ways(tree: Any, length: int) -> float:
    """At most in how many ways an expression may be laid upon a text of this length: so often it may be tried."""
    ways = 1.0
    for kind, detail in tree:
        if kind in _REPEATS:
            least, most, inner = detail[0], min(detail[1], length), _ways(detail[2], length)
            choices = max(most - least, 0) + 1
            ways *= choices if inner == 1 else choices * inner ** min(most, 40)
        elif kind is parts.BRANCH:
            ways *= sum(_ways(branch, length) for branch in detail[1])
        elif kind is parts.SUBPATTERN:
            ways *= _ways(detail[3], length)
        elif kind is parts.ATOMIC_GROUP:
            ways *= _ways(detail, length)
        elif kind in (parts.ASSERT, parts.ASSERT_NOT):
            ways *= _ways(detail[1], length)
        elif kind in (parts.GROUPREF, parts.GROUPREF_EXISTS):
            raise PathError("A regular expression that refers to its own groups is not taken")
        if ways > _MOST_WAYS:
            return _MOST_WAYS * 2
    return ways


_REPEATS = (parts.MAX_REPEAT, parts.MIN_REPEAT, parts.POSSESSIVE_REPEAT)
_MOST_WAYS = 5e6


def _ready(written: str, value: str) -> re.Pattern[str]:
    found, tree = _pattern(written)
    if _ways(tree, len(value)) * (len(value) + 1) > _MOST_WAYS:
        raise PathError("On a text of this length the regular expression could run for ages: write a plainer one")
    return found


def _replace_matches(value: str, written: str, new: str) -> str:
    if not written:
        return value
    # FHIRPath writes groups as $1, Python as \g<1>.
    template = re.sub(r"\$(\d)|\$\{(\w+)\}", r"\\g<\1\2>", new.replace("\\", "\\\\"))
    try:
        return _ready(written, value).sub(template, value)
    except (re.error, IndexError):
        raise PathError(f"“{new[:60]}” names a group that the regular expression does not have") from None


def _replace(value: str, old: str, new: str) -> str:
    if value.count(old) * len(new) > LONGEST_TEXT:
        raise PathError(f"The text grows longer than {LONGEST_TEXT} characters")
    return value.replace(old, new)


def _encode(value: str, form: str) -> str | None:
    match form:
        case "base64":
            return base64.b64encode(value.encode()).decode()
        case "urlbase64":
            return base64.urlsafe_b64encode(value.encode()).decode()
        case "hex":
            return value.encode().hex()
    return None


def _decode(value: str, form: str) -> str | None:
    try:
        match form:
            case "base64":
                return base64.b64decode(value, validate=True).decode()
            case "urlbase64":
                return base64.urlsafe_b64decode(value).decode()
            case "hex":
                return bytes.fromhex(value).decode()
    except (ValueError, binascii.Error):
        return None
    return None


def _escape(value: str, form: str) -> str | None:
    match form:
        case "html":
            return html.escape(value)
        case "json":
            return json.dumps(value, ensure_ascii=False)[1:-1]
    return None


def _unescape(value: str, form: str) -> str | None:
    match form:
        case "html":
            return html.unescape(value)
        case "json":
            return _JSON_ESCAPE.sub(lambda found: str(json.loads(f'"{found[0]}"')), value)
    return None


def _to_chars(_context: Context, items: Collection, _arguments: Arguments) -> Collection:
    value = text(items)
    return [system(one) for one in value or ""]


FUNCTIONS: dict[str, Function] = {
    "indexOf": _of_text(lambda value, part: value.find(part), 1)._replace(types=INTEGER),
    "lastIndexOf": _of_text(lambda value, part: value.rfind(part), 1)._replace(types=INTEGER),
    "substring": Function(_substring, 1, 2, types=STRING),
    "startsWith": _yes(lambda value, part: value.startswith(part)),
    "endsWith": _yes(lambda value, part: value.endswith(part)),
    "contains": _yes(lambda value, part: part in value),
    "matches": _yes(lambda value, written: _ready(written, value).search(value) is not None),
    "matchesFull": _yes(lambda value, written: _ready(written, value).fullmatch(value) is not None),
    "replaceMatches": _of_text(_replace_matches, 2),
    "replace": _of_text(_replace, 2),
    "upper": _of_text(lambda value: value.upper()),
    "lower": _of_text(lambda value: value.lower()),
    "trim": _of_text(lambda value: value.strip()),
    "length": _of_text(lambda value: len(value))._replace(types=INTEGER),
    "toChars": Function(_to_chars, types=STRING),
    "split": Function(_split, 1, 1, types=STRING),
    "join": Function(_join, 0, 1, types=STRING),
    "encode": _of_text(_encode, 1),
    "decode": _of_text(_decode, 1),
    "escape": _of_text(_escape, 1),
    "unescape": _of_text(_unescape, 1),
}
