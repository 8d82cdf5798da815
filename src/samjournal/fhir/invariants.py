"""The rules that R4 gives datatypes beyond their elements. hl7.org/fhir/R4/datatypes.html

    RULES[type](value) -> str | None     what is wrong with a value of the type; None when the rule holds

A rule may meet values whose elements are wrong: those are told elsewhere, and the rule has nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from samjournal.fhir import dates

UCUM = "http://unitsofmeasure.org"
_TOGETHER = (
    ("tim-1", "duration", "durationUnit"),
    ("tim-2", "period", "periodUnit"),
    ("tim-6", "periodMax", "period"),
    ("tim-7", "durationMax", "duration"),
    ("tim-8", "countMax", "count"),
    ("tim-9", "offset", "when"),
)


def _extension(value: dict[str, Any]) -> str | None:
    """ext-1."""
    has_value = any(name.startswith(("value", "_value")) for name in value)
    if has_value != ("extension" in value):
        return None
    return "ext-1: an extension has either a value or extensions inside it, and not both."


def _period(value: dict[str, Any]) -> str | None:
    """per-3, with the benefit of the doubt for partial dates."""
    start, end = value.get("start"), value.get("end")
    if type(start) is not str or type(end) is not str:
        return None
    try:
        backwards = dates.span(start).lo >= dates.span(end).hi
    except ValueError:
        return None
    return f"per-1: the period ends ({end}) before it starts ({start})." if backwards else None


def _quantity(value: dict[str, Any]) -> str | None:
    """qty-3."""
    if "code" in value and "system" not in value and "_system" not in value:
        return f"qty-3: a unit given as code needs its system, for example {UCUM}."
    return None


def _measured(value: dict[str, Any]) -> str | None:
    """qty-3, and the UCUM of age-1, cnt-3, dis-1 and drt-1."""
    system = value.get("system")
    if type(system) is str and system != UCUM:
        return f"age-1, cnt-3, dis-1, drt-1: the unit of such a quantity is UCUM's: system {UCUM}."
    return _quantity(value)


def _age(value: dict[str, Any]) -> str | None:
    """age-1: no age is before birth."""
    years = value.get("value")
    if isinstance(years, int | float) and years < 0:
        return f"age-1: an age is not negative, as {years} is."
    return _measured(value)


def _count(value: dict[str, Any]) -> str | None:
    """cnt-3: a whole number of times."""
    number = value.get("value")
    if isinstance(number, float) and not number.is_integer():
        return f"cnt-3: a count is a whole number; {number} is none."
    return _measured(value)


def _ratio(value: dict[str, Any]) -> str | None:
    """rat-1."""
    if ("numerator" in value) != ("denominator" in value):
        return "rat-1: a ratio has both numerator and denominator."
    return None


def _repeat(value: dict[str, Any]) -> str | None:
    """tim-1, tim-2 and tim-4 to tim-10."""
    for rule, name, needed in _TOGETHER:
        if _has(value, name) and not _has(value, needed):
            return f"{rule}: {name} needs {needed} beside it."
    for rule, name in (("tim-4", "duration"), ("tim-5", "period")):
        number = value.get(name)
        if isinstance(number, int | float) and number < 0:
            return f"{rule}: {name} is not negative, as {number} is."
    if "timeOfDay" in value and "when" in value:
        return "tim-10: times are given by the clock (timeOfDay) or by what happens (when), not both."
    return None


def _has(value: dict[str, Any], name: str) -> bool:
    return name in value or "_" + name in value


def _range(value: dict[str, Any]) -> str | None:
    """rng-2, for numbers in the same unit."""
    low, high = value.get("low"), value.get("high")
    if type(low) is not dict or type(high) is not dict or low.get("code") != high.get("code"):
        return None
    least, most = low.get("value"), high.get("value")
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        return f"rng-2: the low end ({least}) is above the high end ({most})."
    return None


def _contact_point(value: dict[str, Any]) -> str | None:
    """cpt-2."""
    if "value" in value and "system" not in value and "_system" not in value:
        return "cpt-2: a contact point with a value needs its system: phone, email or another."
    return None


def _attachment(value: dict[str, Any]) -> str | None:
    """att-1."""
    if "data" in value and "contentType" not in value and "_contentType" not in value:
        return "att-1: an attachment with data needs its contentType."
    return None


RULES: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "Age": _age,
    "Attachment": _attachment,
    "ContactPoint": _contact_point,
    "Count": _count,
    "Distance": _measured,
    "Duration": _measured,
    "Extension": _extension,
    "Period": _period,
    "Quantity": _quantity,
    "Range": _range,
    "Ratio": _ratio,
    "Timing.repeat": _repeat,
}
