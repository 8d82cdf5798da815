"""What the API is, computed from the code, as a block of text: `python -m bench.surface` writes it to its changelog.

docs/reference/api-changelog.md holds the block of what was last told there, and a test compares: nothing of the API
changes without a line about it. Everything here is read from the tables that the server itself goes by; headers,
preferences and control parameters, which have no table, are read from the source of the face.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from samjournal.access import scopes
from samjournal.fhir import errors, parameters
from samjournal.fhir.definitions import load
from samjournal.record import SEARCHED
from samjournal.rest import ROUTES, deprecations, formats
from samjournal.store.search import query

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference" / "api-changelog.md"
FACE = ROOT / "src" / "samjournal" / "rest"
BLOCK = re.compile(r"(<!-- surface -->\n```text\n).*?(```\n)", re.DOTALL)
_HEADER = re.compile(r"[a-z]+(-[a-z]+)*")
_CONTROL = re.compile(r"_[a-z][A-Za-z]+")
_OPERATION = re.compile(r"\$[a-z][a-z-]+")
_NEVER_SENT = ("error",)


def surface() -> dict[str, list[str]]:
    """What a client can see, by kind, each sorted."""
    words = {part for route in ROUTES for part in route.shape if part}
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(FACE.rglob("*.py"))]
    found: dict[str, Iterable[str]] = {
        "interactions": {route.code for route in ROUTES if not route.code.startswith("$")},
        "addresses": {f"{route.method} /{'/'.join(part or '{}' for part in route.shape)}" for route in ROUTES},
        "operations": {text for text in {*words, *_all_texts(trees)} if _OPERATION.fullmatch(text)},
        "control parameters": {*query._CONTROL, *filter(_CONTROL.fullmatch, _all_texts(trees))} - words,
        "headers heeded": _headers(trees),
        "preferences": _preferences(trees),
        "formats": formats._KNOWN,
        "resource types": [str(len(load().resources))],
        "search parameters": [str(_declared()), f"{_of_types()} with those of every type"],
        "searched types": SEARCHED,
        **{f"modifiers of {type_}": names for type_, names in query._MODIFIERS.items()},
        "scopes": {*scopes._V1, *"cruds", scopes.ACCESS},
        "error codes": {one.kind for one in _family(errors.FhirError)} - {*_NEVER_SENT},
        "deprecated": {one.what for one in deprecations.DEPRECATED},
    }
    return {kind: sorted(names) for kind, names in found.items()}


def told(found: dict[str, list[str]]) -> str:
    """The surface as lines of at most a hundred letters or so, one thing never parted."""
    lines = []
    for kind, names in found.items():
        line = f"{kind}:"
        for name in names or ["none"]:
            if len(line) + len(name) > 108:
                lines.append(line)
                line = "   "
            line += f" {name}" + ("," if name != (names or ["none"])[-1] else "")
        lines.append(line)
    return "\n".join(lines) + "\n"


def recorded() -> str:
    """The surface as the changelog has it."""
    found = BLOCK.search(PAGE.read_text(encoding="utf-8"))
    assert found, f"{PAGE} has lost its block"
    return found[0].removeprefix(found[1]).removesuffix(found[2])


def _declared() -> int:
    return sum(len(load().parameters(base)) for base in (*load().resources, "Resource", "DomainResource"))


def _of_types() -> int:
    return sum(len(parameters.standard(type_)) for type_ in load().resources)


def _family(of: type[errors.FhirError]) -> Iterator[type[errors.FhirError]]:
    yield of
    for child in of.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _family(child)


def _all_texts(trees: Sequence[ast.AST]) -> set[str]:
    """Every text that stands in the face: `_since` for a parameter of that name, `$everything` for an operation."""
    return {text for tree in trees for text in _texts(ast.walk(tree))}


def _headers(trees: Sequence[ast.AST]) -> set[str]:
    """Every header that is asked for: `headers.get("x")`, `headers["x"]`, `"x" in headers`."""
    found: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        match node:
            case ast.Call(func=ast.Attribute(value=held, attr="get"), args=[key, *_]) if _is_headers(held):
                found |= set(_texts([key]))
            case ast.Subscript(value=held, slice=key, ctx=ast.Load()) if _is_headers(held):
                found |= set(_texts([key]))
            case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()], comparators=[held]) if _is_headers(held):
                found |= set(_texts([key]))
    return {name for name in found if _HEADER.fullmatch(name)}


def _preferences(trees: Sequence[ast.AST]) -> set[str]:
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {
        text
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "prefers"
        for text in _texts(call.args)
    }


def _is_headers(node: ast.AST) -> bool:
    return (isinstance(node, ast.Name) and node.id == "headers") or (
        isinstance(node, ast.Attribute) and node.attr == "headers"
    )


def _texts(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def main() -> int:
    """Write the block anew, and say what is new in it."""
    before, after = recorded(), told(surface())
    if before == after:
        print("The block of docs/reference/api-changelog.md is as the API is.")
        return 0
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(BLOCK.sub(lambda found: found[1] + after + found[2], text), encoding="utf-8")
    print("The block of docs/reference/api-changelog.md was written anew. Now add a line above it that tells of this:")
    print("\n".join(f"  - {one}" for one in differences(before, after)))
    return 0


def differences(before: str, after: str) -> list[str]:
    """What came and what went, in words."""
    was, is_ = _parted(before), _parted(after)
    return [
        *(f"new: {kind} {name}" for kind, name in sorted(is_ - was)),
        *(f"gone: {kind} {name}" for kind, name in sorted(was - is_)),
    ]


def _parted(block: str) -> set[tuple[str, str]]:
    kinds = re.sub(r"\n {3,}", " ", block).splitlines()
    return {
        (kind, name.strip()) for kind, _, names in (line.partition(":") for line in kinds) for name in names.split(",")
    }


if __name__ == "__main__":
    sys.exit(main())
