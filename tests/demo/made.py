"""One demo region that the tests of this folder look at, at a fixed moment."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from samjournal.demo.chart import Chart
from samjournal.demo.clock import clock
from samjournal.demo.organisations import register
from samjournal.demo.region import charts
from samjournal.demo.workers import workers

NOW = datetime.fromisoformat("2026-11-24T09:45:00+01:00")
SEED = 2026


@cache
def everybody() -> list[Chart]:
    return list(charts(500, SEED, NOW))


@cache
def resources() -> list[dict[str, Any]]:
    return [
        *register(500, workers(SEED, clock(NOW))),
        *(resource for chart in everybody() for resource in chart.resources),
    ]


def of(chart: Chart, type_: str) -> list[dict[str, Any]]:
    return [resource for resource in chart.resources if resource["resourceType"] == type_]


def chart(id_: str) -> Chart:
    return next(found for found in everybody() if found.id == id_)
