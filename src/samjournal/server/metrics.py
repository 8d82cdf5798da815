"""Numbers for the people who run it, at /metrics. prometheus.io/docs/instrumenting/exposition_formats"""

from __future__ import annotations

from functools import lru_cache

import prometheus_client as prometheus
from starlette.requests import Request
from starlette.responses import Response

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FACES = frozenset({"fhir", "workspace", "portal", "signin", "static", "health", "live"})

# Restarts show as a fall to zero; a second series that says when is not needed.
prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]

_answers = prometheus.Counter("samjournal_requests", "Requests answered.", ("face", "method", "status"))
_seconds = prometheus.Histogram("samjournal_request_seconds", "Time to answer.", ("face",), buckets=_SECONDS)
refused = prometheus.Counter("samjournal_refused", "Requests sent away because there were too many.", ("status",))
_in_work = prometheus.Gauge("samjournal_requests_in_work", "Requests that are worked on.")
_waiting = prometheus.Gauge("samjournal_requests_waiting", "Requests that wait for their turn.")
connections = prometheus.Gauge("samjournal_connections", "Connections of clients.")
_connections = prometheus.Gauge("samjournal_database_connections", "Database connections.", ("state",))
_database = prometheus.Gauge("samjournal_database_up", "1 while the database answers.")
_client_requests = prometheus.Gauge(
    "samjournal_client_requests", "Requests by systems, and by people of a kind, since the start.", ("client",)
)
_client_seconds = prometheus.Gauge("samjournal_client_seconds", "Seconds from request to answer.", ("client",))
_client_refused = prometheus.Gauge("samjournal_client_refused", "Requests refused as too many.", ("client",))
feed_lag = prometheus.Gauge("samjournal_feed_lag_seconds", "Age of the oldest change not yet taken.", ("reader",))

exchange_depth = prometheus.Gauge("samjournal_exchange_waiting", "Messages that wait to be sent.", ("connection",))
exchange_oldest = prometheus.Gauge(
    "samjournal_exchange_oldest_seconds", "How long the oldest of those has waited.", ("connection",)
)
exchange_awaiting = prometheus.Gauge(
    "samjournal_exchange_awaiting", "Messages that were sent and have no receipt yet.", ("connection",)
)
exchange_failed = prometheus.Gauge(
    "samjournal_exchange_failed", "Messages that stopped and wait for a person.", ("connection",)
)

notices_waiting = prometheus.Gauge("samjournal_notices_waiting", "Notices that wait on a channel.", ("channel",))
notices_oldest = prometheus.Gauge(
    "samjournal_notices_oldest_seconds", "How long the oldest of those has waited.", ("channel",)
)
notices_failed = prometheus.Gauge(
    "samjournal_notices_failed", "Notices that a channel did not carry in the last day.", ("channel",)
)

sealed = prometheus.Gauge("samjournal_audit_sealed_timestamp_seconds", "When the log of looks was sealed last.")
renewed = prometheus.Gauge(
    "samjournal_parameter_indexed", "Of the resources, the part that an added parameter finds.", ("type", "code")
)


def answered(*, method: str, path: str, status: int, seconds: float) -> None:
    """Count one answer. Labels are few and known, so that no visitor can make them grow."""
    count, time = _series(path, method, status)
    count.inc()
    time.observe(seconds)


@lru_cache(maxsize=4096)
def _series(path: str, method: str, status: int) -> tuple[prometheus.Counter, prometheus.Histogram]:
    face = path.partition("/")[2].partition("/")[0]
    face, method = face if face in _FACES else "other", method if method in _METHODS else "other"
    return _answers.labels(face, method, str(status)), _seconds.labels(face)


async def show(request: Request) -> Response:
    """GET /metrics."""
    pool = request.app.state.pool
    settings = request.app.state.settings
    gate = request.app.state.gate
    _in_work.set(gate.in_work)
    _waiting.set(gate.waiting)
    _connections.labels("open").set(pool.size)
    _connections.labels("idle").set(pool.idle)
    for client, used in request.app.state.usage.by_name():
        _client_requests.labels(client).set(used.requests)
        _client_seconds.labels(client).set(used.seconds)
        _client_refused.labels(client).set(used.refused)
    _database.set(settings.database_state()[0] == "running")
    return Response(prometheus.generate_latest(), media_type=prometheus.CONTENT_TYPE_LATEST)
