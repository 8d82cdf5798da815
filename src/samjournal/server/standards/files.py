"""What lies in the files of an operator: lists of codes, FHIR resources, FEST, test persons, told by content.

hl7.org/fhir/R4/codesystem.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from samjournal.fhir import xml
from samjournal.fhir.errors import FhirError
from samjournal.fhir.parsing import Parsed, compact_of, parse
from samjournal.server.standards import actors
from samjournal.terminology import fest, lists
from samjournal.terminology.lists import CodeList, Fault

LARGEST = 256 * 2**20
"""Bytes of a file that is read whole; FEST is read as a stream."""

TYPES = ("CodeSystem", "ValueSet", "NamingSystem", "ConceptMap")
_LOOK = 4096
_PACKED = {b"\x1f\x8b": "gunzip", b"PK": "unzip", b"BZ": "bunzip2"}
_ACTORS = re.compile(r'"actors"\s*:')


@dataclass(slots=True)
class Contents:
    """What was found in one file. `schema` is an XML schema as it is; `passed` counts resources of other types, which
    are not standards."""

    file: Path
    lists: list[CodeList] = field(default_factory=list)
    resources: list[Parsed] = field(default_factory=list)
    people: list[Parsed] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    schema: bytes = b""
    passed: dict[str, int] = field(default_factory=dict)
    encoding: str = "UTF-8"

    @property
    def is_empty(self) -> bool:
        return not (self.lists or self.resources or self.people or self.faults or self.passed or self.schema)


def files(paths: Sequence[Path]) -> Iterator[Path]:
    """Every file at or under the paths, in an order that does not change."""
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith("."))
        else:
            yield path


def read(file: Path, *, system: str | None, version: str | None, today: date) -> Contents:
    """What a file holds; what cannot be read is told as a fault, never raised."""
    found = Contents(file)
    try:
        _read(found, system=system, version=version, today=today)
    except FhirError as error:
        found.faults += [Fault(issue.path or "", issue.text) for issue in error.issues]
    except OSError as error:
        found.faults.append(Fault("", f"it cannot be read: {error.strerror}"))
    except UnicodeDecodeError:
        found.faults.append(Fault("", "it is not text in UTF-8, UTF-16 or Windows-1252"))
    except (ValueError, RecursionError):
        found.faults.append(Fault("", "it is not JSON, or is nested too deep"))
    return found


def _read(found: Contents, *, system: str | None, version: str | None, today: date) -> None:
    with found.file.open("rb") as file:
        start = file.read(_LOOK)
        for mark, tool in _PACKED.items():
            if start.startswith(mark):
                found.faults.append(Fault("", f"it is packed: {tool} it first"))
                return
        if fest.NAMESPACE.encode() in start:
            file.seek(0)
            found.lists = fest.Fest().read(file)
            return
        body = start + file.read(LARGEST)
    if len(body) > LARGEST:
        found.faults.append(Fault("", f"it is larger than {LARGEST // 2**20} MiB"))
        return
    text, found.encoding = lists.decoded(body)
    first = text.lstrip()[:1]
    if first == "<" and found.file.suffix == ".xsd":
        found.schema = body
    elif first == "<":
        _sort(found, xml.read(body))
    elif first == "{" and "resourceType" in text:
        _sort(found, parse(text.encode()))
    elif first == "{" and _ACTORS.search(text):
        found.people, found.faults = actors.read(json.loads(text))
    elif first:
        found.lists, found.faults = lists.read(found.file.name, text, system=system, version=version, today=today)


def _sort(found: Contents, parsed: Parsed) -> None:
    """Keep a resource, or those in a Bundle, when they are standards."""
    type_ = parsed.resource["resourceType"]
    if type_ == "Bundle":
        for entry in parsed.resource.get("entry", ()):
            if isinstance(resource := entry.get("resource"), dict):
                _sort(found, _again(resource))
    elif type_ in TYPES:
        found.resources.append(parsed)
    else:
        found.passed[type_] = found.passed.get(type_, 0) + 1


def _again(resource: dict[str, Any]) -> Parsed:
    return parse(compact_of(resource))
