"""Resources as documents: names as the schema writes them, values of the right kind, parts chosen. RFC 7643 section 2

    understood(body, kind) -> document        what somebody sent, without what the server keeps and does not know
    value_of(attribute, value) -> value       one attribute's value, checked
    chosen(document, kind, only, without)     `attributes` and `excludedAttributes`

What is null or [] has no value, and names and schemas that the server does not know are passed over; in PATCH they are
refused. "True" and "False" are read as Booleans: some directories write them so.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from samjournal.scim import filters
from samjournal.scim.errors import bad_syntax, bad_value
from samjournal.scim.schemas import Attribute, Kind

Document = dict[str, Any]
LONGEST: Final = 1024
MOST_VALUES: Final = 50_000


def understood(body: object, kind: Kind) -> Document:
    """What somebody sent to be stored whole. Raises Refused."""
    if not isinstance(body, dict):
        raise bad_syntax(f"Send a {kind.name} as a JSON object.")
    named = body.get("schemas", next((value for name, value in body.items() if name.lower() == "schemas"), None))
    if not isinstance(named, list) or kind.schema.lower() not in [str(one).lower() for one in named]:
        raise bad_syntax(f"schemas must name {kind.schema}.")
    made: Document = {}
    for name, value in body.items():
        if name.lower() == kind.extension.lower():
            made[kind.extension] = extension(value, kind)
            continue
        attribute = kind.find(name)
        if attribute is None or attribute.name == "schemas" or attribute.mutability == "readOnly":
            continue
        made[attribute.name] = value_of(attribute, value)
    for attribute in kind.attributes:
        if attribute.required and not made.get(attribute.name):
            raise bad_value(f"{attribute.name} is missing.")
    return made


def extension(value: object, kind: Kind) -> Document:
    """The part of the extension."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad_value(f"{kind.extension} is an object.")
    found = {}
    for name, one in value.items():
        attribute = kind.find(name, kind.extension)
        if attribute is not None and attribute.mutability != "readOnly":
            found[attribute.name] = value_of(attribute, one)
    return found


def value_of(attribute: Attribute, value: object, *, one: bool = False) -> Any:
    """A value of an attribute; `one` of several."""
    if value is None:
        return [] if attribute.multi and not one else None
    if attribute.multi and not one:
        many = value if isinstance(value, list) else [value]
        if len(many) > MOST_VALUES:
            raise bad_value(f"{attribute.name} has more than {MOST_VALUES} values.")
        made = [value_of(attribute, each, one=True) for each in many]
        if sum(isinstance(each, dict) and each.get("primary") is True for each in made) > 1:
            raise bad_value(f"One value of {attribute.name} at most is primary.")
        return made
    match attribute.type:
        case "complex":
            return _complex(attribute, value)
        case "boolean":
            return _boolean(attribute, value)
        case "dateTime":
            return _moment(attribute, value)
        case _:
            if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                raise bad_value(f"{attribute.name} is text.")
            text = str(value)
            if len(text) > LONGEST or "\x00" in text:
                raise bad_value(f"{attribute.name} is longer than {LONGEST} characters, or holds what is no text.")
            return text


def _complex(attribute: Attribute, value: object) -> Any:
    if not isinstance(value, dict):
        if attribute.part("value") is None or isinstance(value, list):
            raise bad_value(f"{attribute.name} is an object.")
        value = {"value": value}  # Some send members and addresses bare.
    made = {}
    for name, one in value.items():
        part = attribute.part(name)
        if part is not None and part.mutability != "readOnly":
            read = value_of(part, one)
            if read is not None:
                made[part.name] = read
    return made


def _boolean(attribute: Attribute, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise bad_value(f"{attribute.name} is true or false.")


def _moment(attribute: Attribute, value: object) -> str:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise bad_value(
            f"{attribute.name} is a moment such as 2026-11-29T10:00:00Z, not “{str(value)[:40]}”."
        ) from None
    if moment.tzinfo is None:
        raise bad_value(f"{attribute.name} lacks its time zone: 2026-11-29T10:00:00+01:00.")
    return moment.astimezone(UTC).isoformat()


def chosen(document: Document, kind: Kind, only: str | None, without: str | None) -> Document:
    """A resource with the attributes asked for; what is always given back stays. RFC 7644 section 3.9"""
    if only is None and without is None:
        return document
    if only is not None and without is not None:
        raise bad_value("Send attributes or excludedAttributes, not both.")
    names = [part.strip() for part in (only if only is not None else without or "").split(",") if part.strip()]
    paths = [_asked(name, kind) for name in names]
    if only is not None:
        made: Document = {name: document[name] for name in ("schemas", "id") if name in document}
        for schema, name, part in paths:
            _copy(document, made, schema, name, part)
        return made
    made = {name: dict(value) if name == kind.extension else value for name, value in document.items()}
    for schema, name, part in paths:
        _drop(made, schema, name, part)
    return made


def _asked(name: str, kind: Kind) -> tuple[str, str, str]:
    """Schema, attribute and part; an extension alone is all of it."""
    if name.lower() == kind.extension.lower():
        return kind.extension, "", ""
    found = filters.path(name, kind)
    return found.schema, found.attribute.name, found.part.name if found.part else ""


def _copy(document: Document, made: Document, schema: str, name: str, part: str) -> None:
    source = document.get(schema, {}) if schema else document
    if schema and not name:
        if source:
            made[schema] = source
        return
    if name not in source:
        return
    target = made.setdefault(schema, {}) if schema else made
    if not part:
        target[name] = source[name]
    elif isinstance(source[name], list):
        old = target.get(name) or [{} for _ in source[name]]
        new = [{part: one[part]} if part in one else {} for one in source[name]]
        target[name] = [{**before, **after} for before, after in zip(old, new, strict=True)]
    elif part in source[name]:
        target[name] = {**target.get(name, {}), part: source[name][part]}


def _drop(made: Document, schema: str, name: str, part: str) -> None:
    if name in ("id", "schemas") and not schema:
        return
    if schema and not name:
        made.pop(schema, None)
        return
    source = made.get(schema, {}) if schema else made
    if not part:
        source.pop(name, None)
    elif isinstance(source.get(name), list):
        source[name] = [{each: value for each, value in one.items() if each != part} for one in source[name]]
    elif isinstance(source.get(name), dict):
        source[name] = {each: value for each, value in source[name].items() if each != part}
