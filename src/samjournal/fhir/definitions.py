"""The R4 definitions: types, codes, search parameters, patient compartment. hl7.org/fhir/R4/downloads.html

`load()` reads the file that `assets/definitions.py` made at build; types are unpacked when first asked for.

    load() -> Definitions                       cached; some milliseconds the first time
    Definitions.resources -> frozenset[str]     the 146 concrete R4 resource types
    Definitions.shape(name) -> Shape            a type or backbone ("Observation.component"); KeyError
    Definitions.has(name) -> bool
    Definitions.codes(value_set) -> frozenset[str] | None    of required bindings; .concepts: "system|code"
    Definitions.system(value_set) -> str | None              the system that its codes imply
    Definitions.parameters(base) -> tuple[Definition, ...]   search parameters declared on that base alone
    Definitions.compartment(type) -> tuple[str, ...]         parameters that put it in a patient's compartment
    Definitions.units -> dict[str, tuple]                    UCUM's units: value, unit it is given in, metric
    Definitions.prefixes -> dict[str, str]                   UCUM's prefixes: what each multiplies with
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path

import msgspec

from samjournal.fhir.errors import Fault

FILE = Path(__file__).with_name("definitions.bin")


class Element(msgspec.Struct, frozen=True, array_like=True):
    """One element of a type. `name` is without "[x]"; `targets` empty means any type may be referred to; `summary` says
    that R4 has it in summaries."""

    name: str
    types: tuple[str, ...]
    min: int
    many: bool
    targets: tuple[str, ...]
    value_set: str
    choice: bool
    summary: bool = False

    def json_names(self) -> list[tuple[str, str]]:
        """The JSON names it may have, each with its type: one, or one for each type of a choice."""
        if not self.choice:
            return [(self.name, self.types[0])]
        return [(self.name + type_[0].upper() + type_[1:], type_) for type_ in self.types]


class Shape(msgspec.Struct, frozen=True, array_like=True):
    """A FHIR type: `kind` is primitive, complex, backbone or resource; `parent` the type it specializes."""

    kind: str
    parent: str
    elements: tuple[Element, ...]


class Component(msgspec.Struct, frozen=True, array_like=True):
    """A part of a composite search parameter: the parameter whose type it has, and where it lies."""

    code: str
    expression: str


class Definition(msgspec.Struct, frozen=True, array_like=True):
    """A search parameter as declared on one base type; `expression` is cut down to that base."""

    code: str
    type: str
    expression: str
    targets: tuple[str, ...]
    components: tuple[Component, ...]


class _File(msgspec.Struct):
    resources: frozenset[str]
    types: dict[str, bytes]
    codes: dict[str, frozenset[str]]
    concepts: dict[str, frozenset[str]]
    systems: dict[str, str]
    parameters: dict[str, bytes]
    compartment: dict[str, tuple[str, ...]]
    units: dict[str, tuple[str, str, bool]]
    prefixes: dict[str, str]


class Definitions:
    """What R4 says, unpacked type by type."""

    def __init__(self, packed: bytes) -> None:
        self._file = msgspec.msgpack.decode(zlib.decompress(packed), type=_File)
        self._shapes: dict[str, Shape] = {}
        self._parameters: dict[str, tuple[Definition, ...]] = {}
        self.resources = self._file.resources
        self.units = self._file.units
        self.prefixes = self._file.prefixes

    def has(self, name: str) -> bool:
        """Whether R4 has a type of this name."""
        return name in self._file.types

    def names(self) -> list[str]:
        """All types, datatypes and backbones."""
        return list(self._file.types)

    def shape(self, name: str) -> Shape:
        """The type of this name; KeyError when R4 has none."""
        found = self._shapes.get(name)
        if found is None:
            found = self._shapes[name] = msgspec.msgpack.decode(self._file.types[name], type=Shape)
        return found

    def codes(self, value_set: str) -> frozenset[str] | None:
        """The codes of a required value set; None when R4 does not list them (currencies, mime types)."""
        return self._file.codes.get(value_set)

    def concepts(self, value_set: str) -> frozenset[str] | None:
        """The same as "system|code", for value sets that concepts must choose from."""
        return self._file.concepts.get(value_set)

    def system(self, value_set: str) -> str | None:
        """The system that a code element means without saying so: that of its required value set."""
        return self._file.systems.get(value_set)

    def parameters(self, base: str) -> tuple[Definition, ...]:
        """The search parameters declared on exactly this base (a type, "Resource" or "DomainResource")."""
        found = self._parameters.get(base)
        if found is None:
            packed = self._file.parameters.get(base)
            found = msgspec.msgpack.decode(packed, type=tuple[Definition, ...]) if packed else ()
            self._parameters[base] = found
        return found

    def compartment(self, resource_type: str) -> tuple[str, ...]:
        """The search parameters that put a resource of this type in a patient's compartment."""
        return self._file.compartment.get(resource_type, ())


@cache
def load() -> Definitions:
    """The definitions of this installation."""
    try:
        packed = FILE.read_bytes()
    except FileNotFoundError as missing:
        raise Fault(
            f"{FILE} is not built. Run `make run`, or `python assets/definitions.py` with its name."
        ) from missing
    return Definitions(packed)
