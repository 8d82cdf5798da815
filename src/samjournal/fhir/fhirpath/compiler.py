"""From a tree to functions, with types followed on the way: an element that no resource can have is refused at once.

hl7.org/fhirpath/N1/#type-safety-and-strict-evaluation
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from samjournal.fhir.fhirpath import (
    converting,
    filtering,
    model,
    nodes,
    numbers,
    parser,
    resources,
    running,
    temporal,
    texts,
)
from samjournal.fhir.fhirpath.amounts import Amount, calendar
from samjournal.fhir.fhirpath.errors import PathError
from samjournal.fhir.fhirpath.nodes import Collection, Node, system
from samjournal.fhir.fhirpath.operators import LOGICAL, OPERATORS, affirmed, negated
from samjournal.fhir.fhirpath.parser import Tree
from samjournal.fhir.fhirpath.running import BOOLEAN, INTEGER, STRING, Closure, Context, Function, Resolve, Run, one

FUNCTIONS: dict[str, Function] = {
    **filtering.FUNCTIONS,
    **texts.FUNCTIONS,
    **numbers.FUNCTIONS,
    **converting.FUNCTIONS,
    **resources.FUNCTIONS,
}
Types = frozenset[str] | None
"""What a part may be; None when it is not known."""
_NO_TYPES: frozenset[str] = frozenset()
_ORDERED = frozenset({"first", "last", "tail", "skip", "take"})
_UNORDERED = frozenset({"children", "descendants"})
_ADDRESSES = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "ucum": "http://unitsofmeasure.org",
}


class Built(NamedTuple):
    run: Closure
    types: Types


class Scope(NamedTuple):
    """What `$this` may be, and what is asked of the expression as a whole."""

    types: Types
    base: str
    strict: bool
    lenient: bool


@dataclass(frozen=True)
class Expression:
    """An expression ready to be used; `types` are those that it may give, None when that cannot be known."""

    text: str
    types: Types
    _run: Closure

    def nodes(
        self,
        resource: dict[str, Any] | Node,
        *,
        variables: Mapping[str, Any] | None = None,
        resolve: Resolve | None = None,
        steps: int = running.MOST_STEPS,
        seconds: float = running.LONGEST,
    ) -> Collection:
        """What is found in a resource, within so many steps and seconds. Raises PathError."""
        start = resource if isinstance(resource, Node) else nodes.root(resource)
        own = {name: [system(value)] for name, value in (variables or {}).items()}
        run = Run(start, own, resolve, steps=steps, seconds=seconds)
        try:
            return self._run(Context(run, [start]))
        except RecursionError:
            raise PathError("The expression is nested too deeply") from None

    def values(self, resource: dict[str, Any], **options: Any) -> list[Any]:
        """What is found, as plain values; what is none of them as it stands in the resource."""
        found = []
        for node in self.nodes(resource, **options):
            value = nodes.plain(node)
            found.append(node.value if value is None else value)
        return found


@lru_cache(maxsize=512)
def compiled(expression: str, base: str = "", *, strict: bool = False, lenient: bool = False) -> Expression:
    """An expression on resources of the type `base`. An element that the type does not have is refused. A path that
    begins with another type finds nothing, or is refused (`strict`). `lenient` takes `as` on several values, as R4's
    own search parameters do. Raises PathError."""
    types = frozenset({base}) if base else None
    try:
        built = _build(parser.parse(expression), Scope(types, base, strict, lenient))
    except RecursionError:
        raise PathError("The expression is nested too deeply") from None
    return Expression(expression, built.types, built.run)


def _build(tree: Tree, scope: Scope) -> Built:
    match tree:
        case parser.Literal():
            node = system(_literal(tree))
            return Built(lambda _context: [node], frozenset({node.type}))
        case parser.Empty():
            return Built(lambda _context: [], _NO_TYPES)
        case parser.Special(name="$this"):
            return Built(lambda context: context.this, scope.types)
        case parser.Special(name="$index"):
            return Built(lambda context: [system(context.place)], INTEGER)
        case parser.Special():
            return Built(lambda context: context.total or [], None)
        case parser.Variable():
            return _variable(tree, scope)
        case parser.Member():
            return _member(tree, scope)
        case parser.Call():
            return _call(tree, scope)
        case parser.Place():
            return _place(tree, scope)
        case parser.Sign():
            inner = _build(tree.of, scope)
            sign = negated if tree.sign == "-" else affirmed
            return Built(_placed(sign(inner.run), tree.at), inner.types)
        case parser.OfType():
            return _typed(tree.sign, _build(tree.left, scope), tree.type, tree.at, scope)
    left, right = _build(tree.left, scope), _build(tree.right, scope)
    return Built(_placed(OPERATORS[tree.sign](left.run, right.run), tree.at), _joined(tree.sign, left, right))


def _joined(sign: str, left: Built, right: Built) -> Types:
    if sign in LOGICAL:
        return BOOLEAN
    if sign == "&":
        return STRING
    if sign == "|":
        return None if left.types is None or right.types is None else left.types | right.types
    return None


def _placed(run: Closure, at: int) -> Closure:
    """The same; what goes wrong in it is told with its place."""

    def placed(context: Context) -> Collection:
        try:
            return run(context)
        except PathError as error:
            if error.at < 0:
                error.at = at
            raise
        except ArithmeticError:
            raise PathError("A number here is beyond what can be reckoned with", at) from None

    return placed


def _literal(tree: parser.Literal) -> Any:
    found: Any = None
    match tree.kind:
        case "boolean":
            return tree.text == "true"
        case "text":
            return tree.text
        case "number":
            return _number(tree)
        case "quantity":
            word = calendar(tree.unit) if tree.word else None
            return Amount(Decimal(tree.text), word or tree.unit, word=word is not None)
        case "time":
            found = temporal.read_time(tree.text[1:])
        case "date":
            read = temporal.read_moment if "T" in tree.text else temporal.read_date
            found = read(tree.text[1:])
    if found is None:
        raise PathError(f"{tree.text} is no real date or time", tree.at)
    return found


def _number(tree: parser.Literal) -> int | Decimal:
    if "." in tree.text:
        return Decimal(tree.text)
    if len(tree.text) > 10 or int(tree.text) > numbers.LARGEST + 1:
        raise PathError(f"{tree.text[:30]} is larger than whole numbers are: write it with a point", tree.at)
    return int(tree.text)


def _variable(tree: parser.Variable, scope: Scope) -> Built:
    name = tree.name
    known = _ADDRESSES.get(name)
    if name.startswith("vs-"):
        known = f"http://hl7.org/fhir/ValueSet/{name[3:]}"
    elif name.startswith("ext-"):
        known = f"http://hl7.org/fhir/StructureDefinition/{name[4:]}"
    if known is not None:
        node = system(known)
        return Built(lambda _context: [node], STRING)
    if name in ("resource", "context", "rootResource"):
        return Built(lambda context: [context.run.resource], frozenset({scope.base}) if scope.base else None)

    def run(context: Context) -> Collection:
        if name not in context.run.variables:
            raise PathError(f"There is no variable %{name}")
        return context.run.variables[name]

    return Built(_placed(run, tree.at), None)


def _member(tree: parser.Member, scope: Scope) -> Built:
    name = tree.name
    if tree.left is None:
        if model.named(name) and name[:1].isupper():
            return _start(tree, scope)
        return _children(Built(lambda context: context.this, scope.types), name, tree.at)
    return _children(_build(tree.left, scope), name, tree.at)


def _start(tree: parser.Member, scope: Scope) -> Built:
    """A path that begins with a type takes up what has that type."""
    wanted = model.named(tree.name)
    fits = scope.types is None or any(
        model.is_kind_of(mine, type_) or model.is_kind_of(type_, mine) for mine in scope.types for type_ in wanted
    )
    if not fits and scope.strict:
        raise PathError(f"The path begins with {tree.name}, but stands on {_names(scope.types)}", tree.at)
    types = scope.types if fits else _NO_TYPES
    return Built(lambda context: [item for item in context.this if filtering.is_of(item, wanted)], types)


def _names(types: Types) -> str:
    return ", ".join(sorted(types or ())[:5]) or "nothing"


def _children(left: Built, name: str, at: int) -> Built:
    types = _types_of(left.types, name, at)
    run = left.run
    child = nodes.child

    def found(context: Context) -> Collection:
        inner = [inner for item in run(context) for inner in child(item, name)]
        context.run.spend(len(inner) + 1)
        return inner

    return Built(found, types)


def _types_of(types: Types, name: str, at: int) -> Types:
    """What an element of this name may be; PathError when none of the types has it."""
    if types is None:
        return None
    found: set[str] = set()
    unknown = False
    for type_ in types:
        options = model.members(type_).get(name)
        if options is not None:
            found.update(named for _, named in options)
        elif type_ in ("Resource", "DomainResource", "System.TypeInfo", "System.Any"):
            unknown = True
    if unknown or "Resource" in found:
        return None
    if types and not found:
        raise PathError(f"{_names(types)} has no element “{name}”", at)
    return frozenset(found)


def _call(tree: parser.Call, scope: Scope) -> Built:
    left = _build(tree.left, scope) if tree.left else Built(lambda context: context.this, scope.types)
    if tree.name in ("is", "as", "ofType"):
        if len(tree.arguments) != 1:
            raise PathError(f"{tree.name}() takes one type", tree.at)
        return _typed(tree.name, left, parser.type_named(tree.arguments[0]), tree.at, scope)
    if tree.name == "sort":
        return _sort(tree, left, scope)
    function = FUNCTIONS.get(tree.name)
    if function is None:
        raise PathError(f"There is no function “{tree.name}”", tree.at)
    if not function.least <= len(tree.arguments) <= function.most:
        most = f"{function.least} to {function.most}" if function.most > function.least else str(function.most)
        raise PathError(f"{tree.name}() takes {most} arguments, not {len(tree.arguments)}", tree.at)
    if scope.strict and tree.name in _ORDERED and isinstance(tree.left, parser.Call) and tree.left.name in _UNORDERED:
        raise PathError(f"{tree.left.name}() has no order for {tree.name}() to go by", tree.at)
    inner = _inner(tree, left, scope) if function.each else scope
    arguments = [_build(argument, inner) for argument in tree.arguments]
    closures = tuple(argument.run for argument in arguments)
    run, call = left.run, function.call

    def found(context: Context) -> Collection:
        given = call(context, run(context), closures)
        context.run.spend(len(given) + 1)
        return given

    return Built(_placed(found, tree.at), _types_given(tree.name, function, left, arguments))


def _inner(tree: parser.Call, left: Built, scope: Scope) -> Scope:
    """What `$this` may be in an argument that is evaluated on each item."""
    if tree.name == "repeat":
        return scope._replace(types=None)
    if tree.name == "iif" and tree.left is None:
        return scope
    if tree.name == "iif" and not left.types:
        return scope._replace(types=None)
    return scope._replace(types=left.types)


def _types_given(name: str, function: Function, left: Built, arguments: list[Built]) -> Types:
    if name in ("union", "combine"):
        other = arguments[0].types
        return None if left.types is None or other is None else left.types | other
    if name == "iif":
        given = [argument.types for argument in arguments[1:]]
        known = [types for types in given if types is not None]
        return frozenset().union(*known) if len(known) == len(given) else None
    if function.types == "same":
        return left.types
    if function.types == "argument":
        return arguments[0].types
    return function.types if isinstance(function.types, frozenset) else None


def _sort(tree: parser.Call, left: Built, scope: Scope) -> Built:
    inner = scope._replace(types=left.types)
    keys = []
    for argument in tree.arguments:
        descending = isinstance(argument, parser.Sign) and argument.sign == "-"
        of = argument.of if isinstance(argument, parser.Sign) and descending else argument
        keys.append((_build(of, inner).run, descending))
    run = left.run
    return Built(_placed(lambda context: filtering.sorted_by(context, run(context), keys), tree.at), left.types)


def _place(tree: parser.Place, scope: Scope) -> Built:
    left, place = _build(tree.left, scope), _build(tree.place, scope)

    def run(context: Context) -> Collection:
        items, at = left.run(context), running.integer(place.run(context))
        return [] if at is None or at < 0 else items[at : at + 1]

    return Built(_placed(run, tree.at), left.types)


def _typed(sign: str, left: Built, name: str, at: int, scope: Scope) -> Built:
    """`is`, `as` and `ofType`."""
    wanted = model.named(name)
    if not wanted:
        raise PathError(f"“{name}” is no type of FHIR R4", at)
    run = left.run
    if sign == "is":

        def tested(context: Context) -> Collection:
            item = one(run(context))
            return [] if item is None else [system(filtering.is_of(item, wanted))]

        return Built(_placed(tested, at), BOOLEAN)
    only_one = sign == "as" and not scope.lenient

    def kept(context: Context) -> Collection:
        items = run(context)
        if only_one:
            one(items)
        return [item for item in items if filtering.is_just(item, wanted)]

    return Built(_placed(kept, at), _kept_types(left.types, wanted))


def _kept_types(types: Types, wanted: tuple[str, ...]) -> Types:
    if types is None:
        return frozenset(wanted)
    narrowed = {mine for mine in types for type_ in wanted if model.is_kind_of(mine, type_)}
    narrowed |= {type_ for mine in types for type_ in wanted if model.is_kind_of(type_, mine)}
    return frozenset(narrowed)
