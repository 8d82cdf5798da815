"""The simple paths that assertions and variables name: FHIRPath's steps and some functions; names in XPath.

hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert.expression
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any


class NotUnderstood(Exception):
    """The script asks for what this runner does not do: it is not run, rather than half run."""


_STEP = re.compile(r"([A-Za-z_]\w*)(\(([^()]*)\))?((?:\[\d+\])*)")
_WHERE = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(!?=)\s*('[^']*'|[\w.\-]+)\s*")
_COMPARED = re.compile(r"(.+?)\s*(!=|>=|<=|=|>|<)\s*('[^']*'|-?\d+(?:\.\d+)?|true|false)\s*")
_XPATH = re.compile(r"/?/?(?:fhir:)?[A-Za-z]\w*(?:\[\d+\])?(?:/(?:fhir:)?[A-Za-z]\w*(?:\[\d+\])?)*(?:/@value|/@id)?")
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
}


def expression(text: str, resource: Any) -> list[Any]:
    """What a FHIRPath leads to. Raises NotUnderstood for one that is not simple."""
    if " and " in text:
        return [all(_true(expression(part, resource)) for part in text.split(" and "))]
    if "(" not in text.partition("=")[0] or not re.search(r"\)\s*$", text):
        compared = _COMPARED.fullmatch(text.strip())
        if compared and compared[1].count("(") == compared[1].count(")"):
            found = expression(compared[1], resource)
            return [len(found) == 1 and _compare(found[0], compared[2], compared[3])]
    return _walk(text.strip(), resource)


def path(text: str, resource: Any) -> list[Any]:
    """What an XPath or JSONPath leads to, of those that only name elements."""
    if text.startswith("$."):
        return _walk(text[2:], resource)
    if "/" not in text:
        return _walk(text, resource)
    if not _XPATH.fullmatch(text):
        raise NotUnderstood(f"the path “{text}” does more than name elements")
    steps = text.lstrip("/").removesuffix("/@value").replace("/@id", "/id").replace("fhir:", "")
    # XPath counts from one.
    return _walk(re.sub(r"\[(\d+)\]", lambda at: f"[{int(at[1]) - 1}]", steps.replace("/", ".")), resource)


def _walk(text: str, resource: Any) -> list[Any]:
    found = [resource]
    for number, step in enumerate(_steps(text)):
        name, call, argument, places = step
        if number == 0 and not call and isinstance(resource, dict) and name[:1].isupper():
            found = [one for one in found if name in (one.get("resourceType"), "Resource", "DomainResource")]
        elif call:
            found = _called(name, argument or "", found, text)
        else:
            # In XML a resource within another lies in an element of its type: entry/resource/Patient.
            whole = [one for one in found if isinstance(one, dict) and one.get("resourceType") == name]
            found = whole or [value for one in found for value in _children(one, name)]
        for place in re.findall(r"\d+", places):
            found = found[int(place) : int(place) + 1]
    return found


def _steps(text: str) -> list[tuple[str, str, str, str]]:
    steps, at = [], 0
    while at < len(text):
        step = _STEP.match(text, at)
        if not step or (step.end() < len(text) and text[step.end()] != "."):
            raise NotUnderstood(f"the expression “{text}” is more than steps, simple functions and one comparison")
        steps.append((step[1], step[2] or "", step[3] or "", step[4]))
        at = step.end() + 1
    return steps


def _children(one: Any, name: str) -> list[Any]:
    if not isinstance(one, dict):
        return []
    keys = [name] if name in one else [key for key in one if re.fullmatch(name + "[A-Z]\\w*", key)]
    values = [one[key] for key in keys]
    return [value for each in values for value in (each if isinstance(each, list) else [each])]


def _called(name: str, argument: str, found: list[Any], text: str) -> list[Any]:
    match name, argument.strip():
        case "where", condition if test := _WHERE.fullmatch(condition):
            return [
                one
                for one in found
                if any(_compare(value, "=", test[3]) for value in _walk(test[1], one)) is (test[2] == "=")
            ]
        case "ofType" | "as", type_ if type_.isalnum():
            return [one for one in found if not isinstance(one, dict) or one.get("resourceType", type_) == type_]
        case "exists", "":
            return [bool(found)]
        case "empty", "":
            return [not found]
        case "not", "":
            return [not _true(found)]
        case "count", "":
            return [len(found)]
        case "first", "":
            return found[:1]
        case "last", "":
            return found[-1:]
    raise NotUnderstood(f"“{name}({argument})” in the expression “{text}” is not one of the functions known here")


def _compare(value: Any, operator: str, literal: str) -> bool:
    if literal.startswith("'"):
        return _ORDER[operator](str(value), literal[1:-1])
    if literal in ("true", "false"):
        return _ORDER[operator](value, literal == "true")
    try:
        return _ORDER[operator](float(value), float(literal))
    except (TypeError, ValueError):
        return operator == "!="


def _true(found: list[Any]) -> bool:
    return found == [True]
