"""What FHIR adds: extensions, references, values of primitives, the clock. hl7.org/fhir/R4/fhirpath.html#functions"""

from __future__ import annotations

from typing import Any

from samjournal.fhir import references
from samjournal.fhir.definitions import load
from samjournal.fhir.fhirpath import model
from samjournal.fhir.fhirpath.errors import PathError
from samjournal.fhir.fhirpath.nodes import Collection, Node, child, plain, root, system
from samjournal.fhir.fhirpath.running import BOOLEAN, Closure, Context, Function, one, text
from samjournal.fhir.fhirpath.temporal import Temporal

Arguments = tuple[Closure, ...]
_PROFILES = "http://hl7.org/fhir/StructureDefinition/"


def _extension(context: Context, items: Collection, arguments: Arguments) -> Collection:
    url = text(arguments[0](context))
    found = [inner for item in items for inner in child(item, "extension")]
    return [one_ for one_ in found if isinstance(one_.value, dict) and one_.value.get("url") == url]


def _has_value(_context: Context, items: Collection, _arguments: Arguments) -> Collection:
    item = one(items)
    return [system(item is not None and item.value is not None and model.system_type(item.type) is not None)]


def _get_value(_context: Context, items: Collection, _arguments: Arguments) -> Collection:
    item = one(items)
    found = None if item is None else plain(item)
    return [] if found is None else [system(found)]


def _resolve(context: Context, items: Collection, _arguments: Arguments) -> Collection:
    found = (_resolved(context, item) for item in items)
    return [item for item in found if item is not None]


def _resolved(context: Context, item: Node) -> Node | None:
    """The resource that a reference or an address names; when nobody can fetch it, one that has type and id alone."""
    value = item.value
    told = value.get("reference") if isinstance(value, dict) else value
    if not isinstance(told, str):
        named = value.get("type") if isinstance(value, dict) else None
        return root({"resourceType": named}) if isinstance(named, str) and named in load().resources else None
    if told.startswith("#"):
        return _contained(context, told[1:])
    context.run.spend(10)
    if context.run.resolve is not None:
        found = context.run.resolve(told)
        return root(found) if found is not None else None
    read = references.read(told)
    if read.type in load().resources:
        return root({"resourceType": read.type, "id": read.id})
    return None


def _contained(context: Context, id_: str) -> Node | None:
    holder = context.run.resource
    if not id_:
        return holder
    inside = child(holder, "contained") if model.is_resource(holder.type) else ()
    return next((inner for inner in inside if inner.value.get("id") == id_), None)


def _conforms(context: Context, items: Collection, arguments: Arguments) -> Collection:
    item, url = one(items), text(arguments[0](context))
    if item is None or url is None:
        return []
    name = url.removeprefix(_PROFILES)
    if name == url or not load().has(name):
        raise PathError(f"The profile {url[:200]} is not known here")
    return [system(model.is_kind_of(item.type, name))]


def _unknown(told: str) -> Function:
    def call(_context: Context, _items: Collection, _arguments: Arguments) -> Collection:
        raise PathError(told)

    return Function(call, 0, 3)


def _moment(part: Any) -> Function:
    def call(context: Context, _items: Collection, _arguments: Arguments) -> Collection:
        return [system(part(context.run.now()))]

    return Function(call)


FUNCTIONS: dict[str, Function] = {
    "extension": Function(_extension, 1, 1, types=frozenset({"Extension"})),
    "hasValue": Function(_has_value, types=BOOLEAN),
    "getValue": Function(_get_value),
    "resolve": Function(_resolve),
    "conformsTo": Function(_conforms, 1, 1, types=BOOLEAN),
    "memberOf": _unknown("memberOf() needs value sets, which are not looked up here"),
    "subsumes": _unknown("subsumes() needs code systems, which are not looked up here"),
    "subsumedBy": _unknown("subsumedBy() needs code systems, which are not looked up here"),
    "now": _moment(lambda moment: moment),
    "today": _moment(lambda moment: Temporal("Date", moment.fields[:3])),
    "timeOfDay": _moment(lambda moment: Temporal("Time", moment.fields[3:], None, 3)),
}
