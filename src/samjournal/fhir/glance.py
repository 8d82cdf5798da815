"""What is sound at a glance: the usual shapes of common types, judged without walking through them.

    GLANCES[type](value) -> bool         True: the value is sound; False: it must be looked at closely
    reference(targets) -> Glance         a literal reference to one of some types, with or without display
    listed(glance) -> Glance             an array of such values

Most of a record is codings, references and amounts of the same few forms, and the same codes come again and again, so
what was once found sound is remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from samjournal.fhir import primitives, references

Glance = Callable[[Any], bool]
_REMEMBERED = 16_384
_sound_text = primitives.CHECKS["string"]
_sound_uri = primitives.CHECKS["uri"]
_sound_code = primitives.CHECKS["code"]
_sound_moment = primitives.CHECKS["dateTime"]


@lru_cache(maxsize=_REMEMBERED)
def _coded(system: str, code: str, text: str) -> bool:
    return _sound_uri(system) and _sound_code(code) and _sound_text(text)


def _coding(value: Any) -> bool:
    """System and code, with or without display, and nothing else."""
    if type(value) is not dict:
        return False
    system, code = value.get("system"), value.get("code")
    if type(system) is not str or type(code) is not str:
        return False
    if len(value) == 2:
        return _coded(system, code, code)
    display = value.get("display")
    return len(value) == 3 and type(display) is str and _coded(system, code, display)


def _concept(value: Any) -> bool:
    """Codings, with or without a text, and nothing else."""
    if type(value) is not dict:
        return False
    codings = value.get("coding")
    if type(codings) is not list or not codings:
        return False
    if len(value) != 1 and not (len(value) == 2 and _sound_text(value.get("text"))):
        return False
    return all(map(_coding, codings))


def _quantity(value: Any) -> bool:
    """An amount with unit, system and code, and nothing else."""
    if type(value) is not dict or len(value) != 4:
        return False
    amount, unit = value.get("value"), value.get("unit")
    system, code = value.get("system"), value.get("code")
    if type(unit) is not str or type(system) is not str or type(code) is not str:
        return False
    return (type(amount) is float or type(amount) is int) and _coded(system, code, unit)


def _period(value: Any) -> bool:
    """Start and end written alike, in order, and nothing else."""
    if type(value) is not dict or len(value) != 2:
        return False
    start, end = value.get("start"), value.get("end")
    if type(start) is not str or type(end) is not str or len(start) != len(end) or start[19:] != end[19:]:
        return False
    return start <= end and _sound_moment(start) and _sound_moment(end)


def _identifier(value: Any) -> bool:
    """System and value, and nothing else."""
    if type(value) is not dict or len(value) != 2:
        return False
    return _sound_uri(value.get("system")) and _sound_text(value.get("value"))


def _money(value: Any) -> bool:
    """An amount and its currency, and nothing else."""
    if type(value) is not dict or len(value) != 2:
        return False
    amount, currency = value.get("value"), value.get("currency")
    return (type(amount) is float or type(amount) is int) and type(currency) is str and _is_currency(currency)


@lru_cache(maxsize=256)
def _is_currency(code: str) -> bool:
    pattern, _ = primitives.FORMATS["http://hl7.org/fhir/ValueSet/currencies"]
    return pattern.fullmatch(code) is not None


def listed(sound: Glance) -> Glance:
    """Some values, all of the usual shape."""

    def all_sound(value: Any) -> bool:
        return type(value) is list and bool(value) and all(map(sound, value))

    return all_sound


def _meta(value: Any) -> bool:
    """Profiles, tags and labels, and nothing else."""
    if type(value) is not dict or not value:
        return False
    for name, inner in value.items():
        sound = _META.get(name)
        if sound is None or not sound(inner):
            return False
    return True


_META = {"profile": listed(_sound_uri), "security": listed(_coding), "tag": listed(_coding)}


GLANCES: dict[str, Glance] = {
    "CodeableConcept": _concept,
    "Coding": _coding,
    "Identifier": _identifier,
    "Meta": _meta,
    "Money": _money,
    "Period": _period,
    "Quantity": _quantity,
}


def reference(targets: frozenset[str]) -> Glance:
    """Literal references to one of the types, or what somebody is called; no targets means any type."""

    def sound(value: Any) -> bool:
        if type(value) is not dict:
            return False
        text = value.get("reference")
        if type(text) is not str:
            return len(value) == 1 and _sound_text(value.get("display"))
        type_ = _literal(text)
        if type_ is None or (targets and type_ not in targets):
            return False
        return len(value) == 1 or (len(value) == 2 and _sound_text(value.get("display")))

    return sound


@lru_cache(maxsize=_REMEMBERED)
def _literal(text: str) -> str | None:
    """The type of a literal reference, None for any other."""
    read = references.parse(text)
    return read.type if read.kind == "literal" else None
