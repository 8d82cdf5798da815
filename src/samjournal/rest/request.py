"""A request as the interactions see it, and its body read within limits."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

import msgspec

from samjournal.access import Permit
from samjournal.fhir import references
from samjournal.fhir.errors import Invalid, NotAcceptable, TooLarge, UnsupportedMedia
from samjournal.fhir.parsing import Parsed, parse, rewrite_references
from samjournal.record import version_of

MAX_BODY = 40 * 1024 * 1024
MAX_QUERY = 16 * 1024
MAX_PARTS = 1_000_000
_JSON = ("application/fhir+json", "application/json", "application/json+fhir", "text/json")
_XML = ("xml", "application/xml", "application/fhir+xml", "text/xml")


@dataclass(frozen=True, slots=True)
class Request:
    """Method, path below /fhir, decoded query, headers in small letters, and who asks. `base` is the address that we
    were called by, `own` are all of ours."""

    method: str
    path: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes
    permit: Permit | None
    base: str
    own: tuple[str, ...] = ()

    def who(self) -> Permit:
        assert self.permit is not None
        return self.permit

    def parsed(self) -> Parsed:
        """The resource in the body. Raises UnsupportedMedia, Invalid."""
        full = self.headers.get("content-type", "").lower()
        media = full.partition(";")[0].strip()
        if media not in _JSON:
            raise UnsupportedMedia(
                f"This server reads application/fhir+json; the body came as {media or 'no media type'}."
            )
        if "charset=" in full and full.rpartition("charset=")[2].strip('" ;') not in ("utf-8", "utf8", "us-ascii"):
            raise UnsupportedMedia("FHIR is sent in UTF-8.")
        if not self.body:
            raise Invalid("The request has no body.")
        if self.body.count(b"{") + self.body.count(b"[") > MAX_PARTS:
            raise TooLarge(f"The body has more than {MAX_PARTS} objects and arrays. Send it in smaller Bundles.")
        return _relative(parse(self.body), self.own)

    def if_match(self) -> int | None:
        return version_of(self.headers["if-match"]) if "if-match" in self.headers else None

    def prefers(self, what: str) -> bool:
        return what in self.headers.get("prefer", "").replace(" ", "").split(",")


def _relative(sent: Parsed, own: tuple[str, ...]) -> Parsed:
    """References to this server as `Type/id`: an absolute one would lie outside the patient's record."""
    if not any(f'"{base}/'.encode() in sent.compact for base in own):
        return sent
    mapping = {
        found.text: f"{reference.type}/{reference.id}"
        for found in references.find(sent.resource)
        for base in own
        if found.text.startswith(f"{base}/")
        and (reference := references.parse(found.text, base=base)).kind == "literal"
    }
    if not mapping:
        return sent
    compact = rewrite_references(sent.compact, mapping)
    return Parsed(msgspec.json.decode(compact), compact)


def path_of(raw: str) -> tuple[str, ...]:
    """The decoded parts of a path below /fhir."""
    return tuple(unquote(part) for part in raw.strip("/").split("/")) if raw.strip("/") else ()


def query_of(raw: bytes) -> tuple[tuple[str, str], ...]:
    """The decoded names and values of a query string or form. Raises Invalid, TooLarge."""
    if len(raw) > MAX_QUERY:
        raise TooLarge(f"The query is {len(raw)} characters long; at most {MAX_QUERY} are read. Use POST _search.")
    try:
        return tuple(parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=200))
    except ValueError:
        raise Invalid("The query is not a list of name=value pairs in UTF-8, at most 200.") from None


def demand_json(headers: dict[str, str], query: tuple[tuple[str, str], ...]) -> None:
    """Refuse to answer in a format that this server does not write. Raises NotAcceptable."""
    asked = next((value for name, value in query if name == "_format"), None)
    media = [asked.strip().replace(" ", "+")] if asked else _accepted(headers.get("accept", "*/*"))
    if any(one in _JSON or one in ("*/*", "application/*", "json", "") for one in media):
        return
    if any(one in _XML for one in media):
        raise NotAcceptable("This server does not write XML yet. Ask for application/fhir+json.")
    if asked or not any(one.startswith("text/") for one in media):
        raise NotAcceptable(f"This server writes application/fhir+json, not {', '.join(media)[:80]}.")


def _accepted(header: str) -> list[str]:
    return [part.partition(";")[0].strip().lower() for part in header.split(",")]
