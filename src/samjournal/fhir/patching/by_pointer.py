"""JSON Patch: add, remove, replace, move, copy and test, by JSON Pointers. RFC 6902, RFC 6901"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any, NamedTuple

from samjournal.fhir import exact
from samjournal.fhir.errors import Invalid, Unprocessable

_NEEDS = {
    "add": ("path", "value"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "move": ("from", "path"),
    "copy": ("from", "path"),
    "test": ("path", "value"),
}
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_LONE_TILDE = re.compile(r"~(?![01])")
_MOST_COPIED = 2 * 1024 * 1024


class Operation(NamedTuple):
    """One operation; `place` is its number in the patch, for what is told."""

    place: int
    op: str
    path: tuple[str, ...]
    origin: tuple[str, ...]
    value: Any

    def told(self, text: str) -> str:
        return f"Operation {self.place} ({self.op} {pointer(self.path)}): {text}"


def pointer(path: tuple[str, ...]) -> str:
    """The path as it is written."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)[:200] or '""'


def read(asked: Any, *, most: int) -> list[Operation]:
    """The operations of a patch, none where nothing is to change. Raises Invalid."""
    if not isinstance(asked, list):
        raise Invalid("A JSON Patch is an array of operations.")
    if len(asked) > most:
        raise Invalid(f"The patch has {len(asked)} operations; at most {most} are taken.")
    return [_operation(place, one) for place, one in enumerate(asked)]


def _operation(place: int, one: Any) -> Operation:
    where = f"Operation {place}"
    if not isinstance(one, dict):
        raise Invalid(f"{where} is not an object with “op” and “path”.")
    op = one.get("op")
    if not isinstance(op, str) or op not in _NEEDS:
        raise Invalid(f"{where}: “op” is one of {', '.join(_NEEDS)}, not {str(op)[:40]}.")
    missing = [name for name in _NEEDS[op] if name not in one]
    if missing:
        raise Invalid(f"{where} ({op}) has no “{missing[0]}”.")
    path = _path(where, "path", one["path"])
    origin = _path(where, "from", one["from"]) if "from" in _NEEDS[op] else ()
    if op == "move" and path != origin and path[: len(origin)] == origin:
        raise Invalid(f"{where}: what is moved cannot be moved into itself.")
    return Operation(place, op, path, origin, one.get("value"))


def _path(where: str, name: str, text: Any) -> tuple[str, ...]:
    if not isinstance(text, str) or (text and not text.startswith("/")) or _LONE_TILDE.search(text):
        told = "a JSON Pointer such as /name/0/family; / in a name is ~1, ~ is ~0"
        raise Invalid(f"{where}: “{name}” is {told}, not {str(text)[:60]}.")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


class _Document:
    """The resource as it changes; `emptied` are containers from which something went."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree
        self.emptied: dict[int, Any] = {}
        self.copied = 0


def apply(resource: Any, operations: list[Operation]) -> Any:
    """The resource with all operations done in order. Raises Unprocessable that names the operation."""
    document = _Document(resource)
    for one in operations:
        _DO[one.op](document, one)
    return _without_empty(document.tree, document.emptied)


def _add(document: _Document, one: Operation) -> None:
    _put(document, one, deepcopy(one.value))


def _put(document: _Document, one: Operation, value: Any) -> None:
    if not one.path:
        document.tree = value
        return
    holder, last = _at(document.tree, one.path[:-1], one), one.path[-1]
    if isinstance(holder, list):
        place = len(holder) if last == "-" else _index(last, one)
        if place > len(holder):
            raise Unprocessable(one.told(f"the array has {len(holder)} elements; add at its end with “-”."))
        holder.insert(place, value)
    elif isinstance(holder, dict):
        holder[last] = value
    else:
        raise _nothing_there(one, one.path[:-1])


def _remove(document: _Document, one: Operation) -> None:
    _take(document, one, one.path)


def _take(document: _Document, one: Operation, path: tuple[str, ...]) -> Any:
    if not path:
        raise Unprocessable(one.told("the whole resource cannot be taken away. Delete it instead."))
    holder = _at(document.tree, path[:-1], one)
    value = _at(document.tree, path, one)
    document.emptied[id(holder)] = holder
    if isinstance(holder, list):
        del holder[_index(path[-1], one)]
    else:
        del holder[path[-1]]
    return value


def _replace(document: _Document, one: Operation) -> None:
    _at(document.tree, one.path, one)
    if not one.path:
        document.tree = deepcopy(one.value)
        return
    holder = _at(document.tree, one.path[:-1], one)
    key: Any = _index(one.path[-1], one) if isinstance(holder, list) else one.path[-1]
    holder[key] = deepcopy(one.value)


def _move(document: _Document, one: Operation) -> None:
    if one.path != one.origin:
        _put(document, one, _take(document, one, one.origin))
    else:
        _at(document.tree, one.origin, one)


def _copy(document: _Document, one: Operation) -> None:
    value = _at(document.tree, one.origin, one)
    document.copied += len(exact.encode(value))
    if document.copied > _MOST_COPIED:
        raise Unprocessable(one.told("the patch copies more than 2 MiB. Send what is to stand there."))
    _put(document, one, deepcopy(value))


def _test(document: _Document, one: Operation) -> None:
    if not exact.alike(_at(document.tree, one.path, one), one.value):
        raise Unprocessable(one.told("the value there is another, so nothing was changed. Read the resource again."))


_DO = {"add": _add, "remove": _remove, "replace": _replace, "move": _move, "copy": _copy, "test": _test}


def _at(tree: Any, path: tuple[str, ...], one: Operation) -> Any:
    """What lies at a path. Raises Unprocessable."""
    found = tree
    for place, part in enumerate(path):
        if isinstance(found, list):
            index = _index(part, one)
            if index >= len(found):
                raise _nothing_there(one, path[: place + 1])
            found = found[index]
        elif isinstance(found, dict) and part in found:
            found = found[part]
        else:
            raise _nothing_there(one, path[: place + 1])
    return found


def _index(text: str, one: Operation) -> int:
    if not _INDEX.fullmatch(text):
        raise Unprocessable(one.told(f"{text[:40]!r} is no place in an array: 0 is the first."))
    return int(text)


def _nothing_there(one: Operation, path: tuple[str, ...]) -> Unprocessable:
    return Unprocessable(one.told(f"there is nothing at {pointer(path)}."))


def _without_empty(tree: Any, emptied: dict[int, Any]) -> Any:
    """The tree without the arrays and objects from which the last element went: FHIR has no empty ones."""
    inner = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree)) if isinstance(tree, list) else []
    for key, value in reversed(inner):
        if not isinstance(value, dict | list):
            continue
        _without_empty(value, emptied)
        if not value and id(value) in emptied:
            del tree[key]
            emptied[id(tree)] = tree
    return tree
