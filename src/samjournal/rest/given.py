"""What an operation was given: its query, or a Parameters resource. hl7.org/fhir/R4/operations.html#executing"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from samjournal.fhir.errors import Invalid, UnknownParameter
from samjournal.fhir.parsing import Parsed
from samjournal.fhir.structure import check
from samjournal.record import nearest
from samjournal.rest.request import Request

_OF_FORM = ("_format", "_pretty")


@dataclass(frozen=True, slots=True)
class Given:
    """Plain values by name in their order, as text; resources and values of datatypes by name."""

    pairs: tuple[tuple[str, str], ...] = ()
    resources: Mapping[str, Parsed] = field(default_factory=dict)
    datatypes: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    """What the operation does not take, and was left out since the client allowed it."""

    def one(self, name: str) -> str | None:
        """The value of a parameter that stands at most once. Raises Invalid."""
        values = self.all(name)
        if len(values) > 1:
            raise Invalid(f"{name} stands {len(values)} times. Send it once.")
        return values[0] if values else None

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.pairs if known == name]


class _Part(msgspec.Struct):
    name: str = ""
    resource: msgspec.Raw = msgspec.Raw(b"")


class _Envelope(msgspec.Struct):
    parameter: list[_Part] = []


def given(
    request: Request, *, takes: Collection[str], operation: str, bare: str | None = None, tells: bool = False
) -> Given:
    """What a request gives an operation, by GET or by POST with Parameters or with nothing. A resource that is sent as
    it is stands for the parameter `bare`.

    Raises UnknownParameter for one that the operation does not take, as a search does. One that `tells` in its answer
    what was left out leaves it out for a lenient client."""
    pairs = tuple(pair for pair in request.query if pair[0] not in _OF_FORM)
    found = Given(pairs)
    if request.method == "POST" and request.body:
        found = _of_body(request, pairs, bare, operation)
    named = (*(name for name, _ in found.pairs), *found.resources, *found.datatypes)
    unknown = tuple(dict.fromkeys(name for name in named if name not in takes))
    if unknown and not (tells and request.prefers("handling=lenient")):
        told = f"“{unknown[0][:60]}”; it takes {', '.join(sorted(takes)) or 'none'}.{nearest(unknown[0], takes)}"
        raise UnknownParameter(f"{operation} does not take the parameter {told}")
    return replace(found, pairs=tuple(pair for pair in found.pairs if pair[0] in takes), ignored=unknown)


def _of_body(request: Request, pairs: tuple[tuple[str, str], ...], bare: str | None, operation: str) -> Given:
    parsed = request.parsed()
    type_ = parsed.resource["resourceType"]
    if type_ != "Parameters":
        if bare is None:
            raise Invalid(f"{operation} takes a Parameters resource, not a {type_}.", path="resourceType")
        return Given(pairs, {bare: parsed})
    asked = parsed.resource.get("parameter", [])
    envelope = {**parsed.resource, "parameter": [_without_resource(one) for one in asked]} if asked else parsed.resource
    issues = [issue for issue in check(envelope) if issue.severity == "error"]
    if issues:
        raise Invalid(issues[0].text, issues=issues)
    values = list(pairs)
    resources: dict[str, Parsed] = {}
    datatypes: dict[str, dict[str, Any]] = {}
    for one, part in zip(asked, msgspec.json.decode(parsed.compact, type=_Envelope).parameter, strict=True):
        name = one["name"]
        if name in resources or name in datatypes:
            raise Invalid(f"{name[:60]} stands twice. Send it once.", path="Parameters.parameter")
        if "resource" in one:
            resources[name] = Parsed(one["resource"], bytes(part.resource))
            continue
        value = next((value for key, value in one.items() if key.startswith("value")), None)
        if isinstance(value, dict):
            datatypes[name] = value
        elif value is None:
            raise Invalid(f"{name[:60]} has no value.", path="Parameters.parameter")
        else:
            values.append((name, str(value).lower() if isinstance(value, bool) else str(value)))
    return Given(tuple(values), resources, datatypes)


def _without_resource(one: Any) -> Any:
    """A parameter whose resource is checked for itself, in a place where it stands as some value."""
    if not isinstance(one, dict) or "resource" not in one:
        return one
    resource = one["resource"]
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise Invalid("A parameter's resource has no resourceType.", path="Parameters.parameter.resource")
    if any(name.startswith("value") or name == "part" for name in one):
        raise Invalid("A parameter has a resource or a value, not both.", path="Parameters.parameter")
    return {**{name: value for name, value in one.items() if name != "resource"}, "valueBoolean": True}
