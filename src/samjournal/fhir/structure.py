"""Does a resource have the structure that R4 gives its type? hl7.org/fhir/R4/validation.html

    check(resource) -> list[Issue]     empty when sound; at most 50, each with path, rule and what is right

Checked: element names, arrays and single values, JSON kinds, primitive formats and real dates, required
elements, one of each choice, no empty objects or arrays, codes of required bindings, reference targets,
contained resources, extensions on primitives, narratives, and what `invariants` lists. Types are compiled
from the definitions when first met.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

from samjournal.fhir import narrative, primitives
from samjournal.fhir.definitions import Element, load
from samjournal.fhir.errors import Issue
from samjournal.fhir.findings import Enough, Issues, Place, short, what
from samjournal.fhir.glance import GLANCES, Glance, listed, reference
from samjournal.fhir.invariants import RULES
from samjournal.fhir.references import type_of

# A check of one member: (value, the object it is in, the object's place, issues).
Member = Callable[[Any, dict[str, Any], Place, Issues], None]
# A check of one value: (value, its outer place, its key or index, issues).
Value = Callable[[Any, Place, "str | int", Issues], None]


def check(resource: dict[str, Any]) -> list[Issue]:
    """What is wrong with the structure of a resource; at most 50 issues."""
    issues = Issues()
    with suppress(Enough):
        _check_resource(resource, None, "", issues)
    return list(issues)


class Compiled:
    """A type made ready for checking: what to do with each JSON name, and what must be there."""

    __slots__ = ("members", "needed", "resource")

    def __init__(self, *, resource: bool) -> None:
        self.members: dict[str, tuple[Member, str | None, Glance]] = {}
        self.needed: list[tuple[str, frozenset[str]]] = []
        self.resource = resource


def _walk(compiled: Compiled, value: dict[str, Any], at: Place, issues: Issues) -> None:
    """The one walker: each member of an object, then what is missing from it."""
    members = compiled.members
    chosen: dict[str, str] | None = None
    for key, child in value.items():
        found = members.get(key)
        if found is None:
            _unknown(compiled, key, at, issues)
            continue
        member, choice, sound = found
        if choice is not None:
            concrete = key[1:] if key[0] == "_" else key
            if chosen is None:
                chosen = {choice: concrete}
            elif chosen.setdefault(choice, concrete) != concrete:
                text = f"{choice}[x] is given twice, as {chosen[choice]} and {concrete}. Keep one of them."
                issues.add("structure", text, (at, key))
        if not sound(child):
            member(child, value, at, issues)
    for name, keys in compiled.needed:
        if name not in value and keys.isdisjoint(value):
            text = f"{name} is missing; it is required. Give it, or an extension that says why it is absent."
            issues.add("required", text, (at, name))
    if len(value) < 2 and not compiled.resource and (not value or "id" in value):
        text = "The object is empty. Leave the element out, or give it a value or an extension."
        issues.add("structure", text, at)


def _check_resource(value: Any, at: Place, key: str | int, issues: Issues) -> None:
    """A resource by itself or in a Bundle: its "#" references must be to its own contained resources."""
    outer, issues.local = issues.local, []
    place = None if key == "" else (at, key)
    _check_named(value, place, issues)
    if issues.local:
        contained = value.get("contained") if isinstance(value, dict) else None
        listed = contained if isinstance(contained, list) else []
        ids = {one["id"] for one in listed if isinstance(one, dict) and isinstance(one.get("id"), str)}
        for text, where in issues.local:
            if text != "#" and text[1:] not in ids:
                issues.add("value", f"{short(text)} is to a contained resource that is not there.", where)
    issues.local = outer


def _check_contained(value: Any, at: Place, key: str | int, issues: Issues) -> None:
    """A contained resource shares the references of the one it is in, and contains none itself."""
    place = (at, key)
    if isinstance(value, dict):
        if "contained" in value:
            text = "A contained resource may not contain others. Put them all in the outermost resource."
            issues.add("structure", text, (place, "contained"))
        meta = value.get("meta")
        for name in ("versionId", "lastUpdated", "security"):
            if isinstance(meta, dict) and name in meta:
                text = f"A contained resource has no {name} of its own. Leave it out."
                issues.add("invariant", text, ((place, "meta"), name))
    _check_named(value, place, issues)


def _check_named(value: Any, place: Place, issues: Issues) -> None:
    if not isinstance(value, dict):
        issues.add("structure", f"{what(value)} stands where a resource must be: a JSON object.", place)
        return
    name = value.get("resourceType")
    if not isinstance(name, str) or name not in load().resources:
        text = f"resourceType is {short(name)}: it must name one of the resource types of FHIR R4."
        issues.add("structure", text, (place, "resourceType"))
        return
    issues.root = issues.root or name
    _walk(_compiled(name), value, place, issues)


@cache
def _compiled(name: str) -> Compiled:
    """The checks of one type."""
    shape = load().shape(name)
    compiled = Compiled(resource=shape.kind == "resource")
    if compiled.resource:
        compiled.members["resourceType"] = (_nothing, None, _seen)
    for element in shape.elements:
        choice = element.name if element.choice else None
        keys = element.json_names()
        for key, type_ in keys:
            if not _is_primitive(type_):
                value, glance = _value_check(type_, element), _glance(type_, element)
                if element.many:
                    several = _unseen if glance is _unseen else listed(glance)
                    compiled.members[key] = (_array(key, value, glance), choice, several)
                else:
                    compiled.members[key] = (_single(key, value), choice, glance)
                continue
            value = _primitive(type_, element)
            if element.many:
                compiled.members[key] = (_primitive_array(key, value), choice, _unseen)
            else:
                compiled.members[key] = (_primitive_single(key, value), choice, _primitive_glance(type_, element))
            if not is_bare(name, element):
                shadow = _shadow_array if element.many else _shadow_single
                compiled.members["_" + key] = (shadow(key), choice, _unseen)
        if element.min:
            names = frozenset(name for key, _ in keys for name in (key, "_" + key))
            compiled.needed.append((element.name + "[x]" if element.choice else element.name, names))
    return compiled


def is_bare(type_: str, element: Element) -> bool:
    """Whether an element is a value and nothing else: it cannot have an id or extensions beside it.

    That is the id of what is no resource, the url of an extension (both attributes in XML), and a div.
    """
    if element.name == "id":
        return load().shape(type_).kind != "resource"
    return element.types == ("xhtml",) or (type_ == "Extension" and element.name == "url")


def _is_primitive(type_: str) -> bool:
    return load().shape(type_).kind == "primitive"


def _nothing(value: Any, owner: dict[str, Any], at: Place, issues: Issues) -> None:
    """The resourceType was looked at before the type was chosen."""


def _seen(_value: Any) -> bool:
    """It was looked at before."""
    return True


# Members: one value, or an array of them.


def _single(key: str, value_check: Value) -> Member:
    def check_single(value: Any, _owner: dict[str, Any], at: Place, issues: Issues) -> None:
        value_check(value, at, key, issues)

    return check_single


def _array(key: str, value_check: Value, sound: Glance) -> Member:
    def check_array(value: Any, _owner: dict[str, Any], at: Place, issues: Issues) -> None:
        if not isinstance(value, list):
            _not_an_array(key, at, issues)
            return
        if not value:
            _empty_array(at, key, issues)
            return
        place = (at, key)
        for index, item in enumerate(value):
            if not sound(item):
                value_check(item, place, index, issues)

    return check_array


def _primitive_single(key: str, value_check: Value) -> Member:
    shadow = "_" + key

    def check_single(value: Any, owner: dict[str, Any], at: Place, issues: Issues) -> None:
        if value is None:
            text = f"{key} is null. Leave it out" + (
                "; the extension in _" + key + " stays." if shadow in owner else "."
            )
            issues.add("structure", text, (at, key))
            return
        value_check(value, at, key, issues)

    return check_single


def _primitive_array(key: str, value_check: Value) -> Member:
    shadow = "_" + key

    def check_array(value: Any, owner: dict[str, Any], at: Place, issues: Issues) -> None:
        if not isinstance(value, list):
            _not_an_array(key, at, issues)
            return
        if not value:
            _empty_array(at, key, issues)
            return
        place = (at, key)
        for index, item in enumerate(value):
            if item is not None:
                value_check(item, place, index, issues)
                continue
            beside = owner.get(shadow)
            if not (isinstance(beside, list) and index < len(beside) and beside[index] is not None):
                text = f"null stands for a value that only has an extension, and {shadow} has none here."
                issues.add("structure", text, (place, index))

    return check_array


def _shadow_single(key: str) -> Member:
    element_check = _complex("Element")

    def check_shadow(value: Any, owner: dict[str, Any], at: Place, issues: Issues) -> None:
        if owner.get(key) is None or not _is_id(value):
            element_check(value, at, "_" + key, issues)

    return check_shadow


def _shadow_array(key: str) -> Member:
    shadow = "_" + key
    element_check = _complex("Element")

    def check_shadow(value: Any, owner: dict[str, Any], at: Place, issues: Issues) -> None:
        if not isinstance(value, list):
            _not_an_array(shadow, at, issues)
            return
        beside = owner.get(key)
        if isinstance(beside, list) and len(beside) != len(value):
            text = f"{key} and {shadow} must be equally long: pad the shorter one with null."
            issues.add("structure", text, (at, shadow))
        if all(item is None for item in value):
            _empty_array(at, shadow, issues)
            return
        for index, item in enumerate(value):
            if item is not None:
                valued = isinstance(beside, list) and index < len(beside) and beside[index] is not None
                if not valued or not _is_id(item):
                    element_check(item, (at, shadow), index, issues)
            elif beside is None:
                text = f"null stands for a value without extension, and {key} has no values."
                issues.add("structure", text, ((at, shadow), index))

    return check_shadow


def _is_id(shadow: Any) -> bool:
    """An id and nothing else: enough beside a value, and empty without one."""
    return type(shadow) is dict and len(shadow) == 1 and primitives.CHECKS["string"](shadow.get("id"))


# Values.


def _value_check(type_: str, element: Element) -> Value:
    if type_ == "Resource":
        return _check_contained if element.name == "contained" else _check_resource
    if type_ == "Reference":
        return _reference(frozenset(element.targets))
    if type_ == "CodeableConcept" and element.value_set and (concepts := load().concepts(element.value_set)):
        return _concept(concepts)
    return _complex(type_)


def _unseen(_value: Any) -> bool:
    """Nothing can be said at a glance."""
    return False


def _glance(type_: str, element: Element) -> Glance:
    if type_ == "Reference":
        return reference(frozenset(element.targets))
    if type_ == "CodeableConcept" and element.value_set and load().concepts(element.value_set):
        return _unseen
    return GLANCES.get(type_, _unseen)


def _primitive_glance(type_: str, element: Element) -> Glance:
    if type_ == "xhtml":
        return _unseen
    codes = load().codes(element.value_set) if element.value_set else None
    if codes is None:
        return _unseen if element.value_set in primitives.FORMATS else primitives.CHECKS[type_]
    return lambda value: type(value) is str and value in codes


@cache
def _complex(type_: str) -> Value:
    """The check of a type by its name, compiled at its first value, since types refer to one another."""
    compiled: Compiled | None = None
    rule = RULES.get(type_)

    def check_complex(value: Any, at: Place, key: str | int, issues: Issues) -> None:
        nonlocal compiled
        if type(value) is not dict:
            text = f"{what(value)} stands where an object of type {type_} must be."
            issues.add("structure", text, (at, key))
            return
        if compiled is None:
            compiled = _compiled(type_)
        _walk(compiled, value, (at, key), issues)
        broken = rule(value) if rule is not None else None
        if broken:
            issues.add("invariant", broken, (at, key))

    return check_complex


_REFERENCE = re.compile(
    r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?|[A-Z][A-Za-z]+\?\S+|[a-z][a-z0-9+.\-]*:\S+"
)
"""Literal, conditional or absolute; a slip of the pen would put a resource in nobody's record."""


def _reference(targets: frozenset[str]) -> Value:
    """A reference that may be to these types only; a type that the text does not show is not judged."""
    check_complex = _complex("Reference")

    def check_reference(value: Any, at: Place, key: str | int, issues: Issues) -> None:
        check_complex(value, at, key, issues)
        if type(value) is not dict:
            return
        text = value.get("reference")
        if type(text) is str:
            if text[:1] == "#":
                issues.local.append((text, (at, key)))
            elif not _REFERENCE.fullmatch(text):
                issues.add("value", f"{short(text)} is no reference: write Type/id, #id or an address.", (at, key))
                return
            if not targets or text.partition("/")[0].partition("?")[0] in targets:
                return
        named = type_of(value) if targets else None
        if named is not None and named not in targets and named in load().resources:
            allowed = ", ".join(sorted(targets))
            issues.add("value", f"The reference is to a {named}; here it may be to: {allowed}.", (at, key))

    return check_reference


def _concept(concepts: frozenset[str]) -> Value:
    """A concept with a required binding: where it has codings, one must be from the value set."""
    check_complex = _complex("CodeableConcept")

    def check_concept(value: Any, at: Place, key: str | int, issues: Issues) -> None:
        check_complex(value, at, key, issues)
        codings = value.get("coding") if type(value) is dict else None
        if not isinstance(codings, list):
            return
        given = [f"{one.get('system')}|{one.get('code')}" for one in codings if isinstance(one, dict)]
        if concepts.isdisjoint(given):
            listed = ", ".join(sorted(concepts)[:20])
            issues.add("code-invalid", f"None of the codings is one of those here: {listed}.", (at, key))

    return check_concept


def _primitive(type_: str, element: Element) -> Value:
    if type_ == "xhtml":
        return _narrative
    is_right = primitives.CHECKS[type_]
    codes = load().codes(element.value_set) if element.value_set else None
    if codes is not None:
        return _code(codes)
    if element.value_set in primitives.FORMATS:
        return _formatted(*primitives.FORMATS[element.value_set])

    def check_primitive(value: Any, at: Place, key: str | int, issues: Issues) -> None:
        if not is_right(value):
            issues.add("value", primitives.wrong(type_, value), (at, key))

    return check_primitive


def _narrative(value: Any, at: Place, key: str | int, issues: Issues) -> None:
    if type(value) is not str:
        issues.add("value", primitives.wrong("xhtml", value), (at, key))
        return
    for problem in narrative.problems(value):
        issues.add("invariant", problem, (at, key))


def _code(codes: frozenset[str]) -> Value:
    def check_code(value: Any, at: Place, key: str | int, issues: Issues) -> None:
        if type(value) is not str:
            issues.add("value", primitives.wrong("code", value), (at, key))
        elif value not in codes:
            listed = ", ".join(sorted(codes)[:20]) + (", …" if len(codes) > 20 else "")
            issues.add("code-invalid", f"{short(value)} is not one of the codes here: {listed}.", (at, key))

    return check_code


def _formatted(pattern: re.Pattern[str], right: str) -> Value:
    """A code of a required system too large to list, which has a format of its own."""

    def check_formatted(value: Any, at: Place, key: str | int, issues: Issues) -> None:
        if type(value) is not str:
            issues.add("value", primitives.wrong("code", value), (at, key))
        elif not pattern.fullmatch(value):
            issues.add("code-invalid", f"{short(value)} is not {right}.", (at, key))

    return check_formatted


# What is said of names and arrays.


def _unknown(compiled: Compiled, key: str, at: Place, issues: Issues) -> None:
    known = sorted(name for name in compiled.members if name[0] != "_" and name != "resourceType")
    near = [name for name in known if name.lower() == key.lower() or name.startswith(key)]
    hint = f"Did you mean {', '.join(near)}?" if near else f"Known here: {', '.join(known[:40])}."
    issues.add("structure", f"There is no element {short(key)} here. {hint}", (at, key))


def _not_an_array(key: str, at: Place, issues: Issues) -> None:
    issues.add("structure", f"{key} may be repeated, so it must be a JSON array: put it in [ ].", (at, key))


def _empty_array(at: Place, key: str, issues: Issues) -> None:
    issues.add("structure", f"{key} is an empty array. Leave it out.", (at, key))
