"""FHIR's types as FHIRPath sees them: elements by name, and what is a kind of what. hl7.org/fhir/R4/fhirpath.html"""

from __future__ import annotations

from functools import cache

from samjournal.fhir.definitions import Element, load

SYSTEM = frozenset({"Any", "Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity"})
_INTEGERS = frozenset({"integer", "positiveInt", "unsignedInt"})
_QUANTITIES = frozenset({"Quantity", "Age", "Count", "Distance", "Duration", "SimpleQuantity", "MoneyQuantity"})
Options = tuple[tuple[str, str], ...]


@cache
def members(type_: str) -> dict[str, Options]:
    """The elements of a type by name, each with the JSON names that it may have and their types."""
    return {element.name: tuple(element.json_names()) for element in _elements(type_)}


def _elements(type_: str) -> tuple[Element, ...]:
    """The elements of a type; those of a primitive lie beside its value."""
    if type_.startswith("System.") or not load().has(type_):
        return ()
    shape = load().shape(type_)
    return load().shape("Element").elements if shape.kind == "primitive" else shape.elements


@cache
def json_names(type_: str) -> dict[str, str]:
    """The JSON names of all elements of a type, with their types."""
    return {key: named for options in members(type_).values() for key, named in options}


@cache
def is_many(type_: str, name: str) -> bool:
    """Whether an element of a type may stand several times."""
    return any(element.name == name and element.many for element in _elements(type_))


@cache
def is_primitive(type_: str) -> bool:
    return load().has(type_) and load().shape(type_).kind == "primitive"


def is_resource(type_: str) -> bool:
    return type_ in load().resources or type_ in ("Resource", "DomainResource")


@cache
def is_kind_of(type_: str, wanted: str) -> bool:
    """Whether a type is another, or a special case of it."""
    while type_:
        if type_ == wanted:
            return True
        if type_.startswith("System.") or not load().has(type_):
            return False
        type_ = load().shape(type_).parent
    return False


@cache
def named(text: str) -> tuple[str, ...]:
    """The types that a name may mean; none when it means none. Without a namespace FHIR's come first."""
    namespace, _, name = text.rpartition(".")
    found = []
    if namespace in ("", "FHIR") and "." not in name and load().has(name):
        found.append(name)
    if namespace in ("", "System") and (name in SYSTEM or (namespace and load().has(name))):
        found.append(f"System.{name}")
    return tuple(found)


@cache
def system_type(type_: str) -> str | None:
    """The type of System that a primitive or a quantity is read as."""
    if type_.startswith("System."):
        return type_.removeprefix("System.")
    if type_ in _QUANTITIES:
        return "Quantity"
    if not is_primitive(type_):
        return None
    if type_ in _INTEGERS:
        return "Integer"
    special = {
        "boolean": "Boolean",
        "decimal": "Decimal",
        "date": "Date",
        "dateTime": "DateTime",
        "instant": "DateTime",
        "time": "Time",
    }
    return special.get(type_, "String")
