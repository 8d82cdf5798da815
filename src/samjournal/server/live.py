"""GET /live: one event stream for a browser; an event is a watch key, or `ended` when the session is over, or its role.

html.spec.whatwg.org/#server-sent-events
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from samjournal.db.live import Hub
from samjournal.record.door import watched
from samjournal.ui.pages import render

HEARTBEAT = 15.0
MOST = 200


async def live(request: Request) -> Response:
    """The stream of a session, for the watch keys that its pages were given."""
    session = request.state.session
    if session is None:
        return PlainTextResponse("", status_code=401)
    keys: dict[int, str] = {}
    for watch in request.query_params.getlist("watch")[:MOST]:
        patient = watched(request.app.state.door, session.id, watch)
        if patient is not None:
            keys[patient] = watch
    # Before a role was chosen there is none that could end.
    stream = _events(request, request.app.state.hub, keys, session.id if session.role else "")
    return StreamingResponse(
        stream,
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(request: Request, hub: Hub, keys: dict[int, str], session: str) -> AsyncIterator[bytes]:
    stopping = request.app.state.settings.stopping
    with hub.listening(keys, session) as listener:
        yield b"retry: 1000\n: ready\n\n"
        waited = 0.0
        while not stopping.is_set():
            changed = await listener.wait(0.5)
            if listener.is_over:
                yield b"event: ended\ndata:\n\n"
                return
            for key in changed:
                yield f"data: {keys[key]}\n\n".encode()
            waited = 0.0 if changed else waited + 0.5
            if waited >= HEARTBEAT:
                waited = 0.0
                yield b": still here\n\n"


async def ended(request: Request) -> Response:
    """What an open page becomes when its session, or the role that it was opened in, has ended."""
    return render(request, "ui/ended.html", is_in=request.state.session is not None)


def routes() -> list[BaseRoute]:
    return [Route("/live", live, methods=["GET"]), Route("/ended", ended, methods=["GET"])]
