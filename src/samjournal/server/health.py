"""Is the process alive, and is it ready for requests? kubernetes.io/docs/concepts/workloads/pods/probes

`app.state` must have `pool` and `settings`. The routes are open: they say nothing about the record.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from samjournal.db.pool import Unavailable
from samjournal.server import metrics
from samjournal.server.version import program_version


def routes() -> list[BaseRoute]:
    """/health/live, /health/ready and /metrics."""
    return [
        Route("/health/live", live, methods=["GET"]),
        Route("/health/ready", ready, methods=["GET"]),
        Route("/metrics", metrics.show, methods=["GET"]),
    ]


async def live(_: Request) -> JSONResponse:
    """The process answers. Nothing else is looked at, so a database that is away restarts no server."""
    return JSONResponse({"status": "alive", "version": program_version()})


async def ready(request: Request) -> JSONResponse:
    """The database answers and the server is not stopping."""
    settings = request.app.state.settings
    if settings.stopping.is_set():
        return _not_ready("the server is stopping")
    state, _ = settings.database_state()
    if state != "running":
        return _not_ready("the database is being started again")
    try:
        async with asyncio.timeout(2):
            await request.app.state.pool.fetchval("SELECT 1")
    except (Unavailable, TimeoutError):
        return _not_ready("the database does not answer")
    return JSONResponse({"status": "ready", "version": program_version()})


def _not_ready(reason: str) -> JSONResponse:
    return JSONResponse({"status": "not ready", "reason": reason}, status_code=503, headers={"retry-after": "1"})
