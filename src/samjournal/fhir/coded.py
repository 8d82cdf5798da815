"""Which FHIR types the elements behind a token parameter have: codes are in value sets, identifiers have a type.

hl7.org/fhir/R4/search.html#token
"""

from __future__ import annotations

from functools import cache

from samjournal.fhir import paths
from samjournal.fhir.definitions import load
from samjournal.fhir.parameters import Parameter

CODED = frozenset(("Coding", "CodeableConcept", "code"))


def is_coded(parameter: Parameter) -> bool:
    """Whether a parameter reads codes of code systems."""
    return not CODED.isdisjoint(_types(parameter.base, parameter.parts or (parameter.code,)))


def is_identifier(parameter: Parameter) -> bool:
    """Whether a parameter reads identifiers, which may be of a type."""
    return "Identifier" in _types(parameter.base, (parameter.code,))


def is_contact(parameter: Parameter) -> bool:
    """Whether a parameter reads telephone numbers and addresses of mail, which have no code system."""
    return "ContactPoint" in _types(parameter.base, (parameter.code,))


@cache
def _types(resource_type: str, codes: tuple[str, ...]) -> frozenset[str]:
    bases = ("Resource", "DomainResource", resource_type)
    return frozenset(
        route.type
        for base in bases
        for one in load().parameters(base)
        if one.code in codes and one.expression and one.code != "deceased"  # yes or no, by a rule of its own
        for route in paths.routes(one.expression, resource_type)
    )
