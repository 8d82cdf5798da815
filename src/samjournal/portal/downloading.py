"""«Last ned journalen min»: the whole record as FHIR files, as a summary by the IPS, and on paper. Row 3.3

GET /portal/download                    what there is to fetch, what is in it and what is not
GET /portal/download/record.zip         everything as FHIR, one file for each type, sent while it is read
GET /portal/download/summary.json       the International Patient Summary
GET /portal/download/record.pdf         everything in plain words, PDF/UA-1

Who represents somebody gets what he may read, and nothing more from the moment at which his right ends. Nothing is
kept: each file is made when it is fetched, and is a look that the log tells as taken out of the record.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from samjournal import access, accounts
from samjournal.access import Permit
from samjournal.extracts import archive, gathered, summary
from samjournal.fhir.errors import NotRepresenting
from samjournal.letters import pdf
from samjournal.letters.document import DOCUMENT
from samjournal.portal import facts, representing
from samjournal.portal.facts import Resource
from samjournal.portal.record_paper import record_paper
from samjournal.portal.visiting import Visit, visit
from samjournal.ui.formats import OSLO
from samjournal.ui.language import Language, marked

MOST_ON_PAPER: Final = 10_000
"""So many resources are set on paper; who has more gets them as FHIR files."""
_ON_PAPER: Final = asyncio.Semaphore(1)
"""One whole record at a time is set on paper: ten thousand results take some seconds of a core, and much memory."""
_READY: Final = re.compile(r"[a-z0-9]{1,32}")
READY_COOKIE: Final = "ready"
"""Says to the page, by a word that it chose, that the file is on its way. It says nothing else."""
_TOLD: Final = marked(
    "Dette er journalen din som FHIR R4 (hl7.org/fhir/R4), laget {when}.\n\n"
    "Hver fil har en slags opplysninger, og hver linje er én opplysning. Et program som leser FHIR, kan ta dem inn.\n\n"
    "Med er det du kan lese. Ikke med er notater som ikke er signert, svar og notater som vises først senere etter"
    " reglene for det, og det som er holdt tilbake for deg ved en beslutning.\n\n"
    "Filene er dine. Ta vare på dem som på andre papirer om helsen din.\n"
)


async def choices(request: Request) -> Response:
    """GET: what there is to fetch."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    too_large = "large" in request.query_params
    return here.page("download.html", await here.open(), tab="record", too_large=too_large)


async def as_files(request: Request) -> Response:
    """GET: everything as FHIR."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    made, door, permit = datetime.now(OSLO), request.app.state.door, request.state.permit
    told = here.say(_TOLD, when=made.strftime("%d.%m.%Y %H:%M"))

    async def again() -> Permit:
        return await _again(request, permit)

    pieces = archive(door, permit, here.patient_id, told=told, made=made, again=again)
    # What is refused is refused before anything is sent.
    first = await anext(pieces)
    return StreamingResponse(_with(first, pieces), headers=headers(request, "fhir", "zip", made), media_type=_ZIP)


_ZIP: Final = "application/zip"


async def _with(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


async def _again(request: Request, permit: Permit) -> Permit:
    """The permit as it is now. Raises NotRepresenting when it is another, or none."""
    session = await accounts.session_now(request.app.state.door.pool, request.state.session)
    now = await access.for_session(request.app.state.door.pool, session, request=permit.request) if session else None
    if now is None or now.rights != permit.rights:
        raise NotRepresenting("The right to read this record ended while it was fetched.")
    return now


async def as_summary(request: Request) -> Response:
    """GET: the International Patient Summary."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    made = datetime.now(OSLO)
    base = str(request.base_url).rstrip("/") + "/fhir"
    door, permit = request.app.state.door, request.state.permit
    body = await summary(door, permit, here.patient_id, base=base, language=here.say.code, made=made)
    return Response(body, headers=headers(request, "ips", "json", made), media_type="application/fhir+json")


async def on_paper(request: Request) -> Response:
    """GET: everything in plain words."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    made = datetime.now(OSLO)
    async with _ON_PAPER:
        lists = await _lists(here)
        if lists is None:
            return RedirectResponse("/portal/download?large=1", status_code=303)
        patient = next(one for one in lists["Patient"] if one["id"] == here.patient_id)
        acts = representing.told(request.state.permit, here.say)
        data = await asyncio.to_thread(_paper, patient, lists, here.say, made, acts)
        del lists
        body = await pdf(DOCUMENT, data, made=made)
    return Response(
        body, headers=headers(request, facts.given_name(patient), "pdf", made), media_type="application/pdf"
    )


def _paper(
    patient: Resource, lists: dict[str, list[Resource]], say: Language, made: datetime, acts: dict[str, str] | None
) -> dict[str, Any]:
    return record_paper(patient, lists, say, made=made, acts=acts)


async def _lists(here: Visit) -> dict[str, list[Resource]] | None:
    """Everything by type; of the registers nothing, for they are about nobody here. None when it is too much."""
    found: dict[str, list[Resource]] = {}
    number = 0
    async for page in gathered(here.request.app.state.door, here.request.state.permit, here.patient_id):
        number += len(page.matches)
        if number > MOST_ON_PAPER:
            return None
        for one in page.matches:
            found.setdefault(one.type, []).append(msgspec.json.decode(one.body or b"{}"))
    return found


def headers(request: Request, of: str, ending: str, made: datetime) -> dict[str, str]:
    """A file to be saved, kept by nobody on its way; its name says when it was made."""
    name = re.sub(r"[^a-z0-9]+", "-", _plain(of)).strip("-") or "journal"
    found = {
        "content-disposition": f'attachment; filename="journal-{name}-{made:%Y-%m-%d-%H%M}.{ending}"',
        "cache-control": "no-store",
    }
    ready = request.query_params.get("ready", "")
    if _READY.fullmatch(ready):
        found["set-cookie"] = f"{READY_COOKIE}={ready}; Path=/portal; Max-Age=60; SameSite=Strict"
    return found


def _plain(text: str) -> str:
    lower = text.casefold()
    for letter, plain in (("æ", "ae"), ("ø", "o"), ("å", "a")):
        lower = lower.replace(letter, plain)
    return lower


def routes() -> list[BaseRoute]:
    """The addresses of what is fetched."""
    return [
        Route("/portal/download", choices),
        Route("/portal/download/record.zip", as_files),
        Route("/portal/download/summary.json", as_summary),
        Route("/portal/download/record.pdf", on_paper),
    ]
