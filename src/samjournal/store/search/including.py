"""`_include` and `_revinclude`: what is brought along, read and as SQL. hl7.org/fhir/R4/search.html#revinclude

_include=Observation:patient               what the matches refer to by a parameter
_include=Observation:subject:Patient       only where it is of that type
_include=Observation:*, _include=*         by any reference parameter
_include:iterate=Patient:organization      also from what was brought along
_revinclude=Provenance:target              what refers to the matches; `*`, `Type:*` and `:iterate` alike
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from samjournal.db.binding import Arguments
from samjournal.fhir import custom, parameters
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid
from samjournal.fhir.numbers import number as type_number
from samjournal.fhir.parameters import Parameter
from samjournal.store.hiding import protected_of
from samjournal.store.permitted import Condition
from samjournal.store.search.suggesting import nearest

MAX_INCLUDES = 30
"""So many `_include` and `_revinclude` at most stand in one search."""
EVERY = "*"
MODIFIERS = ("iterate",)


@dataclass(frozen=True, slots=True)
class Include:
    """One `_include` or `_revinclude`: source type and parameter (None: every one), and the target where it was
    named. `iterate`: also for what was brought along."""

    source: str | None
    parameter: Parameter | None
    target: str | None
    reverse: bool
    iterate: bool

    def goes_by(self, type_: str) -> Iterable[Parameter]:
        """The reference parameters of a source type that it follows."""
        if self.source not in (None, type_):
            return ()
        return references(type_).values() if self.parameter is None else (self.parameter,)


def read(types: Sequence[str], name: str, value: str) -> Include:
    """An include of a search of these types. Raises Invalid for what is not understood."""
    plain, _, modifier = name.partition(":")
    reverse = plain == "_revinclude"
    if modifier == "recurse":
        raise Invalid(f"“{name}” was its name before R4: write {plain}:iterate.")
    if modifier and modifier not in MODIFIERS:
        raise Invalid(f"“{plain}” does not take the modifier “:{modifier}”.{nearest(modifier, MODIFIERS)}")
    iterate = modifier == "iterate"
    if value == EVERY:
        return Include(None, None, None, reverse, iterate)
    told = f"{name}={value[:80]}"
    source, _, rest = value.partition(":")
    code, _, target = rest.partition(":")
    _expect_type(told, source)
    if not code:
        raise Invalid(f"{told}: name a reference parameter, such as {_example(source)}, or write {source}:*.")
    if target:
        _expect_type(told, target)
    if not reverse and not iterate and source not in types:
        raise Invalid(
            f"{told}: the source must be {' or '.join(types)}, the type searched. From what is brought along, it is"
            f" {plain}:iterate={value[:80]}."
        )
    if code == EVERY:
        return Include(source, None, target or None, reverse, iterate)
    known = references(source)
    if code not in known:
        raise Invalid(f"{told}: {source} has no reference parameter “{code[:40]}”.{nearest(code, known)}")
    parameter = known[code]
    if target and parameter.targets and target not in parameter.targets:
        raise Invalid(f"{told}: {source}.{code} never refers to {target}; it refers to {', '.join(parameter.targets)}.")
    if reverse and not iterate:
        meant = [one for one in types if not target or one == target]
        if not any(not parameter.targets or one in parameter.targets for one in meant):
            raise Invalid(f"{told}: {source}.{code} never refers to {' or '.join(types)}, which is searched.")
    return Include(source, parameter, target or None, reverse, iterate)


def _expect_type(told: str, type_: str) -> None:
    if type_ not in load().resources:
        raise Invalid(f"{told}: “{type_[:40]}” is not a resource type.{nearest(type_, load().resources)}")


def _example(source: str) -> str:
    return f"{source}:{next(iter(references(source)), EVERY)}"


def references(type_: str) -> dict[str, Parameter]:
    """The reference parameters of a type, by code."""
    return _references(type_, custom.epoch())


@lru_cache(maxsize=512)
def _references(type_: str, _epoch: int) -> dict[str, Parameter]:
    return {one.code: one for one in parameters.for_type(type_).values() if one.type == "reference"}


def referring(type_: str) -> tuple[Parameter, ...]:
    """The reference parameters, of all types, that are declared to refer to a type."""
    return _referring(type_, custom.epoch())


@lru_cache(maxsize=512)
def _referring(type_: str, _epoch: int) -> tuple[Parameter, ...]:
    return tuple(
        one for source in sorted(load().resources) for one in references(source).values() if type_ in one.targets
    )


# SQL.

_COLUMNS = "c.type, c.id, v.version, c.patient, v.at, v.body"


def targets(
    wanted: Sequence[tuple[str, str, int | None]],
    may: Condition,
    arguments: Arguments,
    *,
    most: int,
    mostly: int | None = None,
) -> str:
    """SQL of some resources, each in the version named or the newest, as far as the permit goes; `mostly` is the key of
    the patient under whom most of them lie."""
    types = arguments.add([type_number(type_) for type_, _, _ in wanted], "smallint[]")
    ids = arguments.add([id_ for _, id_, _ in wanted], "text[]")
    versions = arguments.add([version for _, _, version in wanted], "integer[]")
    return f"""SELECT {_COLUMNS}, {protected_of(mostly, arguments)}
        FROM unnest({types}, {ids}, {versions}) AS wanted(type, id, version)
        JOIN store.current c USING (type, id)
        JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = coalesce(wanted.version, c.version)
        WHERE NOT c.deleted AND v.body IS NOT NULL AND {may("c", arguments, mostly=mostly)}
        ORDER BY c.type, c.id, v.version LIMIT {most}"""


def having(
    tokens: Sequence[int],
    may: Condition,
    arguments: Arguments,
    *,
    most: int,
    mostly: int | None = None,
    tells_tokens: bool = False,
) -> str:
    """SQL of the resources, of any type, that have one of the tokens, as far as the permit goes; `tells_tokens`: with
    all that each has. No index has the order: the planner would read all of that for what few have."""
    told = ", c.tokens" if tells_tokens else ""
    return f"""SELECT {_COLUMNS}, {protected_of(mostly, arguments)}{told} FROM store.current c
        JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
        WHERE NOT c.deleted AND c.tokens && {arguments.add(list(tokens), "bigint[]")}
            AND {may("c", arguments, mostly=mostly)}
        ORDER BY c.type + 0, c.id LIMIT {most}"""
