"""Test results and measurements, the verdict first. hl7.org/fhir/R4/observation.html"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from samjournal.portal import facts, trend
from samjournal.portal.facts import Resource
from samjournal.portal.words import DIASTOLIC, SYSTOLIC, TESTS, UNITS, capital
from samjournal.ui.formats import number as written
from samjournal.ui.formats import order
from samjournal.ui.language import Language, marked

# What the laboratory itself said comes before what the numbers say.
# hl7.org/fhir/R4/valueset-observation-interpretation.html
SAID = {"HH": "very-high", "LL": "very-low", "A": "outside", "AA": "outside", "N": "usual"}

VERDICTS = {
    "usual": marked("Vanlig"),
    "bit-high": marked("Litt høyere enn vanlig"),
    "bit-low": marked("Litt lavere enn vanlig"),
    "high": marked("Høyere enn vanlig"),
    "low": marked("Lavere enn vanlig"),
    "very-high": marked("Mye høyere enn vanlig"),
    "very-low": marked("Mye lavere enn vanlig"),
    "outside": marked("Utenfor det vanlige"),
}

SENTENCES = {
    "usual": marked("Svaret er {value}. Det er vanlig."),
    "bit-high": marked("Svaret er {value}. Det er litt høyere enn vanlig."),
    "bit-low": marked("Svaret er {value}. Det er litt lavere enn vanlig."),
    "high": marked("Svaret er {value}. Det er høyere enn vanlig."),
    "low": marked("Svaret er {value}. Det er lavere enn vanlig."),
    "very-high": marked("Svaret er {value}. Det er mye høyere enn vanlig."),
    "very-low": marked("Svaret er {value}. Det er mye lavere enn vanlig."),
    "outside": marked("Svaret er {value}. Det er utenfor det vanlige."),
}


@dataclass(frozen=True, slots=True)
class Result:
    """One result. `level` is usual, outside or unknown; `value` is worded, `number` is for the curve."""

    id: str
    code: str | None
    name: str
    value: str
    unit: str
    verdict: str
    sentence: str
    level: str
    usual: str | None
    taken: str | None
    by: str | None
    new: bool
    preliminary: bool
    number: float | None
    low: float | None
    high: float | None

    @property
    def measured(self) -> str:
        """The value with its unit."""
        return f"{self.value} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Tested:
    """One test with all its results, newest first."""

    latest: Result
    earlier: tuple[Result, ...]
    meaning: str | None

    @property
    def all(self) -> tuple[Result, ...]:
        return (self.latest, *self.earlier)


def read(observation: Resource, _: Language, *, last_visit: datetime | None = None) -> Result:
    """One Observation as a citizen reads it."""
    code = facts.code(observation.get("code"), facts.LOINC)
    known = TESTS.get(code or "")
    low, high = _limits(observation)
    number = _number(observation)
    verdict = _verdict(observation, number, low, high)
    value = _value(observation, _)
    unit = _unit(observation, _)
    shown = f"{value} {unit}".strip()
    given = facts.when(observation, "issued", "effectiveDateTime")
    return Result(
        id=str(observation.get("id", "")),
        code=code,
        name=_(known.name) if known else capital(facts.words(observation.get("code")) or _("Uten navn")),
        value=value,
        unit=unit,
        verdict=_(VERDICTS[verdict]) if verdict else "",
        sentence=_(SENTENCES[verdict] if verdict else marked("Svaret er {value}."), value=shown),
        level="unknown" if verdict is None else "usual" if verdict == "usual" else "outside",
        usual=_usual(low, high, unit, _),
        taken=facts.when(observation, "effectiveDateTime", "effectivePeriod", "issued"),
        by=", ".join(facts.names(observation.get("performer") or ())) or None,
        new=last_visit is not None and order(given) > last_visit,
        preliminary=observation.get("status") in ("registered", "preliminary"),
        number=number,
        low=low,
        high=high,
    )


def grouped(observations: Iterable[Resource], _: Language, *, last_visit: datetime | None = None) -> list[Tested]:
    """The results by test, the test with the newest result first."""
    series: dict[str, list[Result]] = {}
    for observation in facts.newest_first(observations, "effectiveDateTime", "effectivePeriod", "issued"):
        result = read(observation, _, last_visit=last_visit)
        series.setdefault(result.code or result.name, []).append(result)
    return [
        Tested(
            latest=found[0],
            earlier=tuple(found[1:]),
            meaning=_(TESTS[found[0].code].meaning) if found[0].code in TESTS else None,
        )
        for found in series.values()
    ]


def curve(tested: Tested, *, width: int = trend.WIDE) -> trend.Trend | None:
    """The curve of one test, with the usual range of the newest result: the last results that have room."""
    numbered = [
        (day, result.number)
        for result in tested.all[: width // 55]
        if (day := facts.day_of(result.taken)) is not None and result.number is not None
    ]
    return trend.draw(numbered[::-1], low=tested.latest.low, high=tested.latest.high, width=width)


def _number(observation: Resource) -> float | None:
    value = (observation.get("valueQuantity") or {}).get("value", observation.get("valueInteger"))
    return value if isinstance(value, int | float) else None


def _limits(observation: Resource) -> tuple[float | None, float | None]:
    ranges: Sequence[Mapping[str, Any]] = observation.get("referenceRange") or ()
    if not ranges:
        return None, None
    return (ranges[0].get("low") or {}).get("value"), (ranges[0].get("high") or {}).get("value")


def _verdict(observation: Resource, number: float | None, low: float | None, high: float | None) -> str | None:
    """«Mye» is said only when the laboratory says so; «litt» is within a quarter of the usual range.

    Where the range has one limit only, «litt» reaches to twice (or down to half) that limit.
    """
    for concept in observation.get("interpretation") or ():
        for _, code in facts.codings(concept):
            if code in SAID:
                return SAID[code]
    if number is None or (low is None and high is None):
        return None
    margin = (high - low) / 4 if low is not None and high is not None else None
    if high is not None and number > high:
        return "bit-high" if number <= high + (high if margin is None else margin) else "high"
    if low is not None and number < low:
        return "bit-low" if number >= low - (low / 2 if margin is None else margin) else "low"
    return "usual"


def _value(observation: Resource, _: Language) -> str:
    number = _number(observation)
    if number is not None:
        mark = str((observation.get("valueQuantity") or {}).get("comparator", ""))
        less = {
            "<": marked("under {value}"),
            "<=": marked("høyst {value}"),
            ">": marked("over {value}"),
            ">=": marked("minst {value}"),
        }
        text = written(number, language=_)
        return _(less[mark], value=text) if mark in less else text
    # A blood pressure is known by its parts: panels of other makers have other codes.
    upper, lower = (_component(observation, code) for code in (SYSTOLIC, DIASTOLIC))
    if upper is not None and lower is not None:
        return _("{upper} over {lower}", upper=written(upper, language=_), lower=written(lower, language=_))
    text_value = observation.get("valueString") or facts.words(observation.get("valueCodeableConcept"))
    return str(text_value) if text_value else _("ikke oppgitt")


def _component(observation: Resource, code: str) -> float | None:
    for component in observation.get("component") or ():
        if facts.code(component.get("code"), facts.LOINC) == code:
            return _number(component)
    return None


def _unit(observation: Resource, _: Language) -> str:
    quantity = observation.get("valueQuantity") or {}
    code = str(quantity.get("code") or quantity.get("unit") or "")
    return _(UNITS[code]) if code in UNITS else str(quantity.get("unit") or code)


def _usual(low: float | None, high: float | None, unit: str, _: Language) -> str | None:
    if low is not None and high is not None:
        text = f"{written(low, language=_)}–{written(high, language=_)}"
    elif high is not None:
        text = _("under {value}", value=written(high, language=_))
    elif low is not None:
        text = _("over {value}", value=written(low, language=_))
    else:
        return None
    return f"{text} {unit}".strip()
