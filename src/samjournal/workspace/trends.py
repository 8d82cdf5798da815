"""What was measured over time: a drawing for each kind, the same in words, and the values beside it. Pure.

    trends(observations, reader, …) -> list[Trend]

One axis for each kind; the usual band where there is one. What was struck is in no drawing, and stands in the table
with its reason. hl7.org/fhir/R4/observation-vitalsigns.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from samjournal.ui import formats
from samjournal.ui.language import marked
from samjournal.vitals import CONSCIOUSNESS, KINDS, is_score, values_of
from samjournal.workspace.facts import Reader, Resource, author, name_of, stands, when

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 620, 150, 44, 8, 22
"""The drawing, and the room for its axes."""
SHOWN: Final = 8
"""So many lines of a table are shown at once."""
FOLDED: Final = 24
"""And so many more when it is unfolded; what is older stands on the page before."""
POINTS: Final = 100
"""A line of a drawing has no more points: of more values the lowest and the highest of each stretch are drawn."""
DOTS: Final = 60
"""Of more values each has no dot of its own."""


@dataclass(frozen=True, slots=True)
class Series:
    """How one kind is called and drawn. `parts` are the values that share its axis; `usual` in adults at rest; the
    axis is never shorter than `least`, and keeps within `ends`, from the first of them."""

    name: str
    parts: tuple[str, ...]
    title: str
    unit: str
    usual: tuple[float | None, float | None] = (None, None)
    least: float = 1
    ends: tuple[float | None, float | None] = (None, None)


SERIES: Final = (
    Series("news2", ("news2",), "NEWS2", "", (None, 4), 8, (0, None)),
    Series("pressure", ("systolic", "diastolic"), marked("Blodtrykk"), "mmHg", (100, 150), 40),
    Series("pulse", ("pulse",), marked("Puls"), "/min", (50, 100), 20),
    Series("respiration", ("respiration",), marked("Respirasjonsfrekvens"), "/min", (12, 20), 8),
    Series("saturation", ("saturation",), marked("SpO₂"), "%", (94, 100), 6, (None, 100)),
    Series("oxygen", ("oxygen",), marked("Oksygen"), "l/min", (None, None), 4, (0, None)),
    Series("temperature", ("temperature",), marked("Temperatur"), "°C", (36.0, 38.0), 2),
    Series("consciousness", ("consciousness",), marked("Bevissthet"), ""),
    Series("pain", ("pain",), marked("Smerte (0–10)"), "", (None, None), 10, (0, 10)),
    Series("glucose", ("glucose",), marked("Blodsukker"), "mmol/L", (4.0, 10.0), 4),
    Series("weight", ("weight",), marked("Vekt"), "kg", (None, None), 4),
    Series("height", ("height",), marked("Høyde"), "cm", (None, None), 10),
)
AIM_OF_SCALE_2: Final = (88.0, 92.0)
LEVELS: Final = {
    "A": marked("våken (A)"),
    "C": marked("nyoppstått forvirring (C)"),
    "V": marked("reagerer på tiltale (V)"),
    "P": marked("reagerer på smerte (P)"),
    "U": marked("reagerer ikke (U)"),
}
assert LEVELS.keys() == CONSCIOUSNESS.keys()


@dataclass(frozen=True, slots=True)
class Line:
    """One value in the table: when, what, from where, and what happened to it."""

    id: str
    when: str
    value: str
    mark: str  # "", "høy", "lav"
    source: str
    note: str
    struck: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and what stands beside it."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines as SVG's points, dots, the band, and the axes, in a box of WIDTH by HEIGHT."""

    lines: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    band: tuple[float, float] | None  # top, height
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """One kind: its drawing (None for fewer than two values, or no numbers), in words, and the newest values first.
    `older` is when the last of them was measured, where there are values before it that are not listed."""

    name: str
    title: str
    unit: str
    words: str
    drawing: Drawing | None
    lines: tuple[Line, ...]
    more: tuple[Line, ...]
    older: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Value:
    at: datetime
    numbers: tuple[float, ...]
    text: str
    line: Line


def trends(observations: Iterable[Resource], reader: Reader, *, adult: bool, scale_2: bool = False) -> list[Trend]:
    """The kinds that something was measured of, in the order of the ward."""
    found: dict[str, list[_Value]] = {}
    for each in observations:
        if (value := _value(each, reader, adult=adult, scale_2=scale_2)) is not None:
            found.setdefault(value[0], []).append(value[1])
    return [
        _trend(series, sorted(found[series.name], key=lambda one: one.at), reader, _usual(series, adult, scale_2))
        for series in SERIES
        if series.name in found
    ]


def value_in_words(observation: Resource, reader: Reader) -> str:
    """A measurement as it is written: `118/68 mmHg`, `38,4 °C`, `våken (A)`."""
    series, values = _series(observation)
    if series is None:
        return ""
    text = _text(series, values, reader)
    return f"{text} {series.unit}" if series.unit else text


def _series(observation: Resource) -> tuple[Series | None, Mapping[str, float | str]]:
    if is_score(observation):
        total = observation.get("valueInteger")
        return (SERIES[0], {"news2": float(total)}) if isinstance(total, int) else (None, {})
    values = values_of(observation)
    series = next((one for one in SERIES if set(one.parts) <= values.keys()), None)
    return series, values


def _value(observation: Resource, reader: Reader, *, adult: bool, scale_2: bool) -> tuple[str, _Value] | None:
    series, values = _series(observation)
    written = when(observation, "effectiveDateTime")
    if series is None or not written:
        return None
    numbers = tuple(float(values[part]) for part in series.parts if not isinstance(values[part], str))
    text = _text(series, values, reader)
    line = Line(
        id=str(observation.get("id", "")),
        when=reader.when(written),
        value=text,
        mark=_mark(numbers, _usual(series, adult, scale_2), reader) if stands(observation) else "",
        source=source(observation, reader),
        note=_note(observation),
        struck=not stands(observation),
        may_change=stands(observation) and not is_score(observation),
    )
    return series.name, _Value(formats.order(written), numbers, text, line)


def _text(series: Series, values: Mapping[str, float | str], reader: Reader) -> str:
    _ = reader.language
    if series.name == "consciousness":
        return _(LEVELS[str(values["consciousness"])])
    if series.name == "oxygen" and values["oxygen"] == 0:
        return _("luft")
    decimals = {part: KINDS[part].decimals if part in KINDS else 0 for part in series.parts}
    return "/".join(formats.number(round(float(values[part]), decimals[part] + 1), language=_) for part in series.parts)


def _usual(series: Series, adult: bool, scale_2: bool) -> tuple[float | None, float | None]:
    """Children have no band, so that nothing false is said of them; the score is the same for all who have one."""
    if series.name == "saturation" and scale_2:
        return AIM_OF_SCALE_2
    return series.usual if adult or series.name == "news2" else (None, None)


def _mark(numbers: Sequence[float], usual: tuple[float | None, float | None], reader: Reader) -> str:
    if not numbers:
        return ""
    low, high = usual
    if high is not None and numbers[0] > high:
        return reader.language("høy")
    return reader.language("lav") if low is not None and numbers[0] < low else ""


def source(observation: Resource, reader: Reader) -> str:
    """Who measured it, or which device it came from."""
    _ = reader.language
    device = observation.get("device")
    if device:
        return _("apparat: {name}", name=name_of(device)) if name_of(device) else _("apparat")
    return author(observation) or _("kilde ikke oppgitt")


def _note(observation: Resource) -> str:
    notes = [str(one.get("text", "")) for one in observation.get("note") or () if one.get("text")]
    if observation.get("status") in ("amended", "corrected", "entered-in-error") and notes:
        return notes[-1]
    return ""


def _trend(series: Series, values: Sequence[_Value], reader: Reader, usual: tuple[float | None, float | None]) -> Trend:
    standing = [one for one in values if not one.line.struck]
    drawn = [one for one in standing if one.numbers]
    lines = tuple(one.line for one in reversed(values))[: SHOWN + FOLDED]
    cut = SHOWN if len(lines) > SHOWN + 1 else len(lines)
    return Trend(
        name=series.name,
        title=reader.language(series.title),
        unit=series.unit,
        words=_words(series, standing, reader, usual),
        drawing=_drawing(series, drawn, usual, reader) if len(drawn) > 1 else None,
        lines=lines[:cut],
        more=lines[cut:],
        older=values[-len(lines)].at if len(values) > len(lines) else None,
    )


def _words(series: Series, values: Sequence[_Value], reader: Reader, usual: tuple[float | None, float | None]) -> str:
    """The drawing in words, for who does not see it."""
    _ = reader.language
    title = _(series.title)
    if not values:
        return _("{name}: ingen målinger som gjelder.", name=title)
    last = values[-1]
    if len(values) == 1 or not last.numbers:
        return _("{name}: {value} {when}.", name=title, value=last.text, when=last.line.when)
    by_size = sorted(values, key=lambda one: one.numbers[0])
    said = _(
        "{name}: {n} målinger fra {first} til {last}. Lavest {low}, høyest {high}, sist {value}.",
        name=title, n=len(values), first=values[0].line.when, last=last.line.when,
        low=by_size[0].text, high=by_size[-1].text, value=last.text,
    )  # fmt: skip
    low, high = (None if one is None else formats.number(one, language=_) for one in usual)
    if low is not None and high is not None:
        said += " " + _("Vanlig er {low} til {high}.", low=low, high=high)
    return said


def _drawing(
    series: Series, values: Sequence[_Value], usual: tuple[float | None, float | None], reader: Reader
) -> Drawing:
    numbers = [number for one in values for number in one.numbers]
    low, high, step = _scale(min(numbers), max(numbers), series)
    first, last = values[0].at, values[-1].at
    length = (last - first).total_seconds() or 1.0

    def x(at: datetime) -> float:
        return round(LEFT + 6 + (at - first).total_seconds() / length * (WIDTH - LEFT - 12), 1)

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low)), 1)

    points = [[(x(one.at), y(one.numbers[part])) for one in values] for part in range(len(series.parts))]
    count = round((high - low) / step)
    return Drawing(
        lines=tuple(" ".join(f"{across},{up}" for across, up in thinned(line)) for line in points),
        dots=tuple(point for line in points for point in line) if len(values) <= DOTS else (),
        band=_band(usual, low, high, y),
        across=tuple(_days(first, last, x, reader)),
        up=tuple(
            Tick(y(low + n * step), formats.number(round(low + n * step, 1), language=reader.language))
            for n in range(count + 1)
        ),
    )


def thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A line of at most POINTS and its ends, from left to right: the lowest and the highest of each stretch, so that
    nothing that stands out is lost."""
    if len(points) <= POINTS:
        return list(points)
    first, length = points[0][0], points[-1][0] - points[0][0]
    stretches: dict[int, list[int]] = {}
    for place, (across, _up) in enumerate(points):
        stretches.setdefault(int((across - first) / (length or 1) * (POINTS // 2 - 1)), []).append(place)
    kept = {0, len(points) - 1}
    for places in stretches.values():
        by_height = sorted(places, key=lambda place: points[place][1])
        kept |= {by_height[0], by_height[-1]}
    return [points[place] for place in sorted(kept)]


def _band(
    usual: tuple[float | None, float | None], low: float, high: float, y: Callable[[float], float]
) -> tuple[float, float] | None:
    """The part of the usual band that lies in the drawing."""
    if usual == (None, None):
        return None
    lowest, highest = usual
    top = high if highest is None else min(high, highest)
    bottom = low if lowest is None else max(low, lowest)
    return (y(top), round(y(bottom) - y(top), 1)) if top > bottom else None


def _scale(least: float, most: float, series: Series) -> tuple[float, float, float]:
    """Where the axis begins and ends, and its step: round numbers, and never so near that noise looks like a change."""
    first, last = series.ends
    least = least if first is None else min(first, least)
    middle, span = (least + most) / 2, max(most - least, series.least)
    step = next(one for one in (0.5, 1, 2, 5, 10, 20, 50, 100, 1000) if span / one <= 5)
    start = least if first is not None else max(0.0, middle - span / 2)
    end = start + span if first is not None else middle + span / 2
    high = step * -(-end // step)
    return step * (start // step), high if last is None else min(high, max(last, most)), step


def _days(first: datetime, last: datetime, x: Callable[[datetime], float], reader: Reader) -> list[Tick]:
    """Four moments along the axis: with a clock within two days, else days, each once."""
    found: list[Tick] = []
    for part in range(4):
        at = first + (last - first) * part / 3
        short = last - first <= timedelta(days=2)
        text = reader.when(at.isoformat()) if short else reader.day(at.astimezone(formats.OSLO).date().isoformat())
        if not found or found[-1].text != text:
            found.append(Tick(x(at), text))
    return found
