"""The formats of R4's primitive types. hl7.org/fhir/R4/datatypes.html#primitive

CHECKS[type](value) -> bool       whether a JSON value is right for the primitive type
wrong(type, value) -> str         the sentence that says what would be
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from samjournal.fhir.findings import short

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
# White space is what XML means by it: a hard space (U+00A0) is a character like any other.
CODE = re.compile(r"\S+(?:\s\S+)*", re.ASCII)
NO_SPACE = re.compile(r"\S+", re.ASCII)
OID = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+")
UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
BASE64 = re.compile(r"(?:\s*[0-9a-zA-Z+/=]){4}(?:(?:\s*[0-9a-zA-Z+/=]){4})*\s*")
TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?")
_DAY = r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_PARTIAL = r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?"
DATE = re.compile(rf"{_DAY}|{_PARTIAL}")
DATETIME = re.compile(rf"{_DAY}(?:{_CLOCK}{_ZONE})?|{_PARTIAL}")
INSTANT = re.compile(rf"{_DAY}{_CLOCK}{_ZONE}")
LARGEST_STRING = 1024 * 1024
LARGEST_INTEGER = 2**31 - 1


def _text(value: Any) -> bool:
    return type(value) is str and value != "" and len(value) <= LARGEST_STRING


def _markdown(value: Any) -> bool:
    return type(value) is str and value != ""


def _matching(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    full = pattern.fullmatch

    def matches(value: Any) -> bool:
        return type(value) is str and full(value) is not None

    return matches


def _code(value: Any) -> bool:
    return type(value) is str and CODE.fullmatch(value) is not None


def _uri(value: Any) -> bool:
    return type(value) is str and value != "" and NO_SPACE.fullmatch(value) is not None


def _base64(value: Any) -> bool:
    """The decoder is quick for long attachments; what it refuses is held against R4's format."""
    if type(value) is not str or not value.isascii():
        return False
    try:
        a2b_base64(value, strict_mode=True)
    except ValueError:
        return BASE64.fullmatch(value) is not None
    return value != ""


@lru_cache(maxsize=8192)
def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _dated(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    """The format is right, and the day is in the calendar."""
    full = pattern.fullmatch

    def matches(value: Any) -> bool:
        if type(value) is not str or full(value) is None:
            return False
        return _is_day(value[:10]) if len(value) > 7 else value[:4] != "0000"

    return matches


def _integer(low: int) -> Callable[[Any], bool]:
    def matches(value: Any) -> bool:
        return type(value) is int and low <= value <= LARGEST_INTEGER

    return matches


def _boolean(value: Any) -> bool:
    return value is True or value is False


def _decimal(value: Any) -> bool:
    return type(value) is float or type(value) is int


CHECKS: dict[str, Callable[[Any], bool]] = {
    "base64Binary": _base64,
    "boolean": _boolean,
    "canonical": _uri,
    "code": _code,
    "date": _dated(DATE),
    "dateTime": _dated(DATETIME),
    "decimal": _decimal,
    "id": _matching(ID),
    "instant": _dated(INSTANT),
    "integer": _integer(-LARGEST_INTEGER - 1),
    "markdown": _markdown,
    "oid": _matching(OID),
    "positiveInt": _integer(1),
    "string": _text,
    "time": _matching(TIME),
    "unsignedInt": _integer(0),
    "uri": _uri,
    "url": _uri,
    "uuid": _matching(UUID),
    "xhtml": _text,
}

RIGHT = {
    "base64Binary": "base64 text",
    "boolean": "true or false, without quotes",
    "canonical": "an address without white space",
    "code": "a code: a string without white space at its ends or twice in a row",
    "date": "a real date: YYYY, YYYY-MM or YYYY-MM-DD",
    "dateTime": "a real date or time: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz",
    "decimal": "a number, without quotes",
    "id": "1 to 64 letters A-Z a-z, digits, hyphens and full stops",
    "instant": "a real time with zone: YYYY-MM-DDThh:mm:ss+zz:zz",
    "integer": "a whole number from -2147483648 to 2147483647, without quotes",
    "markdown": "a string that is not empty",
    "oid": 'an OID: "urn:oid:" and numbers with full stops between',
    "positiveInt": "a whole number from 1 to 2147483647, without quotes",
    "string": "a string that is not empty, at most 1 MB",
    "time": "a time of day: hh:mm:ss",
    "unsignedInt": "a whole number from 0 to 2147483647, without quotes",
    "uri": "an address without white space",
    "url": "an address without white space",
    "uuid": 'a UUID: "urn:uuid:" and 32 lower-case hexadecimal digits',
    "xhtml": "an XHTML <div>",
}

# By required value set: codes that R4 does not list, since their system is large and somebody else's.
FORMATS = {
    "http://hl7.org/fhir/ValueSet/currencies": (
        re.compile(r"[A-Z]{3}"),
        "a currency of ISO 4217: three capital letters, for example NOK",
    ),
    "http://hl7.org/fhir/ValueSet/mimetypes": (
        re.compile(r"[^\s/;,]+/[^\s/;,]+(?: ?; ?\S+(?: \S+)*)?|xml|json|ttl|none", re.ASCII),
        "a MIME type, for example application/pdf",
    ),
}


def wrong(type_: str, value: Any) -> str:
    """What a value of a primitive type should have been."""
    shown = short(value) if isinstance(value, str) else repr(value)
    if isinstance(value, dict | list):
        shown = "an object or array"
    elif len(shown) > 80:
        shown = shown[:57] + "…"
    return f"{shown} does not fit the type {type_}: it must be {RIGHT[type_]}."
