"""Assertions of a TestScript, each one function from what came to a sentence of what is wrong, or none.

hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.testscript import paths
from bench.testscript.paths import NotUnderstood

STATUS = {
    "okay": 200,
    "created": 201,
    "noContent": 204,
    "notModified": 304,
    "bad": 400,
    "forbidden": 403,
    "notFound": 404,
    "methodNotAllowed": 405,
    "conflict": 409,
    "gone": 410,
    "preconditionFailed": 412,
    "unprocessable": 422,
}
MEDIA = {"json": "application/fhir+json", "xml": "application/fhir+xml"}
NOT_DONE = {
    "validateProfileId": "profiles are not validated by this runner",
    "navigationLinks": "say which links there must be, by an expression",
}


@dataclass(frozen=True)
class Message:
    """A request or an answer: the resource in it, and headers in small letters."""

    method: str = ""
    url: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    resource: Any = None


def wrong(asked: dict[str, Any], message: Message, others: dict[str, Message]) -> str | None:
    """What is not as an assertion says; None when it holds. Raises NotUnderstood."""
    for name, why in NOT_DONE.items():
        if name in asked:
            raise NotUnderstood(f"“{name}”: {why}")
    if "sourceId" in asked:
        message = _named(asked["sourceId"], others)
    operator = asked.get("operator", "equals")
    if "response" in asked:
        return _judged(operator, [message.status], str(STATUS[asked["response"]]), "the status")
    if "responseCode" in asked:
        return _judged(operator, [message.status], asked["responseCode"], "the status")
    if "contentType" in asked:
        media = message.headers.get("content-type", "").partition(";")[0]
        return _judged(operator, [media], MEDIA.get(asked["contentType"], asked["contentType"]), "the media type")
    if "requestMethod" in asked:
        return _judged(operator, [message.method.lower()], asked["requestMethod"], "the method")
    if "requestURL" in asked:
        return _judged(operator, [message.url], asked["requestURL"], "the address")
    if "resource" in asked:
        type_ = message.resource.get("resourceType") if isinstance(message.resource, dict) else None
        return _judged(operator, [type_] if type_ else [], asked["resource"], "the type of resource")
    if "headerField" in asked:
        value = message.headers.get(asked["headerField"].lower())
        return _judged(operator, [] if value is None else [value], _value(asked, others), asked["headerField"])
    if "minimumId" in asked:
        least = _named(asked["minimumId"], others).resource
        return None if holds(message.resource, least) else f"what came has not all that is in {asked['minimumId']}"
    if "expression" in asked or "path" in asked:
        return _by_path(asked, message, others, operator)
    raise NotUnderstood("an assertion that asserts nothing this runner knows")


def _by_path(asked: dict[str, Any], message: Message, others: dict[str, Message], operator: str) -> str | None:
    text = asked.get("expression") or asked["path"]
    read = paths.expression if "expression" in asked else paths.path
    found = read(text, message.resource)
    if "value" not in asked and "compareToSourceId" not in asked and "operator" not in asked:
        return None if found == [True] or (found and "path" in asked) else f"“{text}” gives {_shown(found)}"
    return _judged(operator, found, _value(asked, others), f"“{text}”")


def _value(asked: dict[str, Any], others: dict[str, Message]) -> str:
    """What is compared with: a value, or what lies in another message."""
    if "compareToSourceId" not in asked:
        return str(asked.get("value", ""))
    other = _named(asked["compareToSourceId"], others).resource
    if "compareToSourceExpression" in asked:
        found = paths.expression(asked["compareToSourceExpression"], other)
    elif "compareToSourcePath" in asked:
        found = paths.path(asked["compareToSourcePath"], other)
    else:
        raise NotUnderstood("“compareToSourceId” without an expression or path")
    return ",".join(map(_text, found))


def _judged(operator: str, found: list[Any], value: str, what: str) -> str | None:
    texts = [_text(one) for one in found]
    match operator:
        case "equals":
            holds_ = value in texts
        case "notEquals":
            holds_ = value not in texts
        case "in":
            holds_ = bool(texts) and all(text in _list(value) for text in texts)
        case "notIn":
            holds_ = not any(text in _list(value) for text in texts)
        case "greaterThan" | "lessThan":
            holds_ = len(found) == 1 and _is_ordered(operator, texts[0], value)
        case "empty":
            holds_ = not any(texts)
        case "notEmpty":
            holds_ = any(texts)
        case "contains":
            holds_ = any(value in text for text in texts)
        case "notContains":
            holds_ = not any(value in text for text in texts)
        case _:
            raise NotUnderstood(f"the operator “{operator}”")
    return None if holds_ else f"{what} is {_shown(found)}; it must be: {operator} {value}".rstrip()


def _is_ordered(operator: str, one: str, other: str) -> bool:
    try:
        difference = float(one) - float(other)
    except ValueError:
        difference = (one > other) - (one < other)
    return difference > 0 if operator == "greaterThan" else difference < 0


def holds(there: Any, least: Any) -> bool:
    """Whether everything of `least` is there. Ids and meta are the server's, and narratives may be put otherwise."""
    if isinstance(least, dict):
        left_out = ("id", "meta", "text") if "resourceType" in least else ()
        wanted = {key: value for key, value in least.items() if key not in left_out}
        return isinstance(there, dict) and all(key in there and holds(there[key], one) for key, one in wanted.items())
    if isinstance(least, list):
        return isinstance(there, list) and all(any(holds(one, each) for one in there) for each in least)
    return bool(there == least)


def _named(id_: str, others: dict[str, Message]) -> Message:
    if id_ not in others:
        raise NotUnderstood(f"“{id_}” names neither a fixture nor a request or answer before this")
    return others[id_]


def _list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",")]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(found: list[Any]) -> str:
    return ", ".join(_text(one)[:80] for one in found[:5]) or "nothing"
