"""The operations: one table, from which routes and the CapabilityStatement come. hl7.org/fhir/R4/operations.html"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple

from samjournal.extracts import SUMMARY
from samjournal.record import Door
from samjournal.rest import everything, lastn, matching, meta, numbering, parameters, summarising, usage, validating
from samjournal.rest.answers import Answer
from samjournal.rest.request import Request

Interaction = Callable[[Door, Request], Awaitable[Answer]]
Shape = tuple[str | None, ...]
_READS = ("GET", "POST")
_STANDARD = "http://hl7.org/fhir/OperationDefinition"


class Operation(NamedTuple):
    """An operation at one level of one type, of every type (`*`), or of the system (``""``). `costly`: one client may
    ask for few at once."""

    name: str
    type: str
    level: str  # system, type, instance
    methods: tuple[str, ...]
    changes: bool
    answer: Interaction
    definition: str
    costly: bool = False

    @property
    def code(self) -> str:
        """As it stands in an address."""
        return f"${self.name}"

    @property
    def is_standard(self) -> bool:
        """Whether R4 defines it; else we do."""
        return self.definition.startswith("http")

    @property
    def id(self) -> str:
        """The id of its OperationDefinition."""
        return self.definition.rpartition("/")[2]

    @property
    def shape(self) -> Shape:
        """The shape of its address."""
        type_ = None if self.type == "*" else self.type
        match self.level:
            case "system":
                return (self.code,)
            case "type":
                return (type_, self.code)
        return (type_, None, self.code)


OPERATIONS = (
    Operation("everything", "Patient", "instance", _READS, False, everything.of_patient,
              f"{_STANDARD}/Patient-everything"),
    Operation("everything", "Patient", "type", _READS, False, everything.of_all,
              f"{_STANDARD}/Patient-everything", costly=True),
    Operation("everything", "Encounter", "instance", _READS, False, everything.of_encounter,
              f"{_STANDARD}/Encounter-everything"),
    Operation("summary", "Patient", "instance", _READS, False, summarising.summarised, SUMMARY),
    Operation("lastn", "Observation", "type", _READS, False, lastn.lastn,
              f"{_STANDARD}/Observation-lastn", costly=True),
    Operation("match", "Patient", "type", ("POST",), False, matching.matched, f"{_STANDARD}/Patient-match"),
    Operation("renumber", "Patient", "instance", ("POST",), True, numbering.renumber, "renumber"),
    Operation("meta", "", "system", _READS, False, meta.of_system, f"{_STANDARD}/Resource-meta", costly=True),
    Operation("meta", "*", "type", _READS, False, meta.of_type, f"{_STANDARD}/Resource-meta", costly=True),
    Operation("meta", "*", "instance", _READS, False, meta.of_instance, f"{_STANDARD}/Resource-meta"),
    Operation("meta-add", "*", "instance", ("POST",), True, meta.add, f"{_STANDARD}/Resource-meta-add"),
    Operation("meta-delete", "*", "instance", ("POST",), True, meta.delete, f"{_STANDARD}/Resource-meta-delete"),
    Operation("validate", "*", "type", ("POST",), False, validating.validate, f"{_STANDARD}/Resource-validate"),
    Operation("validate", "*", "instance", ("POST",), False, validating.validate, f"{_STANDARD}/Resource-validate"),
    Operation("activate", "SearchParameter", "instance", ("POST",), True, parameters.activate, "activate"),
    Operation("deactivate", "SearchParameter", "instance", ("POST",), True, parameters.deactivate, "deactivate"),
    Operation("status", "SearchParameter", "instance", ("GET",), False, parameters.status, "status"),
    Operation("usage", "", "system", ("GET",), False, usage.usage, "usage"),
)  # fmt: skip
COSTLY = frozenset(one.answer for one in OPERATIONS if one.costly)


def shapes() -> Iterator[tuple[Shape, str, Operation]]:
    """Each address and method, with its operation."""
    for one in OPERATIONS:
        for method in one.methods:
            yield one.shape, method, one


def at(path: tuple[str, ...], method: str) -> Operation | None:
    """The operation at an address, if it takes the method."""
    for shape, takes, one in shapes():
        fits = len(shape) == len(path) and all(part in (None, given) for part, given in zip(shape, path, strict=True))
        if fits and takes == method:
            return one
    return None


def told(type_: str | None, base: str) -> list[dict[str, str]]:
    """The operations of a type, or of the system, as the CapabilityStatement tells them."""
    fitting = [one for one in OPERATIONS if (one.type in ("*", type_) if type_ else one.level == "system")]
    return [
        {"name": name, "definition": definition if standard else f"{base}/OperationDefinition/{definition}"}
        for name, definition, standard in dict.fromkeys((one.name, one.definition, one.is_standard) for one in fitting)
    ]
