"""FHIRPath: expressions that find what lies in a resource. hl7.org/fhirpath/N1

    compiled(expression, base) -> Expression        PathError tells what is wrong, and at which character
    Expression.nodes(resource) -> list[Node]        what is found, each with its place in the resource
    Expression.values(resource) -> list[Any]        the same as plain values
    Node(value, type, extra, parent, key, index)    a value with its FHIR type, and where it lies

An expression is read once (`lexer`, `parser`), held against R4's types (`model`), and made into functions (`compiler`)
that work on resources as they are decoded from JSON. What it may cost is bounded: length, nesting, the steps of one
evaluation and its time.
"""

from samjournal.fhir.fhirpath.compiler import Expression, compiled
from samjournal.fhir.fhirpath.errors import PathError
from samjournal.fhir.fhirpath.nodes import Node

__all__ = ["Expression", "Node", "PathError", "compiled"]
