"""FHIRPath Patch: add, insert, delete, replace and move, by FHIRPath. hl7.org/fhir/R4/fhirpatch.html"""

from __future__ import annotations

from copy import deepcopy
from time import monotonic
from typing import Any, NamedTuple

from samjournal.fhir.errors import Invalid, Unprocessable
from samjournal.fhir.fhirpath import Expression, Node, PathError, compiled, model
from samjournal.fhir.fhirpath.nodes import root

_NEEDS: dict[str, tuple[str, ...]] = {
    "add": ("path", "name", "value"),
    "insert": ("path", "index", "value"),
    "delete": ("path",),
    "replace": ("path", "value"),
    "move": ("path", "source", "destination"),
}
_STEPS = 50_000
_SECONDS = 2.0


class Value(NamedTuple):
    """A value, its type ("" for one that is made of parts), and what stands beside a primitive."""

    type: str
    value: Any
    extra: Any = None
    parts: tuple[tuple[str, Value], ...] = ()


class Operation(NamedTuple):
    """One operation; `place` is that of its parameter."""

    place: int
    kind: str
    path: str
    name: str
    value: Value | None
    at: int
    source: int
    destination: int

    @property
    def where(self) -> str:
        return f"Parameters.parameter[{self.place}]"

    def told(self, text: str) -> Unprocessable:
        return Unprocessable(f"Operation {self.place} ({self.kind} {self.path[:120]}): {text}", path=self.where)


def read(parameters: dict[str, Any], *, most: int) -> list[Operation]:
    """The operations of a patch, none where nothing is to change. Raises Invalid."""
    asked = parameters.get("parameter", [])
    if len(asked) > most:
        raise Invalid(f"The patch has {len(asked)} operations; at most {most} are taken.")
    return [_operation(place, one) for place, one in enumerate(asked)]


def _operation(place: int, one: dict[str, Any]) -> Operation:
    where = f"Parameters.parameter[{place}]"
    if one.get("name") != "operation":
        raise Invalid(f"{where} is called “operation” in a patch.", path=f"{where}.name")
    parts: dict[str, dict[str, Any]] = {}
    for number, part in enumerate(one.get("part", [])):
        if part.get("name") in parts:
            raise Invalid(f"{where} has two parts called “{part['name']}”.", path=f"{where}.part[{number}]")
        parts[part.get("name", "")] = part
    kind = _plain(parts, "type", where, str)
    if kind not in _NEEDS:
        raise Invalid(f"{where}: the type is one of {', '.join(_NEEDS)}, not {str(kind)[:40]}.", path=where)
    for name in _NEEDS[kind]:
        if name not in parts:
            raise Invalid(f"{where} ({kind}) has no part called “{name}”.", path=where)
    unknown = parts.keys() - {"type", *_NEEDS[kind]}
    if unknown:
        raise Invalid(f"{where} ({kind}) does not take the part “{min(unknown)[:40]}”.", path=where)
    numbers = {name: _plain(parts, name, where, int) for name in ("index", "source", "destination") if name in parts}
    return Operation(
        place,
        kind,
        _plain(parts, "path", where, str),
        _plain(parts, "name", where, str) if "name" in parts else "",
        _value(parts["value"], where) if "value" in parts else None,
        numbers.get("index", 0),
        numbers.get("source", 0),
        numbers.get("destination", 0),
    )


def _plain(parts: dict[str, dict[str, Any]], name: str, where: str, type_: type) -> Any:
    found = _value(parts[name], where).value if name in parts else None
    if not isinstance(found, type_) or isinstance(found, bool) or (isinstance(found, int) and found < 0):
        right = "a text" if type_ is str else "a whole number from 0"
        raise Invalid(f"{where}: the part “{name}” has {right} as its value.", path=where)
    return found


def _value(part: dict[str, Any], where: str) -> Value:
    """The value of a part: of one type, or made of parts of its own."""
    if "part" in part:
        inner = tuple((one.get("name", ""), _value(one, where)) for one in part["part"])
        return Value("", None, parts=inner)
    if "resource" in part:
        return Value("Resource", part["resource"])
    for key in part:
        name = key.removeprefix("_")
        if name.startswith("value") and name != "value":
            type_ = model.json_names("Parameters.parameter").get(name, "")
            return Value(type_, part.get(name), part.get(f"_{name}"))
    raise Invalid(f"{where}: the part “{str(part.get('name'))[:40]}” has no value.", path=where)


def apply(resource: dict[str, Any], operations: list[Operation]) -> dict[str, Any]:
    """The resource with all operations done in order. Raises Invalid, Unprocessable that name the operation."""
    ends = monotonic() + _SECONDS
    for one in operations:
        if monotonic() > ends:
            raise one.told("the patch takes too long. Send it in smaller ones.")
        top = root(resource)
        try:
            _DO[one.kind](top, one)
        except PathError as error:
            raise Invalid(f"Operation {one.place}: {error}: {one.path[:200]}", path=f"{one.where}") from None
    return resource


def _compiled(one: Operation, top: Node) -> Expression:
    return compiled(one.path, top.type, strict=True)


def _found(top: Node, one: Operation) -> list[Node]:
    """What the path finds, all of it in the resource itself."""
    nodes = _compiled(one, top).nodes(top, steps=_STEPS, seconds=_SECONDS)
    for node in nodes:
        outermost = node
        while outermost.parent is not None:
            outermost = outermost.parent
        if outermost is not top:
            raise one.told("the path leads to what is no element of the resource.")
    return nodes


def _one(top: Node, one: Operation) -> Node:
    nodes = _found(top, one)
    if len(nodes) != 1:
        raise one.told(f"the path finds {len(nodes) or 'no'} elements; one is needed.")
    return nodes[0]


def _add(top: Node, one: Operation) -> None:
    assert one.value is not None
    holder = _one(top, one)
    if not isinstance(holder.value, dict):
        _add_beside(holder, one.value, one)
        return
    _give(holder.value, holder.type, one.name, one.value, one)


def _add_beside(node: Node, value: Value, one: Operation) -> None:
    """Add an id or an extension to a primitive: it lies beside its value."""
    beside: dict[str, Any] = node.extra if isinstance(node.extra, dict) else {}
    _give(beside, node.type, one.name, value, one)
    if node.index is None:
        _held(node)[f"_{node.key}"] = beside
        return
    slot = _List(_held(node), node.key)
    slot.extras[node.index] = beside
    slot.write()


def _give(holder: dict[str, Any], type_: str, name: str, value: Value, one: Operation) -> None:
    """Add an element to an object: to the end of a list, or where there is none yet."""
    name = name.removesuffix("[x]")
    key, made = _element(type_, name, value, one)
    if model.is_many(type_, name):
        slot = _List(holder, key)
        slot.insert(len(slot.values), made)
        slot.write()
        return
    there = [other for other, _ in model.members(type_)[name] if other in holder or f"_{other}" in holder]
    if there:
        raise one.told(f"{there[0]} is there already, and there is one alone. Replace it.")
    _set(holder, key, made)


def _element(type_: str, name: str, value: Value, one: Operation) -> tuple[str, Value]:
    """The JSON name of an element with this value, and the value as it stands there."""
    options = model.members(type_).get(name)
    if options is None:
        raise one.told(f"{type_} has no element “{name[:60]}”.")
    if len(options) == 1:
        key, wanted = options[0]
        if value.type and model.is_primitive(value.type) != model.is_primitive(wanted):
            raise one.told(f"{type_}.{name} is a {wanted}, not a {value.type}.")
        return key, _made(wanted, value, one)
    fitting = [key for key, wanted in options if wanted == value.type]
    if not fitting:
        raise one.told(f"{type_}.{name} cannot be a {value.type or 'value made of parts'}.")
    return fitting[0], value


def _made(type_: str, value: Value, one: Operation) -> Value:
    """A value that is made of parts, as the object that they make."""
    if value.type or not value.parts:
        return value
    made: dict[str, Any] = {}
    for name, inner in value.parts:
        _give(made, type_, name, inner, one)
    return Value(type_, made)


def _set(holder: dict[str, Any], key: str, value: Value) -> None:
    for name, inner in ((key, value.value), (f"_{key}", value.extra)):
        if inner is not None:
            holder[name] = deepcopy(inner)
        else:
            holder.pop(name, None)


class _List:
    """An element that repeats, and for primitives what stands beside each, kept in step."""

    def __init__(self, holder: dict[str, Any], key: str) -> None:
        self.holder = holder
        self.key = key
        self.values: list[Any] = list(holder.get(key) or [])
        self.extras: list[Any] = list(holder.get(f"_{key}") or [])
        longest = max(len(self.values), len(self.extras))
        self.values += [None] * (longest - len(self.values))
        self.extras += [None] * (longest - len(self.extras))

    def insert(self, place: int, value: Value) -> None:
        self.values.insert(place, deepcopy(value.value))
        self.extras.insert(place, deepcopy(value.extra))

    def take(self, place: int) -> Value:
        return Value("", self.values.pop(place), self.extras.pop(place))

    def write(self) -> None:
        for name, found in ((self.key, self.values), (f"_{self.key}", self.extras)):
            if any(value is not None for value in found):
                self.holder[name] = found
            else:
                self.holder.pop(name, None)


def _insert(top: Node, one: Operation) -> None:
    assert one.value is not None
    first, slot = _list(top, one)
    assert first.parent is not None
    if one.at > len(slot.values):
        raise one.told(f"the list has {len(slot.values)} elements, so there is no place {one.at} in it.")
    slot.insert(one.at, _made(first.type, one.value, one))
    slot.write()


def _list(top: Node, one: Operation) -> tuple[Node, _List]:
    """The list that a path finds, whole or in part."""
    nodes = _found(top, one)
    if not nodes:
        raise one.told("the path finds no list. Add the first element with “add”.")
    first = nodes[0]
    if first.parent is None or first.index is None:
        raise one.told("the path does not find a list.")
    if any(node.parent is not first.parent and _held(node) is not _held(first) for node in nodes) or any(
        node.key != first.key for node in nodes
    ):
        raise one.told("the path finds elements of several lists; one list is needed.")
    return first, _List(_held(first), first.key)


def _held(node: Node) -> dict[str, Any]:
    """The object in which an element stands."""
    assert node.parent is not None
    held = node.parent.value if isinstance(node.parent.value, dict) else node.parent.extra
    assert isinstance(held, dict)
    return held


def _delete(top: Node, one: Operation) -> None:
    nodes = _found(top, one)
    if len(nodes) > 1:
        raise one.told(f"the path finds {len(nodes)} elements; one at most is deleted.")
    for node in nodes:
        _take(node, one)


def _take(node: Node, one: Operation) -> None:
    """Take an element away, and what is left empty around it."""
    if node.parent is None:
        raise one.told("the whole resource cannot be deleted by a patch.")
    held = _held(node)
    if node.index is None:
        _set(held, node.key, Value("", None))
    else:
        slot = _List(held, node.key)
        slot.take(node.index)
        slot.write()
    if not held and node.parent.parent is not None:
        _take(node.parent, one)


def _replace(top: Node, one: Operation) -> None:
    assert one.value is not None
    node = _one(top, one)
    if node.parent is None:
        raise one.told("the whole resource is not replaced by a patch. Update it.")
    held = _held(node)
    name = _name_of(node)
    key, made = _element(node.parent.type, name, one.value, one)
    if node.index is not None:
        slot = _List(held, key)
        slot.values[node.index], slot.extras[node.index] = deepcopy(made.value), deepcopy(made.extra)
        slot.write()
    elif key == node.key:
        _set(held, key, made)
    else:
        _rename(held, node.key, key)
        _set(held, key, made)


def _name_of(node: Node) -> str:
    """The element's name, without the type that its JSON name may end in."""
    assert node.parent is not None
    options = model.members(node.parent.type).items()
    return next(name for name, found in options if any(key == node.key for key, _ in found))


def _rename(held: dict[str, Any], old: str, new: str) -> None:
    """Another JSON name in the same place."""
    members = [(new if name == old else name, value) for name, value in held.items() if name != f"_{old}"]
    held.clear()
    held.update(members)


def _move(top: Node, one: Operation) -> None:
    _, slot = _list(top, one)
    count = len(slot.values)
    if one.source >= count or one.destination >= count:
        raise one.told(f"the list has {count} elements; 0 is the first.")
    slot.insert(one.destination, slot.take(one.source))
    slot.write()


_DO = {"add": _add, "insert": _insert, "delete": _delete, "replace": _replace, "move": _move}
