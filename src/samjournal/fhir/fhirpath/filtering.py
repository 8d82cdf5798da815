"""Functions on collections: whether, which, and joined. hl7.org/fhirpath/N1/#functions"""

from __future__ import annotations

from samjournal.fhir.fhirpath import model
from samjournal.fhir.fhirpath.comparing import order
from samjournal.fhir.fhirpath.errors import PathError
from samjournal.fhir.fhirpath.nodes import Collection, Node, children, key, plain, system
from samjournal.fhir.fhirpath.running import (
    BOOLEAN,
    INTEGER,
    Closure,
    Context,
    Function,
    condition,
    integer,
    one,
    truth,
)

Arguments = tuple[Closure, ...]


def distinct(items: Collection) -> Collection:
    """Each value once, in order."""
    seen: dict[object, Node] = {}
    for item in items:
        seen.setdefault(key(item), item)
    return list(seen.values())


def _yes(value: bool) -> Collection:
    return [system(value)]


def _where(context: Context, items: Collection, arguments: Arguments) -> Collection:
    test = arguments[0]
    return [item for place, item in enumerate(items) if condition(test(context.at(item, place)))]


def _select(context: Context, items: Collection, arguments: Arguments) -> Collection:
    found: Collection = []
    for place, item in enumerate(items):
        found += arguments[0](context.at(item, place))
    return found


def _repeat(context: Context, items: Collection, arguments: Arguments) -> Collection:
    found: Collection = []
    seen = set()
    left = list(items)
    while left:
        inner: Collection = []
        for place, item in enumerate(left):
            for new in arguments[0](context.at(item, place)):
                mark = (new.parent is not None and id(new.parent.value), new.key, new.index, key(new))
                if mark not in seen:
                    seen.add(mark)
                    inner.append(new)
        found += inner
        left = inner
    return found


def _exists(context: Context, items: Collection, arguments: Arguments) -> Collection:
    return _yes(bool(_where(context, items, arguments) if arguments else items))


def _all(context: Context, items: Collection, arguments: Arguments) -> Collection:
    return _yes(all(truth(arguments[0](context.at(item, place))) for place, item in enumerate(items)))


def _not(_context: Context, items: Collection, _arguments: Arguments) -> Collection:
    found = truth(items)
    return [] if found is None else _yes(not found)


def _booleans(items: Collection) -> list[bool]:
    found = [plain(item) for item in items]
    if not all(isinstance(value, bool) for value in found):
        raise PathError("Here all values must be true or false")
    return found


def _subset(one_: Collection, other: Collection) -> bool:
    keys = {key(item) for item in other}
    return all(key(item) in keys for item in one_)


def _iif(context: Context, items: Collection, arguments: Arguments) -> Collection:
    item = one(items)
    inner = Context(context.run, items if item else context.this, context.place, context.total)
    if condition(arguments[0](inner)):
        return arguments[1](inner)
    return arguments[2](inner) if len(arguments) > 2 else []


def _aggregate(context: Context, items: Collection, arguments: Arguments) -> Collection:
    total = arguments[1](context) if len(arguments) > 1 else []
    for place, item in enumerate(items):
        context.run.spend(1 + len(total))
        total = arguments[0](Context(context.run, [item], place, total))
    return total


def _descendants(context: Context, items: Collection, _arguments: Arguments) -> Collection:
    found: Collection = []
    left = list(items)
    while left:
        left = [inner for item in left for inner in children(item)]
        context.run.spend(len(left))
        found += left
    return found


def _counted(context: Context, arguments: Arguments) -> int:
    found = integer(arguments[0](context))
    if found is None:
        raise PathError("Here a whole number is needed")
    return max(found, 0)


def _single(_context: Context, items: Collection, _arguments: Arguments) -> Collection:
    one(items)
    return items


def _union(context: Context, items: Collection, arguments: Arguments) -> Collection:
    return distinct([*items, *arguments[0](context)])


def _intersect(context: Context, items: Collection, arguments: Arguments) -> Collection:
    keys = {key(item) for item in arguments[0](context)}
    return distinct([item for item in items if key(item) in keys])


def _exclude(context: Context, items: Collection, arguments: Arguments) -> Collection:
    keys = {key(item) for item in arguments[0](context)}
    return [item for item in items if key(item) not in keys]


def sorted_by(context: Context, items: Collection, keys: list[tuple[Closure, bool]]) -> Collection:
    """Sorted by the first key, then the next; True turns round. What has no value is the greatest."""
    if not keys:
        keys = [(lambda inner: inner.this, False)]
    found = list(items)
    for closure, descending in reversed(keys):
        values = [(_sort_value(closure(context.at(item, place))), item) for place, item in enumerate(found)]
        found = [item for _, item in _merged(values, descending)]
    return found


def _sort_value(items: Collection) -> object:
    item = one(items)
    return None if item is None else plain(item)


def _merged(values: list[tuple[object, Node]], descending: bool) -> list[tuple[object, Node]]:
    """Stable, by comparisons that may refuse."""
    if len(values) < 2:
        return values
    half = len(values) // 2
    left, right = _merged(values[:half], descending), _merged(values[half:], descending)
    found = []
    while left and right:
        found.append(right.pop(0) if _comes_after(left[0][0], right[0][0], descending) else left.pop(0))
    return found + left + right


def _comes_after(mine: object, theirs: object, descending: bool) -> bool:
    if mine is None or theirs is None:
        return mine is not theirs and (theirs if descending else mine) is None
    try:
        found = order(mine, theirs)
    except ValueError as error:
        raise PathError(str(error)) from None
    return bool(found and (found > 0) != descending)


def _trace(_context: Context, items: Collection, _arguments: Arguments) -> Collection:
    return items


def _type(_context: Context, items: Collection, _arguments: Arguments) -> Collection:
    found = []
    for item in items:
        namespace, _, name = item.type.rpartition(".") if item.type.startswith("System.") else ("FHIR", "", item.type)
        found.append(Node({"namespace": namespace, "name": name}, "System.TypeInfo"))
    return found


def is_of(item: Node, types: tuple[str, ...]) -> bool:
    """Whether an item has one of these types, or a special case of one."""
    return any(type_ == "System.Any" or model.is_kind_of(item.type, type_) for type_ in types)


def is_just(item: Node, types: tuple[str, ...]) -> bool:
    """The same for `as` and `ofType`, which take a primitive by its very type: a code is not cast to a string."""
    if model.is_primitive(item.type):
        return item.type in types
    return is_of(item, types)


FUNCTIONS: dict[str, Function] = {
    "empty": Function(lambda _c, items, _a: _yes(not items), types=BOOLEAN),
    "exists": Function(_exists, 0, 1, each=True, types=BOOLEAN),
    "all": Function(_all, 1, 1, each=True, types=BOOLEAN),
    "allTrue": Function(lambda _c, items, _a: _yes(all(_booleans(items))), types=BOOLEAN),
    "anyTrue": Function(lambda _c, items, _a: _yes(any(_booleans(items))), types=BOOLEAN),
    "allFalse": Function(lambda _c, items, _a: _yes(not any(_booleans(items))), types=BOOLEAN),
    "anyFalse": Function(lambda _c, items, _a: _yes(not all(_booleans(items))), types=BOOLEAN),
    "subsetOf": Function(lambda c, items, a: _yes(_subset(items, a[0](c))), 1, 1, types=BOOLEAN),
    "supersetOf": Function(lambda c, items, a: _yes(_subset(a[0](c), items)), 1, 1, types=BOOLEAN),
    "count": Function(lambda _c, items, _a: [system(len(items))], types=INTEGER),
    "distinct": Function(lambda _c, items, _a: distinct(items), types="same"),
    "isDistinct": Function(lambda _c, items, _a: _yes(len(distinct(items)) == len(items)), types=BOOLEAN),
    "not": Function(_not, types=BOOLEAN),
    "where": Function(_where, 1, 1, each=True, types="same"),
    "select": Function(_select, 1, 1, each=True, types="argument"),
    "repeat": Function(_repeat, 1, 1, each=True, types="argument"),
    "single": Function(_single, types="same"),
    "first": Function(lambda _c, items, _a: items[:1], types="same"),
    "last": Function(lambda _c, items, _a: items[-1:], types="same"),
    "tail": Function(lambda _c, items, _a: items[1:], types="same"),
    "skip": Function(lambda c, items, a: items[_counted(c, a) :], 1, 1, types="same"),
    "take": Function(lambda c, items, a: items[: _counted(c, a)], 1, 1, types="same"),
    "union": Function(_union, 1, 1),
    "combine": Function(lambda c, items, a: [*items, *a[0](c)], 1, 1),
    "intersect": Function(_intersect, 1, 1, types="same"),
    "exclude": Function(_exclude, 1, 1, types="same"),
    "iif": Function(_iif, 2, 3, each=True),
    "aggregate": Function(_aggregate, 1, 2, each=True),
    "children": Function(lambda _c, items, _a: [inner for item in items for inner in children(item)]),
    "descendants": Function(_descendants),
    "trace": Function(_trace, 1, 2, each=True, types="same"),
    "type": Function(_type, types=frozenset({"System.TypeInfo"})),
}
