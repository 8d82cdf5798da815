"""JSON or XML: what a request sends and what it wants back. hl7.org/fhir/R4/http.html#mime-type"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from samjournal.fhir.errors import NotAcceptable, UnsupportedMedia

Format = Literal["json", "xml"]
MEDIA: dict[Format, str] = {
    "json": "application/fhir+json; charset=utf-8",
    "xml": "application/fhir+xml; charset=utf-8",
}
_KNOWN: dict[str, Format] = {
    "application/fhir+json": "json",
    "application/json": "json",
    "application/json+fhir": "json",
    "text/json": "json",
    "json": "json",
    "application/fhir+xml": "xml",
    "application/xml": "xml",
    "application/xml+fhir": "xml",
    "text/xml": "xml",
    "xml": "xml",
}
_ANY = ("*/*", "application/*", "")
_VERSIONS = ("4.0", "4.0.1")
_VERSION = re.compile(r"fhirversion\s*=\s*\"?([\w.]+)")
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w\-]+)")
_WEIGHT = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)")


def sent(headers: Mapping[str, str]) -> Format:
    """The format of the body. Raises UnsupportedMedia."""
    full = headers.get("content-type", "").lower()
    media = full.partition(";")[0].strip()
    found = _KNOWN.get(media) if "/" in media else None
    if found is None:
        told = media[:80] or "no media type"
        raise UnsupportedMedia(f"This server reads application/fhir+json and application/fhir+xml, not {told}.")
    if (version := _VERSION.search(full)) and version[1] not in _VERSIONS:
        raise UnsupportedMedia(f"This server reads FHIR R4 (4.0), not {version[1][:20]}.")
    charset = _CHARSET.search(full)
    if charset and charset[1] not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMedia("FHIR is sent in UTF-8.")
    return found


def is_fhir(media: str) -> bool:
    """Whether a media type is one that resources are sent in."""
    return media.lower().partition(";")[0].strip() in _KNOWN


def names_one(headers: Mapping[str, str]) -> bool:
    """Whether Accept names one of our formats, not only what it may be among."""
    return any(part.partition(";")[0].strip() in _KNOWN for part in _by_weight(headers.get("accept", "").lower()))


def wanted(headers: Mapping[str, str], query: tuple[tuple[str, str], ...]) -> Format:
    """The format of the answer: `_format`, else the best of Accept. Raises NotAcceptable."""
    asked = next((value for name, value in query if name == "_format"), None)
    # A plus sign in a query string is a space.
    return _written(asked, headers.get("accept", "*/*"))


@lru_cache(maxsize=512)
def _written(asked: str | None, accept: str) -> Format:
    accepted = [asked.strip().replace(" ", "+").lower()] if asked else _by_weight(accept.lower())
    for one in accepted:
        media = one.partition(";")[0].strip()
        version = _VERSION.search(one)
        if version is None or version[1] in _VERSIONS:
            if media in _ANY or media in ("text/html", "text/*"):  # A browser shows JSON better than XML.
                return "json"
            if media in _KNOWN:
                return _KNOWN[media]
    told = ", ".join(accepted)[:80]
    raise NotAcceptable(f"This server writes application/fhir+json and application/fhir+xml in R4, not {told}.")


def _by_weight(header: str) -> list[str]:
    weighed = [(_weight(part), part.strip()) for part in header.split(",")]
    return [part for weight, part in sorted(weighed, key=lambda one: -one[0]) if weight > 0]


def _weight(part: str) -> float:
    found = _WEIGHT.search(part)
    return float(found[1]) if found else 1.0
