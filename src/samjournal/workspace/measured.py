"""Vital signs and laboratory results on the chart: last value, what is usual, and where it is heading.

hl7.org/fhir/R4/observation-vitalsigns.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from samjournal.ui import formats
from samjournal.ui.language import marked
from samjournal.workspace.ages import AGES
from samjournal.workspace.facts import (
    LOINC,
    SNOMED,
    Reader,
    Resource,
    author,
    code,
    newest_first,
    said,
    standing,
    stands,
    when,
)

BLOOD_PRESSURE: Final = "85354-9"
SYSTOLIC: Final = "8480-6"
DIASTOLIC: Final = "8462-4"
WEIGHT: Final = "29463-7"
NEWS2: Final = "1104051000000101"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one thing is called and what is usual in adults at rest."""

    loinc: str
    name: str
    low: float | None = None
    high: float | None = None


# Usual in adults; children are shown without a band, so that nothing false is said of them.
VITALS: Final = (
    Kind(BLOOD_PRESSURE, marked("Blodtrykk"), 100, 150),
    Kind("59408-5", marked("SpO₂"), 94, 100),
    Kind("8867-4", marked("Puls"), 50, 100),
    Kind("9279-1", marked("Resp.frekv."), 12, 20),
    Kind("8310-5", marked("Temp."), 36.0, 38.0),
    Kind(WEIGHT, marked("Vekt")),
)
# The order in which the ward reads them; what is not named here follows by name.
LABS: Final = (
    Kind("1988-5", marked("CRP")),
    Kind("718-7", marked("Hemoglobin")),
    Kind("14682-9", marked("Kreatinin")),
    Kind("33762-6", marked("NT-proBNP")),
    Kind("2823-3", marked("Kalium")),
    Kind("2951-2", marked("Natrium")),
    Kind("59261-8", marked("HbA1c")),
    Kind("3016-3", marked("TSH")),
    Kind("62238-1", marked("eGFR")),
)
ADULT: Final = 18
POINTS: Final = 12
SAME_SET: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Spark:
    """A small trend in a box of 52 by 16: the line, its last point, and where the usual band lies."""

    line: str
    x: float
    y: float
    band_top: float | None
    band_height: float


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is measured, ready to show."""

    name: str
    value: str
    unit: str
    mark: str  # "", "høy", "lav"
    arrow: str  # "", "up", "down"
    change: str
    spark: Spark | None
    trend: str  # the same as the drawing, in words
    at: str
    when: str
    by: str
    apart: str  # its own time, where it was not taken with the newest
    old: str
    new: str
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """The early warning score as somebody recorded it."""

    value: int
    level: str  # low, medium, high
    words: str
    when: str


def vitals(
    observations: Iterable[Resource], reader: Reader, *, adult: bool, window: timedelta, stale: timedelta
) -> list[Measure]:
    """The six vital signs in their fixed places; what was never measured says so."""
    found = _by_kind(observations, LOINC)
    measures = [
        _measure(found[kind.loinc], kind, reader, window=window, limits=_limits(kind, adult), stale=stale)
        if kind.loinc in found
        else _never(kind, reader)
        for kind in VITALS
    ]
    return _timed(measures, reader)


def labs(
    observations: Iterable[Resource], reader: Reader, *, window: timedelta, stale: timedelta = AGES["results"]
) -> list[Measure]:
    """The last value of each laboratory test, the commonest first."""
    found = _by_kind(observations, LOINC)
    known = {kind.loinc: kind for kind in LABS}
    order = [kind.loinc for kind in LABS if kind.loinc in found] + sorted(set(found) - set(known))
    measures = [
        _measure(
            found[loinc],
            known.get(loinc) or Kind(loinc, said(found[loinc][-1].get("code"), reader.language)),
            reader,
            window=window,
            limits=_reference(found[loinc][-1]),
            stale=stale,
        )
        for loinc in order
    ]
    return _timed(measures, reader)


def score(observations: Iterable[Resource], reader: Reader, parts: Iterable[Resource] = ()) -> Score | None:
    """NEWS2 with where it came from; None when nobody recorded one in the last two days. A score that was computed from
    one of `parts` that does not stand any more is none."""
    _ = reader.language
    struck = {f"Observation/{part.get('id')}" for part in parts if not stands(part)}
    scores = [
        each
        for each in newest_first(observations, "effectiveDateTime")
        if code(each.get("code"), SNOMED) == NEWS2
        and struck.isdisjoint(str(one.get("reference")) for one in each.get("derivedFrom") or ())
    ]
    recent = [
        each for each in scores if reader.now - formats.order(when(each, "effectiveDateTime")) < timedelta(days=2)
    ]
    if not recent or not isinstance(recent[0].get("valueInteger"), int):
        return None
    value = int(recent[0]["valueInteger"])
    level, words = ("high", _("høy")) if value >= 7 else ("medium", _("middels")) if value >= 5 else ("low", _("lav"))
    if level == "low" and "single" in _interpretations(recent[0]):
        level, words = "high", _("én verdi gir 3 poeng")
    worst = max(int(each.get("valueInteger") or 0) for each in scores)
    if worst > value:
        words = _("{level}, ned fra {value}", level=words, value=worst)
    elif len(scores) > 1 and int(scores[1].get("valueInteger") or 0) < value:
        words = _("{level}, opp fra {value}", level=words, value=scores[1]["valueInteger"])
    return Score(value, level, words, reader.when(when(recent[0], "effectiveDateTime")))


def newest(observations: Iterable[Resource], reader: Reader) -> str:
    """Who took the last set and when: the heading's source."""
    last = newest_first(observations, "effectiveDateTime")[:1]
    if not last:
        return ""
    said_when = reader.when(when(last[0], "effectiveDateTime"))
    return " · ".join(part for part in (said_when, author(last[0])) if part)


def blood_pressure_value(observation: Resource) -> str:
    """`118/68`, with the word for a part that is missing."""
    parts = {code(part.get("code"), LOINC): part for part in observation.get("component") or ()}
    values = [_quantity(parts.get(loinc, {})) for loinc in (SYSTOLIC, DIASTOLIC)]
    return "/".join("?" if value is None else f"{value:.0f}" for value in values)


def usable(measures: Iterable[Measure]) -> list[Measure]:
    """Those outside the usual range."""
    return [measure for measure in measures if measure.mark]


def _timed(measures: Sequence[Measure], reader: Reader) -> list[Measure]:
    """Gives each measure that was not taken with the newest one its own time: the heading's is not its."""
    last = max((formats.order(each.at) for each in measures), default=reader.now)
    return [
        replace(each, apart=_own_time(each.at, reader))
        if each.at and last - formats.order(each.at) > SAME_SET
        else each
        for each in measures
    ]


def _own_time(at: str, reader: Reader) -> str:
    is_today = formats.order(at).astimezone(formats.OSLO).date() == reader.now.astimezone(formats.OSLO).date()
    return formats.clock(at, language=reader.language) if is_today else reader.day(at)


def _by_kind(observations: Iterable[Resource], system: str) -> dict[str, list[Resource]]:
    """The observations of each kind that stand and have a value, oldest first."""
    found: dict[str, list[Resource]] = {}
    for each in sorted(standing(observations), key=lambda each: formats.order(when(each, "effectiveDateTime"))):
        # A blood pressure is known by its parts: the panel has had several codes.
        parts = {code(part.get("code"), LOINC) for part in each.get("component") or ()}
        loinc = BLOOD_PRESSURE if SYSTOLIC in parts else code(each.get("code"), system)
        if loinc and _value(each) is not None:
            found.setdefault(loinc, []).append(each)
    return found


def _measure(
    series: Sequence[Resource],
    kind: Kind,
    reader: Reader,
    *,
    window: timedelta,
    limits: tuple[float | None, float | None],
    stale: timedelta,
) -> Measure:
    _ = reader.language
    last = series[-1]
    value = _value(last) or 0.0
    at = when(last, "effectiveDateTime")
    taken = formats.order(at)
    shown = [each for each in series if taken - formats.order(when(each, "effectiveDateTime")) <= window][-POINTS:]
    values = [(formats.order(when(each, "effectiveDateTime")), _value(each) or 0.0) for each in shown]
    flag, arrow = _flag(last, value, limits, kind.loinc)
    unit = str((last.get("valueQuantity") or {}).get("unit") or "")
    text = blood_pressure_value(last) if kind.loinc == BLOOD_PRESSURE else _written(last, reader)
    return Measure(
        name=_(kind.name),
        value=text,
        unit="" if kind.loinc == BLOOD_PRESSURE or unit == "/min" else unit,
        mark=_(flag) if flag else "",
        arrow=arrow,
        change=_change(values, reader) if kind.loinc == WEIGHT else "",
        spark=spark(values, limits) if len(values) > 1 else None,
        trend=_trend(values, reader),
        at=at,
        when=reader.when(at),
        by=author(last),
        apart="",
        old=_("{age} gammel", age=formats.ago(at, now=reader.now, language=_)) if reader.now - taken > stale else "",
        new=reader.newness(last),
        critical=any(found in ("HH", "LL", "AA") for found in _interpretations(last)),
    )


def _never(kind: Kind, reader: Reader) -> Measure:
    return Measure(reader.language(kind.name), "", "", "", "", "", None, "", "", "", "", "", "", "")


def spark(values: Sequence[tuple[datetime, float]], limits: tuple[float | None, float | None]) -> Spark:
    """The drawing: time along, value up, the band cut to the box."""
    width, height, margin = 52.0, 16.0, 2.0
    numbers = [value for _at, value in values]
    low, high = min(numbers), max(numbers)
    # The nearest limit is drawn in when it is close, so that the band says on which side the line lies.
    for limit in limits:
        if (
            limit is not None
            and low - (high - low) - abs(limit) * 0.1 <= limit <= high + (high - low) + abs(limit) * 0.1
        ):
            low, high = min(low, limit), max(high, limit)
    span = (high - low) or 1.0
    start, length = values[0][0], (values[-1][0] - values[0][0]).total_seconds() or 1.0

    def up(value: float) -> float:
        return round(margin + (height - 2 * margin) * (1 - (value - low) / span), 1)

    points = [(round((at - start).total_seconds() / length * width, 1), up(value)) for at, value in values]
    top = 0.0 if limits[1] is None else max(0.0, min(height, up(limits[1])))
    bottom = height if limits[0] is None else max(0.0, min(height, up(limits[0])))
    banded = limits != (None, None) and bottom > top
    return Spark(
        line=" ".join(f"{x},{y}" for x, y in points),
        x=points[-1][0],
        y=points[-1][1],
        band_top=top if banded else None,
        band_height=round(bottom - top, 1) if banded else 0.0,
    )


def _limits(kind: Kind, adult: bool) -> tuple[float | None, float | None]:
    return (kind.low, kind.high) if adult else (None, None)


def _reference(observation: Resource) -> tuple[float | None, float | None]:
    """The laboratory's own reference range."""
    given = (observation.get("referenceRange") or [{}])[0]
    return _number((given.get("low") or {}).get("value")), _number((given.get("high") or {}).get("value"))


def _flag(
    observation: Resource, value: float, limits: tuple[float | None, float | None], loinc: str
) -> tuple[str, str]:
    """High or low: what the laboratory said goes before what we reckon from the range."""
    said_by_lab = _interpretations(observation)
    if any(found in ("H", "HH", "HU") for found in said_by_lab):
        return marked("høy"), "up"
    if any(found in ("L", "LL", "LU") for found in said_by_lab):
        return marked("lav"), "down"
    if said_by_lab or loinc == WEIGHT:
        return "", ""
    low, high = limits
    if high is not None and value > high:
        return marked("høy"), "up"
    if low is not None and value < low:
        return marked("lav"), "down"
    return "", ""


def flag_of(observation: Resource, reader: Reader) -> str:
    """`høy` or `lav` as the laboratory said, or by its own range; nothing where neither is known."""
    value = _value(observation)
    found, _arrow = ("", "") if value is None else _flag(observation, value, _reference(observation), "")
    return reader.language(found) if found else ""


def written_value(observation: Resource, reader: Reader) -> str:
    """The value of anything observed, with its unit; nothing where it has none."""
    _ = reader.language
    if observation.get("component") and _value(observation) is not None:
        return blood_pressure_value(observation)
    if _value(observation) is not None:
        unit = str((observation.get("valueQuantity") or {}).get("unit") or "")
        return " ".join(filter(None, (_written(observation, reader), unit)))
    if isinstance(observation.get("valueBoolean"), bool):
        return _("ja") if observation["valueBoolean"] else _("nei")
    return str(observation.get("valueString") or said(observation.get("valueCodeableConcept"), _))


def _interpretations(observation: Resource) -> list[str]:
    return [
        str(coding.get("code"))
        for concept in observation.get("interpretation") or ()
        for coding in concept.get("coding") or ()
    ]


def _trend(values: Sequence[tuple[datetime, float]], reader: Reader) -> str:
    if len(values) < 2:
        return ""
    _ = reader.language
    first, last = (formats.number(value, language=_) for value in (values[0][1], values[-1][1]))
    since = formats.day(values[0][0], now=reader.now, language=_)
    return _("fra {first} {since} til {last}", first=first, since=since, last=last)


def _change(values: Sequence[tuple[datetime, float]], reader: Reader) -> str:
    """The change over the window, with its sign."""
    if len(values) < 2:
        return ""
    change = round(values[-1][1] - values[0][1], 1)
    sign = "+" if change > 0 else ""
    return f"{sign}{formats.number(change, language=reader.language, decimals=1)}" if change else ""


def _written(observation: Resource, reader: Reader) -> str:
    """The value as the record has it: `11,2`, `<5`, or the words."""
    quantity = observation.get("valueQuantity")
    if quantity is None:
        return str(observation.get("valueInteger"))
    # More than two decimals is the precision of a machine, not of a measurement; the record keeps them all.
    value = round(quantity["value"], 2)
    return str(quantity.get("comparator") or "") + formats.number(value, language=reader.language)


def _value(observation: Resource) -> float | None:
    """The number to draw: the systolic pressure stands for a blood pressure."""
    if observation.get("component"):
        parts = {code(part.get("code"), LOINC): part for part in observation["component"]}
        return _quantity(parts.get(SYSTOLIC, {}))
    return _quantity(observation)


def _quantity(holder: Resource) -> float | None:
    return _number((holder.get("valueQuantity") or {}).get("value", holder.get("valueInteger")))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
