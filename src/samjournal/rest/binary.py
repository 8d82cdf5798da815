"""Binary as what it holds: read and written in its own media type. hl7.org/fhir/R4/binary.html#rest

Who asks for no FHIR format by name, and for no part of the resource, gets the content; what is sent in another format
than FHIR's becomes the content of a Binary. Both go through the same interactions as every resource.
"""

from __future__ import annotations

import re
from asyncio import to_thread
from base64 import b64encode
from binascii import a2b_base64
from typing import Any

import msgspec
from msgspec.structs import replace

from samjournal.fhir.errors import Invalid, TooLarge
from samjournal.fhir.parsing import Parsed, compact_of
from samjournal.record import Door
from samjournal.rest import formats, interactions
from samjournal.rest.answers import Answer
from samjournal.rest.request import LARGE, Pairs, Request

TYPE = "Binary"
MAX_CONTENT = 28 * 1024 * 1024
"""More would be too much to send back as a resource."""
_MEDIA = re.compile(r'[\w!#$&^.+\-]+/[\w!#$&^.+\-]+(?:\s*;\s*[\w\-]+=(?:"[\w .+\-]*"|[\w.+\-]+))*', re.ASCII)
_UNKNOWN = "application/octet-stream"
_INERT = {"x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'; sandbox"}
"""Whatever it is, no browser takes it for a page of ours."""


def is_content(path: tuple[str, ...], method: str, headers: dict[str, str], query: Pairs) -> bool:
    """Whether the content of a Binary is asked for, not the resource."""
    by_id = len(path) == 2 or (len(path) == 4 and path[2] == "_history")
    return path[:1] == (TYPE,) and by_id and method == "GET" and not query and not formats.names_one(headers)


async def read(door: Door, request: Request) -> Answer:
    """A Binary, or what it holds."""
    return await _shown(await interactions.read(door, request), request)


async def vread(door: Door, request: Request) -> Answer:
    """One version of a Binary, or what that held."""
    return await _shown(await interactions.vread(door, request), request)


async def create(door: Door, request: Request) -> Answer:
    """A Binary as it is sent, or what it is to hold."""
    return await interactions.create(door, await _received(request))


async def update(door: Door, request: Request) -> Answer:
    """The same under an id that is there, or that a system chooses."""
    return await interactions.update(door, await _received(request, id_=request.path[1]))


class _Content(msgspec.Struct):
    media: str = msgspec.field(name="contentType", default=_UNKNOWN)
    data: str = ""


async def _shown(answer: Answer, request: Request) -> Answer:
    if answer.status != 200 or not is_content(request.path, "GET", request.headers, request.query):
        return answer
    held = msgspec.json.decode(answer.body, type=_Content)
    media = held.media if _MEDIA.fullmatch(held.media) else _UNKNOWN
    body = a2b_base64(held.data) if len(held.data) < LARGE else await to_thread(a2b_base64, held.data)
    return replace(answer, body=body, media=media, headers={**answer.headers, **_INERT})


async def _received(request: Request, *, id_: str | None = None) -> Request:
    media = request.headers.get("content-type", "").strip()
    if not media or formats.is_fhir(media):
        return request if len(request.body) < LARGE else replace(request, sent=await to_thread(request.parsed))
    if not _MEDIA.fullmatch(media):
        raise Invalid(f"Content-Type is a media type such as application/pdf, not {media[:60]}.")
    if len(request.body) > MAX_CONTENT:
        raise TooLarge(f"A Binary holds at most {MAX_CONTENT // 2**20} MiB.")
    made: dict[str, Any] = {"resourceType": TYPE, "id": id_, "contentType": media}
    if "x-security-context" in request.headers:
        made["securityContext"] = {"reference": request.headers["x-security-context"].strip()}
    made["data"] = (await to_thread(b64encode, request.body)).decode() if request.body else None
    resource = {name: value for name, value in made.items() if value is not None}
    return replace(request, sent=Parsed(resource, compact_of(resource)))
