"""Charts of several regions, and how to ask them what happened when and where."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from demo.made import NOW, of
from samjournal.demo.chart import Chart
from samjournal.demo.region import charts

Resource = dict[str, Any]
REGIONS = ((2026, 1600), (7, 300), (41, 100))
"""Seeds and inhabitants."""
CAST = {
    *("ragnhild", "mina", "odin", "elias", "tiril", "nyfodt-hegdal", "ole-moan-1", "ole-moan-2", "jakub-nowicki"),
    *("ukjent-mann", "oksana", "oksana-dnr", "hallvard", "gunnhild"),
}
"""Who is written by hand."""
INPATIENT = {"IMP", "NONAC"}


@cache
def regions() -> dict[tuple[int, int], list[Chart]]:
    """Everybody in the regions. What is kept for all tests need not be gone through for garbage while it is made."""
    gc.disable()
    try:
        return {(seed, count): list(charts(count, seed, NOW)) for seed, count in REGIONS}
    finally:
        gc.freeze()
        gc.enable()


def everybody() -> Iterator[Chart]:
    """Everybody in every region, one after another."""
    for some in regions().values():
        yield from some


def generated() -> Iterator[Chart]:
    """Everybody who is not written by hand."""
    return (chart for chart in everybody() if chart.id not in CAST)


def instant(text: str, *, end: bool = False) -> datetime:
    """A FHIR dateTime as a moment; a date is its first second, or its last when `end`."""
    if "T" in text:
        return datetime.fromisoformat(text)
    day = f"{text}-01-01"[:10] if not end else f"{text}-12-31"[:10]
    return datetime.fromisoformat(f"{day}T{'23:59:59' if end else '00:00:00'}+01:00")


def span(period: Resource) -> tuple[datetime, datetime]:
    """From and to; what lasts ends now."""
    return instant(period["start"]), instant(period["end"], end=True) if "end" in period else NOW


def code(resource: Resource) -> str:
    """The code of the first coding, or nothing."""
    return str(resource.get("code", {}).get("coding", [{}])[0].get("code", ""))


def by_reference(chart: Chart) -> dict[str, Resource]:
    """The chart's resources by what refers to them."""
    return {f"{r['resourceType']}/{r['id']}": r for r in chart.resources}


def text(note: Resource) -> str:
    """A note's words, with its markup."""
    return str(note["section"][0]["text"]["div"])


def atc(request: Resource) -> str:
    """What was prescribed."""
    return str(request["medicationCodeableConcept"]["coding"][0]["code"])


def stays(chart: Chart) -> list[Resource]:
    """Stays in wards and nursing homes."""
    return [r for r in of(chart, "Encounter") if r["class"]["code"] in INPATIENT]


def references(value: Any) -> Iterator[str]:
    """Every literal reference in a resource."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


_WHEN = (
    *("effectiveDateTime", "issued", "date", "authoredOn", "recordedDate", "onsetDateTime", "occurrenceDateTime"),
    *("abatementDateTime", "start", "end", "created", "startDate", "lastModified"),
)


def moments(resource: Resource) -> Iterator[str]:
    """Every date that says when something was."""
    lasting = ("period", "performedPeriod", "occurrencePeriod")
    for part in (resource, *(resource.get(name, {}) for name in lasting)):
        yield from (part[name] for name in _WHEN if isinstance(part.get(name), str))
