"""A laboratory result as somebody acknowledges it: value, what is usual, where it heads, and what it was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from samjournal.ui import formats
from samjournal.ui.language import marked
from samjournal.workspace.facts import Reader, Resource, codings, said, standing, when
from samjournal.workspace.measured import Spark, spark

CRITICAL: Final = frozenset({"HH", "LL", "AA"})
"""v3-ObservationInterpretation: critically high, critically low, critically abnormal."""
POINTS: Final = 12
NAMED: Final = 3
STATES: Final = {
    "corrected": marked("rettet av laboratoriet"),
    "amended": marked("endret av laboratoriet"),
    "appended": marked("utvidet av laboratoriet"),
    "cancelled": marked("avbestilt"),
    "entered-in-error": marked("trukket tilbake, gjelder ikke"),
    "preliminary": marked("foreløpig"),
}


@dataclass(frozen=True, slots=True)
class Result:
    """One analysis, ready to show. `mark`: "", "høy", "lav", "kritisk …" in words; `arrow` "", "up", "down"."""

    name: str
    value: str
    unit: str
    mark: str
    arrow: str
    critical: bool
    usual: str
    earlier: str
    earlier_when: str
    spark: Spark | None
    at: str
    state: str
    note: str


def observations_of(focus: Resource, about: Mapping[str, Any], labs: Iterable[Resource] = ()) -> list[Resource]:
    """The Observations of a report, in its order, or the one that it is, with its members."""
    known = {f"Observation/{one['id']}": one for one in labs} | dict(about)
    if focus.get("resourceType") == "Observation":
        return (
            [focus, *_named(focus.get("hasMember"), known)] if _says(focus) else _named(focus.get("hasMember"), known)
        )
    return _named(focus.get("result"), known)


def _named(references: Any, known: Mapping[str, Any]) -> list[Resource]:
    found = (known.get(str(one.get("reference"))) for one in references or ())
    return [one for one in found if one is not None]


def _says(observation: Resource) -> bool:
    return any(name.startswith("value") for name in observation) or bool(observation.get("dataAbsentReason"))


def names_of(found: Sequence[Resource], reader: Reader) -> str:
    """`CRP, kreatinin, kalium + 3`."""
    names = [said(one.get("code"), reader.language) for one in found]
    shown = [names[0], *(formats.in_text(name) for name in names[1:NAMED])] if names else []
    more = f" + {len(names) - NAMED}" if len(names) > NAMED else ""
    return ", ".join(shown) + more


def critical(found: Iterable[Resource], reader: Reader) -> str:
    """The first critical one in short: `kalium 6,4 mmol/L`."""
    for one in standing(found):
        if is_critical(one):
            value, unit = value_of(one, reader)
            return f"{formats.in_text(said(one.get('code'), reader.language))} {value} {unit}".strip()
    return ""


def is_critical(observation: Resource) -> bool:
    """Whether the laboratory says that it is so."""
    return not CRITICAL.isdisjoint(_interpreted(observation))


def results(found: Iterable[Resource], earlier: Sequence[Resource], reader: Reader) -> list[Result]:
    """Each analysis, beside the patient's earlier ones of the same kind (`earlier`)."""
    return [_result(one, earlier, reader) for one in found]


def _result(one: Resource, earlier: Sequence[Resource], reader: Reader) -> Result:
    _ = reader.language
    at = when(one, "effectiveDateTime", "effectivePeriod", "issued")
    same = [each for each in standing(earlier) if each.get("id") != one.get("id") and _is_same(each, one)]
    before = sorted(
        (each for each in same if formats.order(_at(each)) < formats.order(at)),
        key=lambda each: formats.order(_at(each)),
    )
    last = before[-1] if before else None
    drawn = [(formats.order(_at(each)), number) for each in (*before, one) if (number := _number(each)) is not None]
    low, high = _limits(one)
    marks = _interpreted(one)
    value, unit = value_of(one, reader)
    is_high = bool(marks & {"H", "HH", "HU"}) or (not marks and high is not None and (_number(one) or high) > high)
    is_low = bool(marks & {"L", "LL", "LU"}) or (not marks and low is not None and (_number(one) or low) < low)
    words = _("høy") if is_high else _("lav") if is_low else _("unormal") if marks & {"A", "AA", "POS"} else ""
    grave = is_critical(one)
    return Result(
        name=said(one.get("code"), _),
        value=value,
        unit=unit,
        mark=_("kritisk {word}", word=words).strip() if grave else words,
        arrow="up" if is_high else "down" if is_low else "",
        critical=grave,
        usual=_usual(one, reader),
        earlier=value_of(last, reader)[0] if last else "",
        earlier_when=reader.day(_at(last)) if last else "",
        spark=spark(drawn[-POINTS:], (low, high)) if len(drawn) > 1 else None,
        at=at,
        state=_(STATES[str(one.get("status"))]) if one.get("status") in STATES else "",
        note=" ".join(str(each.get("text", "")) for each in one.get("note") or ()),
    )


def value_of(observation: Resource, reader: Reader) -> tuple[str, str]:
    """The value as the record has it, and its unit; in words why there is none."""
    _ = reader.language
    quantity = observation.get("valueQuantity")
    if quantity and "value" in quantity:
        written = formats.number(round(quantity["value"], 2), language=_)
        return f"{quantity.get('comparator') or ''}{written}", str(quantity.get("unit") or "")
    for name in ("valueString", "valueInteger", "valueDateTime", "valueTime"):
        if name in observation:
            return str(observation[name]), ""
    if observation.get("valueCodeableConcept"):
        return said(observation["valueCodeableConcept"], _), ""
    if "valueBoolean" in observation:
        return _("ja") if observation["valueBoolean"] else _("nei"), ""
    return said(observation.get("dataAbsentReason"), _) or _("ikke svar"), ""


def _usual(observation: Resource, reader: Reader) -> str:
    """The range that the laboratory gives, in its own words or as numbers."""
    _ = reader.language
    for one in observation.get("referenceRange") or ():
        if one.get("text"):
            return str(one["text"])
        low, high = (
            formats.number(one[end]["value"], language=_) if "value" in one.get(end, {}) else "" for end in ENDS
        )
        if low and high:
            return f"{low}\u2013{high}"
        if low or high:
            return f"> {low}" if low else f"< {high}"
    return ""


ENDS: Final = ("low", "high")


def _limits(observation: Resource) -> tuple[float | None, float | None]:
    for one in observation.get("referenceRange") or ():
        low, high = (one.get(end, {}).get("value") for end in ENDS)
        return low, high
    return None, None


def _number(observation: Resource) -> float | None:
    value = (observation.get("valueQuantity") or {}).get("value", observation.get("valueInteger"))
    return float(value) if isinstance(value, int | float) else None


def _interpreted(observation: Resource) -> set[str]:
    return {
        str(one.get("code")) for each in observation.get("interpretation") or () for one in each.get("coding") or ()
    }


def _is_same(one: Resource, other: Resource) -> bool:
    """Whether two are of the same kind: by a code in common, with the same unit where both have one."""
    units = [(each.get("valueQuantity") or {}).get("code") for each in (one, other)]
    if all(units) and units[0] != units[1]:
        return False
    return not set(codings(one.get("code"))).isdisjoint(codings(other.get("code")))


def _at(observation: Resource) -> str:
    return when(observation, "effectiveDateTime", "effectivePeriod", "issued")


def newest(found: Iterable[Resource]) -> datetime | None:
    """When the newest of them was taken."""
    return max((formats.order(_at(one)) for one in found), default=None)
