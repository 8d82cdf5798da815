"""Dictation: the page of a note sends what was spoken, and gets text back. Nothing of it is kept.

POST /workspace/dictation      a piece of speech (audio/wav); JSON `{"text": …}`, or `{"problem": …}`
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from samjournal.fhir.errors import Busy, NotFound
from samjournal.notes import NotHeard, Speech, is_sound, tongue
from samjournal.workspace.desk import Desk

MICROPHONE: Final = {"permissions-policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()"}
"""What a page where somebody dictates promises, instead of no microphone at all."""
_PRIVATE: Final = {"cache-control": "no-store"}


def speech(request: Request) -> Speech | None:
    """The speech provider of this installation, where it has one."""
    found: Speech | None = getattr(request.app.state, "speech", None)
    return found


async def take(request: Request, desk: Desk) -> Response:
    """POST a piece of speech. Which note it is for, stays with the page."""
    provider = speech(request)
    if provider is None:
        raise NotFound("No speech program is named: see `samjournal serve --speech`.")
    desk.permit.demand("c", "Composition")
    sound = await request.body()
    if not is_sound(sound):
        return _problem("sound", 415)
    try:
        text = await provider.heard(sound, tongue(desk.language))
    except Busy as error:
        return _problem("busy", error.status)
    except NotHeard:
        return _problem("engine", 502)
    return JSONResponse({"text": text}, headers=_PRIVATE)


def _problem(name: str, status: int) -> Response:
    return JSONResponse({"problem": name}, status_code=status, headers=_PRIVATE)
