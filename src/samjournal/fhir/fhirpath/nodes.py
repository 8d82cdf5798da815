"""What an expression finds: a value with its type and its place in the resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from samjournal.fhir.fhirpath import model, temporal
from samjournal.fhir.fhirpath.amounts import Amount, calendar
from samjournal.fhir.fhirpath.temporal import Temporal

Collection = list["Node"]
_UCUM = "http://unitsofmeasure.org"


class Node:
    """A value, its type, what FHIR says of it beside (`extra`: the object under `_name`), and where it lies."""

    __slots__ = ("extra", "index", "key", "parent", "type", "value")

    def __init__(
        self,
        value: Any,
        type_: str,
        extra: dict[str, Any] | None = None,
        parent: Node | None = None,
        key: str = "",
        index: int | None = None,
    ) -> None:
        self.value = value
        self.type = type_
        self.extra = extra
        self.parent = parent
        self.key = key
        self.index = index

    def __repr__(self) -> str:
        return f"<{self.type} {self.value!r}>"

    @property
    def path(self) -> str:
        """Where it lies, such as `Patient.name[0].given[1]`."""
        if self.parent is None:
            return self.type
        place = "" if self.index is None else f"[{self.index}]"
        return f"{self.parent.path}.{self.key}{place}"


def root(resource: dict[str, Any]) -> Node:
    return Node(resource, resource["resourceType"])


def system(value: Any) -> Node:
    """A value that no resource holds."""
    match value:
        case bool():
            name = "Boolean"
        case int():
            name = "Integer"
        case str():
            name = "String"
        case Decimal():
            name = "Decimal"
        case Temporal(kind=kind):
            name = kind
        case Amount():
            name = "Quantity"
        case _:
            raise TypeError(value)
    return Node(value, f"System.{name}")


def child(node: Node, name: str) -> Iterator[Node]:
    """The elements of this name."""
    options = model.members(node.type).get(name)
    if options is None:
        if node.type == "System.TypeInfo" and name in node.value:
            yield system(node.value[name])
        return
    held = node.value if isinstance(node.value, dict) else node.extra
    if not isinstance(held, dict):
        return
    for key, type_ in options:
        yield from _under(node, held, key, type_)


def children(node: Node) -> Iterator[Node]:
    """All elements, in the order in which they stand."""
    held = node.value if isinstance(node.value, dict) else node.extra
    if not isinstance(held, dict):
        return
    names = model.json_names(node.type)
    for key in held:
        if key in names:
            yield from _under(node, held, key, names[key])
        elif key[:1] == "_" and key[1:] in names and key[1:] not in held:
            yield from _under(node, held, key[1:], names[key[1:]])


def _under(node: Node, held: dict[str, Any], key: str, type_: str) -> Iterator[Node]:
    value, extra = held.get(key), held.get(f"_{key}")
    if value is None and extra is None:
        return
    if isinstance(value, list) or isinstance(extra, list):
        values = value if isinstance(value, list) else []
        extras = extra if isinstance(extra, list) else []
        for index in range(max(len(values), len(extras))):
            one = values[index] if index < len(values) else None
            beside = extras[index] if index < len(extras) else None
            if one is not None or beside is not None:
                yield Node(one, _actual(type_, one), beside, node, key, index)
    else:
        yield Node(value, _actual(type_, value), extra, node, key)


def _actual(type_: str, value: Any) -> str:
    if type_ == "Resource" and isinstance(value, dict) and isinstance(value.get("resourceType"), str):
        name: str = value["resourceType"]
        return name
    return type_


def plain(node: Node) -> Any:
    """The value as System has it: a yes or no, a number, a text, a date, an amount; None for what is none of these."""
    value = node.value
    if node.type.startswith("System."):
        return None if isinstance(value, dict) else value
    kind = model.system_type(node.type)
    if value is None or kind is None:
        return None
    if kind == "String":
        return value if isinstance(value, str) else None
    if kind == "Quantity":
        return _amount(value)
    return _READ[kind](value)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def _amount(value: dict[str, Any]) -> Amount | None:
    number = _decimal(value.get("value")) if isinstance(value, dict) else None
    if number is None:
        return None
    unit = value.get("code") or value.get("unit") or "1"
    if value.get("system") != _UCUM and (word := calendar(unit)):
        return Amount(number, word, word=True)
    return Amount(number, unit)


_READ: dict[str, Callable[[Any], Any]] = {
    "Boolean": lambda value: value if isinstance(value, bool) else None,
    "Integer": lambda value: value if isinstance(value, int) and not isinstance(value, bool) else None,
    "Decimal": _decimal,
    "Date": lambda value: temporal.read_date(value) if isinstance(value, str) else None,
    "DateTime": lambda value: temporal.read_moment(value) if isinstance(value, str) else None,
    "Time": lambda value: temporal.read_time(value) if isinstance(value, str) else None,
}


def key(node: Node) -> Any:
    """Something hashable, alike for what is equal: by it duplicates are found."""
    value = plain(node)
    if value is None:
        return _deep((node.value, node.extra))
    if isinstance(value, bool | str):
        return (type(value), value)
    if isinstance(value, Temporal | Amount):
        return value.key
    return ("number", value)


def _deep(value: Any) -> Any:
    if isinstance(value, dict):
        return frozenset((name, _deep(inner)) for name, inner in value.items())
    if isinstance(value, list | tuple):
        return tuple(_deep(one) for one in value)
    if isinstance(value, bool | str):
        return (type(value), value)
    return value if not isinstance(value, float) else Decimal(repr(value))
