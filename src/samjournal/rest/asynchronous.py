"""Requests that are answered later: `Prefer: respond-async`. hl7.org/fhir/R4/async.html, RFC 7240

202 with the address of its state; there 202 while it waits or is worked on, 200 with the answer as a batch-response of
one entry when it is done, and DELETE to be rid of it. The jobs stand in the database: what a stopped server left is
taken up again by the next, and a write that was cut off is told as such.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

import msgspec

from samjournal import accounts, record
from samjournal.access import Permit
from samjournal.db.pool import BAD_VALUE, Unavailable
from samjournal.fhir.errors import Busy, Fault, FhirError, Invalid, TooLarge
from samjournal.record import Door, Job
from samjournal.rest import answers
from samjournal.rest.answers import Answer
from samjournal.rest.authentication import Bearers, token_of
from samjournal.rest.request import Request

_log = logging.getLogger(__name__)
PLACE = "_async"
AT_ONCE = 2
"""So many are worked on beside the requests that somebody waits for."""
_BEAT = 1.0
_IDLE = 5.0
_LONGEST = 900.0
_MOST = 64 * 2**20
_ASKED_LATER = frozenset(
    {
        "search-type",
        "search-system",
        "history-instance",
        "history-type",
        "history-system",
        "batch",
        "transaction",
        "$everything",
        "$lastn",
        "$meta",
    }
)
_KEPT = ("content-type", "prefer", "if-none-match", "if-modified-since")
_LOST = (
    "The server stopped while this was worked on, so whether it was done is not known. A transaction is done whole or"
    " not at all: read again to see, then send it again if it was not."
)


class _Asked(msgspec.Struct):
    """A request as it is kept."""

    method: str
    path: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    base: str
    own: tuple[str, ...]


def is_wanted(headers: dict[str, str], code: str) -> bool:
    """Whether the client prefers to be answered later, and this is something that can be."""
    return "prefer" in headers and code in _ASKED_LATER and "respond-async" in _preferences(headers)


def _preferences(headers: dict[str, str]) -> list[str]:
    return [part.strip() for part in headers.get("prefer", "").replace(";", ",").split(",")]


async def state(door: Door, request: Request) -> Answer:
    """How far it is, or the answer."""
    progress = await record.progress_of(door, request.who(), request.path[1])
    if progress.answer is None:
        seconds = (datetime.now(UTC) - progress.begun).total_seconds() if progress.begun else 0
        told = f"in work for {seconds:.0f} seconds" if progress.begun else f"waiting, {progress.before} before it"
        return Answer(202, headers={"x-progress": told, "retry-after": str(min(max(int(seconds), 1), 10))})
    assert progress.until is not None
    return Answer(200, progress.answer, {"expires": format_datetime(progress.until, usegmt=True)})


async def cancel(door: Door, request: Request) -> Answer:
    """Stop it, or delete its answer."""
    await record.cancel_job(door, request.who(), request.path[1])
    return Answer(
        202, answers.all_is_well("It is cancelled: what was not done will not be, and its answer is deleted.")
    )


class Jobs:
    """Takes requests that are answered later, and works on them."""

    def __init__(self, door: Door, bearers: Bearers, answer: Callable[[Request], Awaitable[Answer]]) -> None:
        self._door, self._bearers, self._answer = door, bearers, answer
        self._news = asyncio.Event()

    async def accept(self, request: Request) -> Answer:
        """Keep a request for later. Raises TooMany."""
        preferred = ",".join(part for part in _preferences(request.headers) if part != "respond-async")
        headers = {name: request.headers[name] for name in _KEPT if name in request.headers} | {"prefer": preferred}
        asked = _Asked(request.method, request.path, request.query, headers, request.base, request.own)
        id_ = await record.add_job(
            self._door,
            request.who(),
            token=accounts.digest(token_of(request.headers.get("authorization"))),
            request=msgspec.json.encode(asked),
            body=request.body,
            changes=not request.path,
        )
        self._news.set()
        return Answer(
            202,
            answers.all_is_well("This is answered later: ask the address in Content-Location how far it is."),
            {"content-location": f"{request.base}/{PLACE}/{id_}"},
        )

    async def run(self, stopping: asyncio.Event) -> None:
        """Work on what is asked until the server stops."""
        await asyncio.gather(*(self._work(stopping) for _ in range(AT_ONCE)))

    async def _work(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await record.end_lost_jobs(self._door, _in_bundle(answers.error(Fault(_LOST), request_id="lost")))
                self._news.clear()
                job = await record.take_job(self._door)
                if job is not None:
                    await self._do(job, stopping)
                    continue
            except Unavailable:
                _log.warning("the database is away", extra={"job": "requests answered later"})
            except Exception:
                _log.exception("a job failed and is tried again", extra={"job": "requests answered later"})
            await _first(self._news, stopping, seconds=_IDLE)

    async def _do(self, job: Job, stopping: asyncio.Event) -> None:
        """Work on one job, unless it is cancelled or the server stops."""
        work = asyncio.create_task(self._answered(job))
        try:
            while True:
                await asyncio.wait({work}, timeout=_BEAT)
                if work.done():
                    permit, answer = work.result()
                    await record.end_job(self._door, permit, job.id, answer)
                    return
                if not await record.job_is_wanted(self._door, job.id):
                    return
                if stopping.is_set() and not job.changes:
                    await record.leave_job(self._door, job.id)
                    return
        finally:
            work.cancel()

    async def _answered(self, job: Job) -> tuple[Permit | None, bytes]:
        """The answer that the request would have had at once, in a Bundle, and the permit that it was made for."""
        permit: Permit | None = None
        try:
            permit = await self._bearers.permit_of_kept(job.token, request=job.id.hex)
            asked = msgspec.json.decode(job.request, type=_Asked)
            request = Request(
                asked.method, asked.path, asked.query, asked.headers, job.body, permit, asked.base, asked.own
            )
            async with asyncio.timeout(_LONGEST):
                answer = await self._answer(request)
            if len(answer.body) > _MOST:
                raise TooLarge(f"The answer is larger than {_MOST // 2**20} MiB. Ask for pages, or for less.")
        except FhirError as problem:
            answer = answers.error(problem, request_id=job.id.hex)
        except TimeoutError:
            told = f"This took longer than {_LONGEST:.0f} seconds and was given up. Ask for less at once."
            answer = answers.error(Busy(told), request_id=job.id.hex)
        except Unavailable as problem:
            told = f"{problem} Ask anew in a moment." if not problem.unknown else _LOST
            answer = answers.error(Busy(told), request_id=job.id.hex)
        except BAD_VALUE:
            told = "A value in the request is outside what can be searched or stored."
            answer = answers.error(Invalid(told), request_id=job.id.hex)
        except Exception:
            _log.exception("fault", extra={"request": job.id.hex})
            fault = Fault(f"Something is wrong on our side. Tell us the number {job.id.hex}.")
            answer = answers.error(fault, request_id=job.id.hex)
        return permit, _in_bundle(answer)


def _in_bundle(answer: Answer) -> bytes:
    """An answer as the one entry of a batch-response."""
    response: dict[str, Any] = {"status": f"{answer.status} {HTTPStatus(answer.status).phrase}"}
    if answer.status >= 400:
        response["outcome"] = msgspec.Raw(answer.body)
    resource = b'"resource":%b,' % answer.body if answer.body and answer.status < 400 else b""
    return b'{"resourceType":"Bundle","type":"batch-response","entry":[{%b"response":%b}]}' % (
        resource,
        msgspec.json.encode(response),
    )


async def _first(*events: asyncio.Event, seconds: float) -> None:
    """Wait until one of the events comes, or so many seconds."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
