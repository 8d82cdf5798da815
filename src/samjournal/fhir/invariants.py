"""The rules that R4 gives datatypes beyond their elements. hl7.org/fhir/R4/datatypes.html

    RULES[type](value) -> str | None     what is wrong with a value of the type; None when the rule holds

A rule may meet values whose elements are wrong: those are told elsewhere, and the rule has nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from samjournal.fhir import dates


def _extension(value: dict[str, Any]) -> str | None:
    """ext-1."""
    has_value = any(name.startswith(("value", "_value")) for name in value)
    if has_value != ("extension" in value):
        return None
    return "An extension must have either a value or extensions inside it, and not both."


def _period(value: dict[str, Any]) -> str | None:
    """per-3, with the benefit of the doubt for partial dates."""
    start, end = value.get("start"), value.get("end")
    if type(start) is not str or type(end) is not str:
        return None
    try:
        backwards = dates.span(start).lo >= dates.span(end).hi
    except ValueError:
        return None
    return f"The period ends ({end}) before it starts ({start})." if backwards else None


def _quantity(value: dict[str, Any]) -> str | None:
    """qty-3."""
    if "code" in value and "system" not in value and "_system" not in value:
        return "A unit given as code needs its system, for example http://unitsofmeasure.org."
    return None


def _range(value: dict[str, Any]) -> str | None:
    """rng-2, for numbers in the same unit."""
    low, high = value.get("low"), value.get("high")
    if type(low) is not dict or type(high) is not dict or low.get("code") != high.get("code"):
        return None
    least, most = low.get("value"), high.get("value")
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        return f"The low end ({least}) is above the high end ({most})."
    return None


def _contact_point(value: dict[str, Any]) -> str | None:
    """cpt-2."""
    if "value" in value and "system" not in value and "_system" not in value:
        return "A contact point with a value needs its system: phone, email or another."
    return None


def _attachment(value: dict[str, Any]) -> str | None:
    """att-1."""
    if "data" in value and "contentType" not in value and "_contentType" not in value:
        return "An attachment with data needs its contentType."
    return None


RULES: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "Attachment": _attachment,
    "ContactPoint": _contact_point,
    "Extension": _extension,
    "Period": _period,
    "Quantity": _quantity,
    "Range": _range,
}
