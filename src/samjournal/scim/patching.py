"""PATCH: operations on a document, one after the other, all or none. RFC 7644 section 3.5.2

    patched(document, body, kind) -> document

Directories write it in their own ways, and these are read too: `op` in whatever case, no `path` and an object of paths
as value, "True" for true, one value where several may stand, `members` removed by a list as value.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from samjournal.scim import filters
from samjournal.scim.documents import Document, extension, value_of
from samjournal.scim.errors import Refused, bad_path, bad_syntax, bad_value
from samjournal.scim.filters import All, Compare, Path, Test, holds
from samjournal.scim.schemas import Attribute, Kind

SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MOST: Final = 1000


def patched(document: Document, body: object, kind: Kind) -> Document:
    """The document after the operations. Raises Refused: nothing of them is done then."""
    if not isinstance(body, dict):
        raise bad_syntax("Send a PatchOp as a JSON object.")
    said = {name.lower(): value for name, value in body.items()}
    if SCHEMA.lower() not in [str(one).lower() for one in said.get("schemas") or ()]:
        raise bad_syntax(f"schemas must name {SCHEMA}.")
    operations = said.get("operations")
    if not isinstance(operations, list) or not operations:
        raise bad_syntax("Operations is a list with one operation at least.")
    if len(operations) > MOST:
        raise bad_syntax(f"More than {MOST} operations in one PATCH: send them in parts.")
    made = deepcopy(document)
    for each in operations:
        if not isinstance(each, dict):
            raise bad_syntax("Each operation is an object.")
        one = {name.lower(): value for name, value in each.items()}
        op = str(one.get("op", "")).lower()
        if op not in ("add", "replace", "remove"):
            raise bad_syntax(f"op is add, replace or remove, not “{str(one.get('op'))[:40]}”.")
        _operate(made, op, one.get("path"), one.get("value"), kind, has_value="value" in one)
    return made


def _operate(made: Document, op: str, text: object, value: Any, kind: Kind, *, has_value: bool) -> None:
    if op != "remove" and not has_value:
        raise bad_value(f"{op} needs a value.")
    if not text:
        if op == "remove":
            raise Refused("remove needs a path.", kind="noTarget")
        if not isinstance(value, dict):
            raise bad_value("Without a path the value is an object of attributes.")
        for name, one in value.items():
            if name.lower() == "schemas":
                continue
            attribute = kind.find(name)
            if attribute is not None and attribute.mutability == "readOnly":
                continue  # A whole resource sent back: what is ours in it is not changed.
            _operate(made, op, name, one, kind, has_value=True)
        return
    if not isinstance(text, str):
        raise bad_path("path is text.")
    if text.lower() == kind.extension.lower():
        _whole(made, op, value, kind)
        return
    path = filters.path(text, kind)
    _refuse_ours(path)
    within = made.setdefault(path.schema, {}) if path.schema else made
    if path.test is not None:
        _among(within, op, path, value)
    elif path.part is not None:
        _part(within, op, path, path.part, value)
    else:
        _attribute(within, op, path.attribute, value)


def _refuse_ours(path: Path) -> None:
    ours = path.attribute.mutability == "readOnly" or (path.part is not None and path.part.mutability == "readOnly")
    if ours or path.attribute.name == "schemas":
        name = path.part.name if path.part else path.attribute.name
        raise Refused(f"{name} is the server's own, and is not changed.", kind="mutability")


def _whole(made: Document, op: str, value: Any, kind: Kind) -> None:
    """All of an extension."""
    if op == "remove":
        made.pop(kind.extension, None)
        return
    said = extension(value, kind)
    if op == "replace":
        made[kind.extension] = {}
    for name, one in said.items():
        attribute = kind.find(name, kind.extension)
        assert attribute is not None
        _attribute(made.setdefault(kind.extension, {}), op, attribute, one)


def _attribute(within: Document, op: str, attribute: Attribute, value: Any) -> None:
    name = attribute.name
    if op == "remove":
        if attribute.required:
            raise bad_value(f"{name} must have a value.")
        if attribute.multi and value:
            gone = value_of(attribute, value)
            within[name] = [one for one in within.get(name) or [] if not any(_is(one, each) for each in gone)]
        else:
            within[name] = [] if attribute.multi else None
        return
    read = value_of(attribute, value)
    if attribute.required and not read:
        raise bad_value(f"{name} must have a value.")
    if op == "replace" or not (attribute.multi or attribute.type == "complex"):
        within[name] = read
    elif attribute.multi:
        within[name] = _added(within.get(name) or [], read)
    else:
        within[name] = {**(within.get(name) or {}), **read}


def _added(standing: list[Any], new: list[Any]) -> list[Any]:
    """Values added to those that stand; what stands already is not added, and one alone is primary."""
    made = list(standing)
    known = {one["value"] for one in standing if isinstance(one, dict) and "value" in one and len(one) <= 4}
    for one in new:
        is_here = one in made if not (isinstance(one, dict) and set(one) == {"value"}) else one["value"] in known
        if is_here:
            continue
        made.append(one)
    return _one_primary(made, new)


def _one_primary(values: list[Any], newest: list[Any]) -> list[Any]:
    if not any(isinstance(one, dict) and one.get("primary") is True for one in newest):
        return values
    return [
        {**one, "primary": False} if isinstance(one, dict) and one.get("primary") is True and one not in newest else one
        for one in values
    ]


def _part(within: Document, op: str, path: Path, part: Attribute, value: Any) -> None:
    name = path.attribute.name
    if path.attribute.multi:
        if not within.get(name) and op != "remove":
            within[name] = [{part.name: value_of(part, value)}]
            return
        for one in within.get(name) or []:
            _set(one, op, part, value)
        return
    whole = dict(within.get(name) or {})
    _set(whole, op, part, value)
    within[name] = whole


def _set(one: Document, op: str, part: Attribute, value: Any) -> None:
    if op == "remove":
        one.pop(part.name, None)
    else:
        one[part.name] = value_of(part, value)


def _among(within: Document, op: str, path: Path, value: Any) -> None:
    """Those of several values that fit."""
    name, test = path.attribute.name, path.test
    assert test is not None
    values: list[Any] = list(within.get(name) or [])
    fitting = [place for place, one in enumerate(values) if holds(test, one)]
    if op == "remove":
        if path.part is None:
            within[name] = [one for place, one in enumerate(values) if place not in fitting]
        else:
            for place in fitting:
                values[place].pop(path.part.name, None)
        return
    if not fitting:
        made = _made_by(test)
        if made is None or (op == "replace" and path.part is None and not isinstance(value, dict)):
            raise Refused(f"No value of {name} fits.", kind="noTarget")
        values.append(made)
        fitting = [len(values) - 1]
    for place in fitting:
        if path.part is not None:
            values[place] = {**values[place], path.part.name: value_of(path.part, value)}
        else:
            said = value_of(path.attribute, value, one=True)
            values[place] = said if op == "replace" else {**values[place], **said}
    within[name] = _one_primary(values, [values[place] for place in fitting])


def _made_by(test: Test) -> Document | None:
    """The value that a test of equalities alone describes: directories so add an address of a type."""
    tests = test.tests if isinstance(test, All) else (test,)
    made: Document = {}
    for one in tests:
        if not isinstance(one, Compare) or one.operator != "eq" or one.value is None:
            return None
        made[one.path.attribute.name] = one.value
    return made


def _is(one: Any, other: Any) -> bool:
    """Whether a value is meant by what is to be removed: by its `value`, else by all that is said."""
    if isinstance(one, dict) and isinstance(other, dict):
        if "value" in other:
            return bool(one.get("value") == other["value"])
        return all(one.get(name) == value for name, value in other.items())
    return bool(one == other)
