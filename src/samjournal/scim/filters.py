"""Filters and attribute paths: parsed, checked against the schema, asked of a resource. RFC 7644 sections 3.4.2.2, 3.10

parsed(text, kind) -> Test                 userName eq "kari" and emails[type eq "work" and value ew ".no"]
path(text, kind) -> Path                   members[value eq "7"].display, name.familyName, urn:…:Staff:hprNumber
holds(test, resource) -> bool
wanted_alone(test, name) -> str | None     the value when nothing else can fit: what is looked up by an index
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from samjournal.scim.errors import Refused, bad_filter, bad_path
from samjournal.scim.schemas import Attribute, Kind

LONGEST: Final = 4000
DEEPEST: Final = 20
_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[()\[\]])|(?P<word>[^\s()\[\]"]+))""", re.DOTALL
)
_MARKS: Final = frozenset("()[]")
_OPERATORS: Final = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"})
_ORDERED: Final = frozenset({"gt", "ge", "lt", "le"})
_IN_TEXT: Final = frozenset({"co", "sw", "ew"})


@dataclass(frozen=True, slots=True)
class Path:
    """An attribute, perhaps those of its values that fit, perhaps a part of it."""

    attribute: Attribute
    schema: str = ""
    test: Test | None = None
    part: Attribute | None = None

    @property
    def leaf(self) -> Attribute:
        """What is compared: the part, or the `value` of what has parts and several values."""
        if self.part is not None:
            return self.part
        return (self.attribute.part("value") or self.attribute) if self.attribute.sub else self.attribute


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison; `value` None with `pr`."""

    path: Path
    operator: str
    value: str | bool | float | None = None


@dataclass(frozen=True, slots=True)
class Within:
    """A value path: some value of a complex attribute fits all that stands in the brackets."""

    path: Path
    test: Test


@dataclass(frozen=True, slots=True)
class All:
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Some:
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Not:
    test: Test


Test = Compare | Within | All | Some | Not


def parsed(text: str, kind: Kind) -> Test:
    """A filter. Raises Refused (invalidFilter) saying what cannot be read."""
    reader = _Reader(text, kind)
    test = reader.either()
    reader.end()
    return test


def path(text: str, kind: Kind) -> Path:
    """An attribute path of a PATCH, of `attributes` or `sortBy`. Raises Refused (invalidPath)."""
    try:
        reader = _Reader(text, kind)
        found = reader.target()
        reader.end()
    except Refused as error:
        raise bad_path(error.text) from None
    return found


class _Reader:
    """A recursive descent over the tokens of one filter."""

    def __init__(self, text: str, kind: Kind) -> None:
        if len(text) > LONGEST:
            raise bad_filter(f"The filter is longer than {LONGEST} characters.")
        self._tokens = list(_tokens(text))
        self._at = 0
        self._kind = kind
        self._deep = 0

    def either(self, of: Attribute | None = None) -> Test:
        self._deep += 1
        if self._deep > DEEPEST:
            raise bad_filter(f"The filter has more than {DEEPEST} parentheses in each other.")
        tests = [self._both(of)]
        while self._word() == "or":
            self._at += 1
            tests.append(self._both(of))
        self._deep -= 1
        return tests[0] if len(tests) == 1 else Some(tuple(tests))

    def _both(self, of: Attribute | None) -> Test:
        tests = [self._one(of)]
        while self._word() == "and":
            self._at += 1
            tests.append(self._one(of))
        return tests[0] if len(tests) == 1 else All(tuple(tests))

    def _one(self, of: Attribute | None) -> Test:
        if self._word() == "not":
            self._at += 1
            if self._peek() != "(":
                raise bad_filter("After “not” comes a parenthesis: not (active eq true).")
            return Not(self._enclosed(of))
        if self._peek() == "(":
            return self._enclosed(of)
        found = self._name(of)
        if self._peek() == "[":
            if of is not None or not found.attribute.sub:
                raise bad_filter(f"{found.attribute.name} has no parts to look at in brackets.")
            return Within(found, self._bracketed(found.attribute))
        return self._compare(found)

    def target(self) -> Path:
        """A path: an attribute, perhaps with brackets, perhaps with a part behind them."""
        found = self._name(None)
        if self._peek() != "[":
            return found
        if not (found.attribute.sub and found.attribute.multi) or found.part is not None:
            raise bad_filter(f"{found.attribute.name} has not several values to choose among in brackets.")
        test = self._bracketed(found.attribute)
        part = None
        rest = self._peek()
        if rest is not None and rest.startswith("."):
            self._at += 1
            part = found.attribute.part(rest[1:])
            if part is None:
                raise bad_filter(f"{found.attribute.name} has no part {rest[1:][:60]}.")
        return Path(found.attribute, found.schema, test, part)

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise bad_filter(f"It cannot be read from “{self._tokens[self._at][:60]}” on.")

    def _enclosed(self, of: Attribute | None) -> Test:
        self._expect("(")
        test = self.either(of)
        self._expect(")")
        return test

    def _bracketed(self, of: Attribute) -> Test:
        self._expect("[")
        test = self.either(of)
        self._expect("]")
        return test

    def _name(self, of: Attribute | None) -> Path:
        word = self._next("an attribute")
        if of is not None:
            part = of.part(word)
            if part is None:
                raise bad_filter(f"{of.name} has no part {word[:60]}: {', '.join(one.name for one in of.sub)}.")
            return Path(part)
        schema, name = "", word
        if word.lower().startswith("urn:"):
            schema, _, name = word.rpartition(":")
            if word.lower() in (self._kind.schema.lower(), self._kind.extension.lower()):
                raise bad_filter("A schema alone is no attribute.")
        top, _, part_name = name.partition(".")
        attribute = self._kind.find(top, schema)
        if attribute is None:
            raise bad_filter(f"A {self._kind.name} has no attribute {word[:120]}.")
        in_extension = self._kind.extension if schema.lower() == self._kind.extension.lower() else ""
        if not part_name:
            return Path(attribute, in_extension)
        part = attribute.part(part_name)
        if part is None:
            raise bad_filter(f"{attribute.name} has no part {part_name[:60]}.")
        return Path(attribute, in_extension, None, part)

    def _compare(self, found: Path) -> Compare:
        operator = self._next("an operator").lower()
        if operator not in _OPERATORS:
            raise bad_filter(f"“{operator[:40]}” is no operator: {', '.join(sorted(_OPERATORS))}.")
        leaf = found.part if found.part is not None else found.leaf
        if leaf.returned == "never" or found.attribute.returned == "never":
            raise bad_filter(f"{leaf.name} is never given back, so nobody is found by it.")
        if operator == "pr":
            return Compare(found, operator)
        value = self._value(leaf)
        if leaf.type == "boolean" and operator not in ("eq", "ne"):
            raise bad_filter(f"{leaf.name} is true or false: compare it with eq or ne.")
        if operator in _IN_TEXT and not isinstance(value, str):
            raise bad_filter(f"{operator} looks in text: put the value in quotation marks.")
        return Compare(found, operator, value)

    def _value(self, leaf: Attribute) -> str | bool | float | None:
        token = self._next("a value")
        if token.startswith('"'):
            text = _unquoted(token)
            if leaf.type == "boolean":
                if text.lower() not in ("true", "false"):
                    raise bad_filter(f"{leaf.name} is true or false, not “{text[:40]}”.")
                return text.lower() == "true"
            if leaf.type == "dateTime":
                _moment(text, leaf.name)
            return text
        match token.lower():
            case "true" | "false" if leaf.type == "boolean":
                return token.lower() == "true"
            case "null":
                return None
        raise bad_filter(f"“{token[:40]}” is no value of {leaf.name}: text stands in quotation marks.")

    def _peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _word(self) -> str:
        return (self._peek() or "").lower()

    def _next(self, what: str) -> str:
        token = self._peek()
        if token is None or token in _MARKS:
            raise bad_filter(f"Here {what} is missing{f', before “{token}”' if token else ''}.")
        self._at += 1
        return token

    def _expect(self, mark: str) -> None:
        if self._peek() != mark:
            raise bad_filter(f"“{mark}” is missing.")
        self._at += 1


def _tokens(text: str) -> Iterator[str]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise bad_filter(f"It cannot be read from “{text[at : at + 40]}” on.")
        yield found["text"] or found["mark"] or found["word"]
        at = found.end()


def _unquoted(token: str) -> str:
    import json

    try:
        return str(json.loads(token))
    except ValueError:
        raise bad_filter(f"{token[:60]} is no text as JSON writes it.") from None


def _moment(text: str, name: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise bad_filter(f"{name} is a moment such as 2026-11-29T10:00:00Z, not “{text[:40]}”.") from None


def holds(test: Test, resource: dict[str, Any]) -> bool:
    """Whether a resource fits."""
    match test:
        case All(tests):
            return all(holds(one, resource) for one in tests)
        case Some(tests):
            return any(holds(one, resource) for one in tests)
        case Not(one):
            return not holds(one, resource)
        case Within(found, one):
            return any(holds(one, value) for value in _values(found, resource) if isinstance(value, dict))
        case Compare(found, operator, value):
            return _compares(found, operator, value, resource)


def _values(found: Path, resource: dict[str, Any]) -> list[Any]:
    """The values of a path's attribute."""
    within = resource.get(found.schema, {}) if found.schema else resource
    value = within.get(found.attribute.name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _compares(found: Path, operator: str, wanted: Any, resource: dict[str, Any]) -> bool:
    leaf = found.leaf
    values = _values(found, resource)
    if found.attribute.sub:
        values = [one.get(leaf.name) for one in values if isinstance(one, dict)]
    values = [one for one in values if one not in (None, "")]
    if operator == "pr":
        return bool(values)
    if operator == "ne":
        return not any(_fits(leaf, "eq", one, wanted) for one in values) if values else wanted is not None
    if wanted is None:
        return operator == "eq" and not values
    return any(_fits(leaf, operator, one, wanted) for one in values)


def _fits(leaf: Attribute, operator: str, value: Any, wanted: Any) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool):
        return operator == "eq" and value is wanted
    if leaf.type == "dateTime":
        value, wanted = datetime.fromisoformat(value), datetime.fromisoformat(wanted)
        if (value.tzinfo is None) != (wanted.tzinfo is None):
            value, wanted = value.replace(tzinfo=None), wanted.replace(tzinfo=None)
    elif not leaf.exact:
        value, wanted = str(value).lower(), str(wanted).lower()
    match operator:
        case "eq":
            return bool(value == wanted)
        case "co":
            return wanted in value
        case "sw":
            return bool(value.startswith(wanted))
        case "ew":
            return bool(value.endswith(wanted))
        case "gt":
            return bool(value > wanted)
        case "ge":
            return bool(value >= wanted)
        case "lt":
            return bool(value < wanted)
        case _:
            return bool(value <= wanted)


def wanted_alone(test: Test, name: str) -> str | None:
    """The text that an attribute must equal for a resource to fit, None when others can fit too."""
    if isinstance(test, All):
        return next((value for one in test.tests if (value := wanted_alone(one, name)) is not None), None)
    if not (isinstance(test, Compare) and test.operator == "eq") or test.path.schema or test.path.part is not None:
        return None
    return test.value if test.path.attribute.name == name and isinstance(test.value, str) else None
