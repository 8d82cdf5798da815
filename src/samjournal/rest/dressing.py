"""The last touch on an answer: indented for who asks (`_pretty`), packed for who takes it (gzip).

hl7.org/fhir/R4/http.html#pretty, RFC 9110 section 12.5.3. Large ones are done in a thread, so that nobody waits for it.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from samjournal.fhir.errors import Invalid, TooLarge
from samjournal.fhir.xml_pretty import indented
from samjournal.rest.answers import Answer
from samjournal.rest.formats import MEDIA
from samjournal.rest.request import query_of

PACKED_FROM = 16 * 1024
"""Answers above this are packed: smaller ones go in a few packets as they are."""
IN_THREAD = 64 * 1024
_LEVEL = 1
_WEIGHTLESS = re.compile(r";\s*q\s*=\s*0(?:\.0{0,3})?\s*$")


def is_plain(answer: Answer, headers: Mapping[str, str], query: bytes) -> bool:
    """Whether the answer can go as it is: asked of every answer, so it looks at as little as it can."""
    return (len(answer.body) <= PACKED_FROM or "accept-encoding" not in headers) and b"_pretty" not in query


async def dressed(answer: Answer, headers: Mapping[str, str], query: bytes) -> Answer:
    """The answer indented and packed as far as it was asked for."""
    if not answer.body:
        return answer
    if b"_pretty" in query and _is_pretty(query):
        large = len(answer.body) > IN_THREAD
        answer = replace(answer, body=await asyncio.to_thread(_pretty, answer) if large else _pretty(answer))
    if len(answer.body) <= PACKED_FROM:
        return answer
    named = {**answer.headers, "vary": "Accept-Encoding"}
    if not _takes_gzip(headers.get("accept-encoding", "")):
        return replace(answer, headers=named)
    large = len(answer.body) > IN_THREAD
    body = await asyncio.to_thread(_packed, answer.body) if large else _packed(answer.body)
    return replace(answer, body=body, headers={**named, "content-encoding": "gzip"})


def refuse_odd(query: tuple[tuple[str, str], ...]) -> None:
    """`_pretty` is true or false, once. Raises Invalid."""
    values = [value for name, value in query if name == "_pretty"]
    if values not in ([], ["true"], ["false"]):
        raise Invalid(f"_pretty is true or false, once, not “{values[0][:40]}”.")


def _is_pretty(query: bytes) -> bool:
    try:
        return ("_pretty", "true") in query_of(query)
    except (Invalid, TooLarge):
        return False  # What is wrong with the query was told already; this is how it is told.


def _pretty(answer: Answer) -> bytes:
    if answer.media == MEDIA["xml"]:
        return indented(answer.body.decode()).encode()
    if answer.media == MEDIA["json"]:
        return msgspec.json.format(answer.body, indent=2)
    return answer.body


def _takes_gzip(accepted: str) -> bool:
    """Whether gzip is among the codings that are taken, with a weight above 0."""
    weighed = {part.partition(";")[0].strip().lower(): part for part in accepted.split(",")}
    found = weighed.get("gzip") or weighed.get("x-gzip") or weighed.get("*")
    return found is not None and not _WEIGHTLESS.search(found)


def _packed(body: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()
