"""Finds every text that the pages can show: `_("…")`, `marked("…")` and their relatives, in code and templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGES = Path(__file__).parents[2] / "src" / "samjournal"
FACES = ("ui", "workspace", "portal", "signin", "smart")
_IN_TEMPLATE = re.compile(r"\b(_n?)\(\s*((?:\"(?:[^\"\\]|\\.)*\"\s*,?\s*)+)")
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")


def texts(face: str) -> set[str]:
    """Every text of one face as it stands in the catalogue."""
    found: set[str] = set()
    for path in (PACKAGES / face).rglob("*.py"):
        found.update(in_code(path.read_text(encoding="utf-8")))
    for path in (PACKAGES / face / "templates").glob("*.html"):
        found.update(in_template(path.read_text(encoding="utf-8")))
    return {text for text in found if text}


def in_code(source: str) -> Iterator[str]:
    """Texts in Python: the first argument of `_` and `marked`, the first two of `count`."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        taken = {"_": 1, "marked": 1, "language": 1, "count": 2}.get(name, 0)
        for argument in node.args[:taken]:
            for part in (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def in_template(source: str) -> Iterator[str]:
    """Texts in a template: the strings that a call of `_` or `_n` begins with."""
    for call in _IN_TEMPLATE.finditer(source):
        strings = _STRING.findall(call[2])
        yield from strings[: 2 if call[1] == "_n" else 1]
