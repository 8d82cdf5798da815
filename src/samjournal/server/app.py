"""The whole house put together: faces over one door, in one ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from samjournal import accounts, portal, signin, workspace
from samjournal.db.live import Hub
from samjournal.db.pool import Unavailable, connect
from samjournal.demo.personas import PERSONAS
from samjournal.fhir.errors import Busy, FhirError
from samjournal.record import open_door
from samjournal.rest import Rest
from samjournal.server import health, live
from samjournal.server.logs import RequestLog
from samjournal.server.sessions import Sessions
from samjournal.server.settings import Settings
from samjournal.server.worker import follow_feed, keep_months, unfold_looks
from samjournal.ui import pages
from samjournal.ui.errors import error_page
from samjournal.ui.security import Security


def create(settings: Settings) -> ASGIApp:
    """The application for a database that is reachable and migrated."""
    site = _site()
    faces: dict[str, ASGIApp] = {}

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        pool = await connect(settings.dsn, size=settings.connections)
        try:
            installation = await accounts.installation(pool)
            assert installation is not None
            door = await open_door(pool, secret=installation.secret)
            hub = Hub()
            app.state.pool = app.state.database = pool
            app.state.door, app.state.hub, app.state.settings = door, hub, settings
            app.state.people = PERSONAS if installation.demo else ()
            faces["fhir"] = Rest(door, hosts=settings.hosts)
            faces["pages"] = Security(Sessions(site, pool))
            jobs = [
                asyncio.create_task(follow_feed(door, hub, settings.stopping), name="feed"),
                asyncio.create_task(unfold_looks(door, settings.stopping), name="unfold"),
                asyncio.create_task(keep_months(door, settings.stopping), name="months"),
            ]
            yield
            settings.stopping.set()
            await asyncio.wait(jobs, timeout=5)
            for job in jobs:
                job.cancel()
        finally:
            await pool.close(patience=5)

    site.router.lifespan_context = lifespan

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await site(scope, receive, send)
        elif scope["path"] == "/fhir" or scope["path"].startswith("/fhir/"):
            await faces["fhir"]({**scope, "root_path": "/fhir"}, receive, send)
        else:
            await faces["pages"](scope, receive, send)

    return RequestLog(app)


def _site() -> Starlette:
    routes: list[BaseRoute] = [
        Route("/", home),
        *health.routes(),
        *live.routes(),
        *pages.routes(),
        *signin.routes(),
        *workspace.routes(),
        *portal.routes(),
    ]
    return Starlette(routes=routes, exception_handlers=dict.fromkeys(_PROBLEMS, problem))


_PROBLEMS = (FhirError, HTTPException, Unavailable, Exception)


async def problem(request: Request, error: Exception) -> Response:
    """An error as a page in the reader's language."""
    if isinstance(error, Unavailable):
        error = Busy(str(error))
    return await error_page(request, error)


async def home(request: Request) -> Response:
    """Where a visitor belongs: to sign-in, or home."""
    session = request.state.session
    if session is None:
        return RedirectResponse("/signin", status_code=303)
    return RedirectResponse("/portal" if session.kind == "citizen" else "/workspace", status_code=303)
