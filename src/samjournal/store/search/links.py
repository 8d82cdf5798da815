"""Chains and `_has`: conditions on what a resource refers to, and on what refers to it, to any depth.

subject:Patient.name=Hansen                        hl7.org/fhir/R4/search.html#chaining
_has:Observation:patient:code=1234-5               hl7.org/fhir/R4/search.html#has
patient._has:Observation:patient:code=1234-5       and one in the other

A condition is read into a tree: each hop is a search of another type, whose matches are then looked for from this side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from samjournal.fhir import parameters
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid, UnknownParameter
from samjournal.fhir.parameters import Parameter
from samjournal.store.search.query import filter_of
from samjournal.store.search.suggesting import nearest

MAX_HOPS = 5
MAX_TARGETS = 12
"""So many types are tried where a chain names none."""


@dataclass(frozen=True, slots=True)
class Hop:
    """From a resource to those of `type` by a reference: that of `parameter`, which the resource itself has, or which
    they have (`reverse`). `inner` must hold for them."""

    type: str
    parameter: Parameter
    reverse: bool
    inner: object


@dataclass(frozen=True, slots=True)
class Chained:
    """A chained parameter or `_has`: one of the hops must lead to something. `text` is the name as it was sent."""

    text: str
    hops: tuple[Hop, ...]


def is_linked(name: str) -> bool:
    """Whether a parameter's name is a chain or `_has`."""
    return "." in name or name.partition(":")[0] == "_has"


Leaf = Callable[[str, str, str], object]
"""What the last link asks for, from type, name and value."""


def read(type_: str, name: str, value: str, *, own: Sequence[str] = (), leaf: Leaf | None = None) -> Chained:
    """The condition that a chained name and its value ask for. Raises Invalid, in words that name the link."""
    found = _read(type_, name, value, leaf or partial(filter_of, own=own), 0)
    assert isinstance(found, Chained)
    return found


def _read(type_: str, name: str, value: str, leaf: Leaf, depth: int) -> object:
    if not is_linked(name):
        return leaf(type_, name, value)
    if depth == MAX_HOPS:
        raise Invalid(
            f"A chain has at most {MAX_HOPS} links. Search in two steps, or begin nearer to what you look for."
        )
    if name.partition(":")[0] == "_has":
        return _has(type_, name, value, leaf, depth)
    return _chain(type_, name, value, leaf, depth)


def _chain(type_: str, name: str, value: str, leaf: Leaf, depth: int) -> Chained:
    """hl7.org/fhir/R4/search.html#chaining"""
    head, _, rest = name.partition(".")
    code, _, target = head.partition(":")
    known = parameters.for_type(type_)
    parameter = known.get(code)
    if parameter is None:
        references = [one.code for one in known.values() if one.type == "reference"]
        raise UnknownParameter(f"“{name[:120]}”: {type_} has no search parameter “{code}”.{nearest(code, references)}")
    if parameter.type != "reference":
        raise Invalid(
            f"“{name[:120]}”: {type_}.{code} is a {parameter.type}, and only references are followed."
            f" Write {code}=… for its value."
        )
    if target:
        _expect_target(type_, name, parameter, target)
    return Chained(name, _hops(parameter, (target,) if target else targets(parameter), name, rest, value, leaf, depth))


def _hops(
    parameter: Parameter,
    types: Sequence[str],
    name: str,
    rest: str,
    value: str,
    leaf: Leaf,
    depth: int,
) -> tuple[Hop, ...]:
    """A hop to each of the types that know what the chain goes on with."""
    hops = []
    problems: list[Invalid] = []
    for one in types:
        try:
            hops.append(Hop(one, parameter, False, _read(one, rest, value, leaf, depth + 1)))
        except Invalid as problem:
            problems.append(problem)
    if len(hops) > MAX_TARGETS:
        raise Invalid(
            f"“{name[:120]}” may lead to {len(hops)} types: name the one that is meant, "
            f"such as {parameter.code}:{hops[0].type}.{rest[:60]}."
        )
    if not hops:
        raise _best(problems, parameter, types, name, rest)
    return tuple(hops)


def _best(problems: Sequence[Invalid], parameter: Parameter, types: Sequence[str], name: str, rest: str) -> Invalid:
    """Of the reasons why no target will do, the one that tells most."""
    told = [problem for problem in problems if not isinstance(problem, UnknownParameter)]
    if told or len(types) == 1:
        return (told or problems)[0]
    word = rest.partition(".")[0].partition(":")[0]
    every = {code for one in types for code in parameters.for_type(one)}
    among = f"none of {', '.join(types)}" if len(types) <= MAX_TARGETS else "no type that it may refer to"
    return UnknownParameter(
        f"“{name[:120]}”: of what {parameter.base}.{parameter.code} refers to, {among} has a search parameter "
        f"“{word[:60]}”.{nearest(word, every)}"
    )


def _has(type_: str, name: str, value: str, leaf: Leaf, depth: int) -> Chained:
    """hl7.org/fhir/R4/search.html#has"""
    _, source, code, rest = [*name.split(":", 3), "", "", ""][:4]
    if not (source and code and rest):
        raise Invalid(
            f"“{name[:120]}” is not whole: write _has:Type:reference:parameter=value,"
            " such as _has:Observation:patient:code=1234-5."
        )
    if source not in load().resources:
        raise Invalid(f"“{name[:120]}”: “{source[:40]}” is not a resource type.{nearest(source, load().resources)}")
    known = {one.code: one for one in parameters.for_type(source).values() if one.type == "reference"}
    parameter = known.get(code)
    if parameter is None:
        raise UnknownParameter(
            f"“{name[:120]}”: {source} has no reference parameter “{code[:40]}”.{nearest(code, known)}"
        )
    if parameter.targets and type_ not in parameter.targets:
        fitting = [one.code for one in known.values() if type_ in (one.targets or (type_,))]
        told = f" {', '.join(fitting)} may." if fitting else ""
        raise Invalid(f"“{name[:120]}”: {source}.{code} never refers to {type_}.{told}")
    return Chained(name, (Hop(source, parameter, True, _read(source, rest, value, leaf, depth + 1)),))


def _expect_target(type_: str, name: str, parameter: Parameter, target: str) -> None:
    if target not in load().resources:
        known = parameter.targets or load().resources
        raise Invalid(f"“{name[:120]}”: “{target[:40]}” is not a resource type.{nearest(target, known)}")
    if parameter.targets and target not in parameter.targets:
        raise Invalid(
            f"“{name[:120]}”: {type_}.{parameter.code} never refers to {target}; "
            f"it refers to {', '.join(parameter.targets)}."
        )


def targets(parameter: Parameter) -> tuple[str, ...]:
    """The types that a reference parameter may lead to."""
    return parameter.targets or tuple(sorted(load().resources))
