"""What of the API is going away: one table, from which clients are told with every answer. RFC 9745, RFC 8594

docs/reference/stability.md promises how long the old way stays. An entry of `DEPRECATED` names a route by its code, a
parameter by its name, or a header by one of its values. Its use is counted and logged by client, so that the operator
knows whom to call before it goes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Final, Literal

import prometheus_client as prometheus
from msgspec.structs import replace

from samjournal.rest.answers import Answer
from samjournal.rest.request import Request, query_of

_log = logging.getLogger(__name__)
_uses = prometheus.Counter("samjournal_deprecated_uses", "Requests that used what is going away.", ("what", "client"))
_counted: set[str] = set()
MOST_CLIENTS: Final = 200
"""Further clients are counted together, so that nobody can make the numbers grow."""
STAYS: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Deprecated:
    """One thing that is going away: `since` a day, in a release, not before `until`. `instead` says what to do.

    A route is named by its code; a parameter by its name, with a value when only that one goes; a header by its name in
    small letters and the value.
    """

    kind: Literal["route", "parameter", "header"]
    name: str
    since: date
    release: str
    until: date
    instead: str
    value: str = ""

    def __post_init__(self) -> None:
        if self.until - self.since < STAYS:
            raise ValueError(f"{self.what} must stay for a year from {self.since}: docs/reference/stability.md")

    @property
    def what(self) -> str:
        """What it is called in metrics, the log and the documentation."""
        return f"{self.kind} {self.name}" + (f"={self.value}" if self.value else "")

    @property
    def told(self) -> str:
        """The sentence for people."""
        return f"Deprecated since {self.since} ({self.release}), removed no sooner than {self.until}. {self.instead}"


DEPRECATED: tuple[Deprecated, ...] = ()


def used(request: Request, code: str, among: Sequence[Deprecated]) -> Iterator[Deprecated]:
    """Which of them a request to the route `code` uses."""
    pairs = _parameters(request) if any(one.kind == "parameter" for one in among) else []
    for one in among:
        match one.kind:
            case "route":
                found = one.name == code
            case "parameter":
                found = any(
                    one.name in (name, name.partition(":")[0]) and one.value in ("", text) for name, text in pairs
                )
            case "header":
                sent = request.headers.get(one.name, "").lower().replace(" ", "").split(",")
                found = one.value.lower() in sent if one.value else one.name in request.headers
        if found:
            yield one


def told(answer: Answer, request: Request, code: str) -> Answer:
    """The answer, which says what of its request is going away; the use is counted and logged."""
    found = list(used(request, code, DEPRECATED))
    if not found:
        return answer
    client = _client(request)
    for one in found:
        _uses.labels(one.what, client).inc()
        _log.info("deprecated", extra={"what": one.what, "client": client, "until": str(one.until)})
    return replace(answer, headers={**answer.headers, **headers(found, request.base)})


def headers(found: Sequence[Deprecated], base: str) -> dict[str, str]:
    """When it became deprecated, when it goes at the soonest, and where that is told: of several the earliest."""
    since = min(_midnight(one.since) for one in found)
    until = min(_midnight(one.until) for one in found)
    return {
        "deprecation": f"@{int(since.timestamp())}",
        "sunset": format_datetime(until, usegmt=True),
        "link": f'<{base}/metadata>; rel="deprecation"; type="application/fhir+json"',
    }


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _parameters(request: Request) -> list[tuple[str, str]]:
    """Those of the address, of a form, and of the entries of a Bundle."""
    if request.method == "POST" and not request.path:
        entries = request.parsed().resource.get("entry", [])
        texts = [text for entry in entries for text in _queries(entry.get("request", {}))]
        return [*request.query, *(pair for text in texts for pair in query_of(text.encode()))]
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return [*request.query, *(query_of(request.body) if is_form else ())]


def _queries(request: dict[str, str]) -> tuple[str, str]:
    """The search in the address of an entry, and the criterion of its create."""
    return request.get("url", "").partition("?")[2], request.get("ifNoneExist", "").rpartition("?")[2]


def _client(request: Request) -> str:
    """The system that asked. People are counted together: which of them it was is nothing for metrics."""
    permit = request.who()
    if permit.kind != "system":
        return "people"
    if permit.actor not in _counted and len(_counted) >= MOST_CLIENTS:
        return "others"
    _counted.add(permit.actor)
    return permit.actor
