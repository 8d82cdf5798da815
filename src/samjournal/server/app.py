"""The whole house put together: faces over one door, in one ASGI application."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from samjournal import accounts, feedback, portal, rest, scim, signin, smart, workspace
from samjournal.db.live import Hub
from samjournal.db.pool import BAD_VALUE, Unavailable, connect
from samjournal.demo.personas import PERSONAS
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Busy, FhirError
from samjournal.record import open_door
from samjournal.server import contact, health, live, sandbox
from samjournal.server.attempts import Attempts
from samjournal.server.front import Front
from samjournal.server.limits import Limits
from samjournal.server.logs import RequestLog
from samjournal.server.memory import return_memory
from samjournal.server.messaging import carry_messages, follow_referrals, make_rounds, watch_messages, watch_referrals
from samjournal.server.noticing import (
    channels_of,
    follow_news,
    follow_openings,
    remind_people,
    send_notices,
    watch_notices,
)
from samjournal.server.sealing import seal_looks
from samjournal.server.sessions import Sessions
from samjournal.server.settings import Settings
from samjournal.server.video import open_rooms
from samjournal.server.worker import (
    Job,
    end_streams,
    follow_feed,
    forget_sessions,
    forget_times,
    in_turn,
    judge_looks,
    keep_months,
    make_work,
    make_work_of_loads,
    offer_times,
    renew_search,
    see_to_people,
    see_to_work,
    settle_absences,
    settle_index,
    sort_codes,
    tally_looks,
    unfold_looks,
    watch_connections,
)
from samjournal.ui import pages
from samjournal.ui.errors import error_page
from samjournal.ui.security import Security

_log = logging.getLogger("samjournal.app")


def create(settings: Settings) -> ASGIApp:
    """The application for a database that is reachable and migrated."""
    site = _site()
    faces: dict[str, ASGIApp] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await site(scope, receive, send)
        elif smart.is_endpoint(scope["path"]):
            await faces["apps"](scope, receive, send)
        elif _is_fhir(scope):
            await faces["fhir"]({**scope, "root_path": "/fhir"}, receive, send)
        elif _is_scim(scope):
            await faces["scim"](scope, receive, send)
        else:
            await faces["pages"](scope, receive, send)

    limits = Limits(app, refuse=refuse, bounds=settings.bounds)

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
            app.state.gate = limits.gate
            app.state.speech = settings.speech
            app.state.identity = settings.identity
            app.state.feedback = feedback.Pace()
            channels = app.state.channels = channels_of(settings, is_demo=installation.demo)
            app.state.people = PERSONAS if installation.demo else ()
            if installation.demo:
                app.router.routes.extend(sandbox.routes())
            face = rest.Rest(door, hosts=settings.hosts, cors=True, sent_away=limits.sent_away)
            faces["fhir"] = face
            faces["scim"] = scim.Scim(door, hosts=settings.hosts)
            app.state.usage = face.usage
            faces["pages"] = Security(Sessions(site, pool))
            faces["apps"] = apps = smart.Endpoints(pool, address_of=settings.called)
            jobs: list[tuple[str, Job]] = [
                ("feed", partial(follow_feed, door, hub, settings.stopping)),
                ("streams", partial(end_streams, door, hub, settings.stopping)),
                ("sessions", partial(forget_sessions, door, settings.stopping)),
                ("codes", partial(sort_codes, door, settings.stopping)),
                ("results", partial(make_work, door, settings.stopping)),
                ("absences", partial(settle_absences, door, settings.stopping)),
                ("results of loads", partial(make_work_of_loads, door, settings.stopping)),
                ("deadlines", partial(see_to_work, door, settings.stopping)),
                ("people at work", partial(see_to_people, door, settings.stopping)),
                ("waiting list", partial(offer_times, door, settings.stopping)),
                ("times", partial(forget_times, door, settings.stopping)),
                ("connections", partial(watch_connections, door, settings.stopping)),
                ("unfold", partial(unfold_looks, door, settings.stopping)),
                ("anomalies", partial(judge_looks, door, settings.stopping)),
                ("tallies", partial(tally_looks, door, settings.stopping)),
                ("months", partial(keep_months, door, settings.stopping)),
                ("index", partial(settle_index, door, settings.stopping)),
                ("memory", partial(return_memory, limits.large, settings.stopping)),
                ("answered later", partial(face.jobs.run, settings.stopping)),
                ("parameters", partial(renew_search, door, settings.stopping)),
                ("messages", partial(carry_messages, door, settings)),
                ("watch over messages", partial(watch_messages, door, settings.stopping)),
                ("referrals", partial(follow_referrals, door, settings.stopping)),
                ("video", partial(open_rooms, door, settings.rooms, settings.stopping)),
                ("watch over referrals", partial(watch_referrals, door, settings.stopping)),
                ("rounds", partial(make_rounds, door, settings.stopping)),
                ("news", partial(follow_news, door, channels, settings.stopping)),
                ("notices", partial(send_notices, door, channels, settings.stopping)),
                ("openings", partial(follow_openings, door, channels, settings.stopping)),
                ("reminders", partial(remind_people, door, channels, settings.stopping)),
                ("watch over notices", partial(watch_notices, door, channels, settings.stopping)),
            ]
            if settings.audit_dir is None:
                _log.warning("the log of looks is not sealed: no --audit-dir is named")
            else:
                jobs.insert(0, ("seals", partial(seal_looks, pool, settings.audit_dir, settings.stopping)))
            async with in_turn(jobs, settings.stopping):
                yield
            await apps.close()
        finally:
            await pool.close(patience=5)

    site.router.lifespan_context = lifespan

    async def is_app(origin: str) -> bool:
        return hasattr(site.state, "pool") and await smart.is_origin_of(site.state.pool, origin)

    faced = rest.Cors(limits, origins=settings.origins, is_app=is_app, also=smart.is_endpoint)
    guarded = Attempts(faced, refuse=refuse)
    front = Front(guarded, refuse=refuse, address=settings.public, proxies=settings.proxies)
    return RequestLog(front, words=words())


def words() -> set[str]:
    """The words that addresses of ours are made of."""
    pages_words = {
        part
        for route in (*_site().routes, *sandbox.routes())
        if isinstance(route, Route)
        for part in route.path.split("/")
    }
    fhir_words = {part for route in rest.ROUTES for part in route.shape if part}
    scim_words = {*scim.ROOT.strip("/").split("/"), *scim.ADDRESSES}
    return {"fhir", "metadata", *smart.WORDS, *load().resources, *pages_words, *fhir_words, *scim_words}


async def refuse(scope: Scope, receive: Receive, send: Send, error: FhirError) -> None:
    """Send somebody away before a face has seen him, in words of the face that was asked."""
    if _is_fhir(scope):
        await rest.refuse(scope, send, error)
    elif _is_scim(scope):
        await scim.refuse(scope, send, error)
    else:
        page = await error_page(Request(scope), error)
        await Security(page)(scope, receive, send)


def _is_fhir(scope: Scope) -> bool:
    path: str = scope["path"]
    return path == "/fhir" or path.startswith("/fhir/")


def _is_scim(scope: Scope) -> bool:
    path: str = scope["path"]
    return path == scim.ROOT or path.startswith(f"{scim.ROOT}/")


def _site() -> Starlette:
    routes: list[BaseRoute] = [
        Route("/", home),
        *contact.routes(),
        *health.routes(),
        *live.routes(),
        *pages.routes(),
        *signin.routes(),
        *smart.routes(),
        *workspace.routes(),
        *portal.routes(),
    ]
    site = Starlette(routes=routes, exception_handlers=dict.fromkeys(_PROBLEMS, problem))
    # Starlette would redirect to whatever name stood in the Host header; `problem` stays on this server.
    site.router.redirect_slashes = False
    return site


_PROBLEMS = (FhirError, HTTPException, ClientDisconnect, Unavailable, *BAD_VALUE, Exception)


async def problem(request: Request, error: Exception) -> Response:
    """An error as a page in the reader's language."""
    if isinstance(error, Unavailable):
        error = Busy(str(error))
    if isinstance(error, ClientDisconnect):
        # Whoever sent it went away in the middle: nobody reads the answer, and it is no fault of ours.
        error = HTTPException(400)
    if isinstance(error, BAD_VALUE):
        # What no text and no number of ours can be: there is no such page, and no such form.
        error = HTTPException(404 if request.method == "GET" else 400)
    path: str = request.scope["path"]
    if isinstance(error, HTTPException) and error.status_code == 404 and path.endswith("/") and request.method == "GET":
        return RedirectResponse(pages.local_path(path.rstrip("/"), "/"), status_code=307)
    return await error_page(request, error)


async def home(request: Request) -> Response:
    """Where a visitor belongs: to sign-in, or home."""
    session = request.state.session
    if session is None:
        return RedirectResponse("/signin", status_code=303)
    return RedirectResponse("/portal" if session.kind == "citizen" else "/workspace", status_code=303)
