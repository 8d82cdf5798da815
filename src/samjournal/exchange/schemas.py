"""Whether a message is as its schema says: one schema that knows every namespace of the operator's.

    fitted(files) -> Schemas            files by name, as the operator installed them
    Schemas.wrong(root) -> str          the first thing that is wrong and where, "" when nothing is

The schemas of the national standards import each other by file names that differ from place to place, and the contents
of a message are `any` that is validated strictly. So each import is led to the file that has the namespace, and one
schema of ours imports them all. HITS 1172.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from lxml import etree

from samjournal.exchange.xml import Element, namespace

_log = logging.getLogger("samjournal.exchange")
_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_OURS = "samjournal:"
_LONGEST = 200
_KEPT = 100
"""Compiled sets of schemas; a region meets some thirty kinds of messages."""


class _Resolver(etree.Resolver):
    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        super().__init__()
        self._bodies = bodies

    def resolve(self, system_url: str, public_id: str, context: object) -> object:  # type: ignore[override]  # noqa: ARG002
        body = self._bodies.get(system_url.removeprefix(_OURS))
        # Nothing is ever fetched: what the operator did not install is empty.
        return self.resolve_string(body or b"<schema xmlns='http://www.w3.org/2001/XMLSchema'/>", context)  # type: ignore


@dataclass(frozen=True)
class Schemas:
    """Schemas by namespace. Those that a message needs are compiled together when it comes, and kept. `faults` tell of
    files that are no schemas why."""

    bodies: Mapping[str, bytes]
    spaces: Mapping[str, str]
    faults: Mapping[str, str]
    _compiled: dict[frozenset[str], etree.XMLSchema | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def _for(self, spaces: frozenset[str]) -> etree.XMLSchema | None:
        """The schema of what a message names; None when the operator's do not fit together, which he is told once."""
        if spaces in self._compiled:
            return self._compiled[spaces]
        parser = etree.XMLParser(no_network=True)
        parser.resolvers.add(_Resolver(self.bodies))
        imports = "".join(
            f'<import namespace="{space}" schemaLocation="{_OURS}{self.spaces[space]}"/>' for space in sorted(spaces)
        )
        driver = f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{imports}</schema>'
        made: etree.XMLSchema | None = None
        try:
            made = etree.XMLSchema(etree.fromstring(driver, parser))
        except etree.XMLSchemaParseError as error:
            _log.error("schemas do not fit together", extra={"spaces": sorted(spaces), "why": str(error)[:_LONGEST]})
        if len(self._compiled) >= _KEPT:
            self._compiled.clear()
        self._compiled[spaces] = made
        return made

    def knows(self, root: Element) -> bool:
        """Whether there is a schema for the namespace of an element."""
        return namespace(root) in self.spaces

    def wrong(self, root: Element) -> str:
        """What is wrong first, with its line; never what was written there, for that may be about a patient."""
        if not self.knows(root):
            return ""
        needed = {namespace(one) for one in root.iter("{*}*")}
        with self._lock:
            schema = self._for(frozenset(needed & self.spaces.keys()))
            if schema is None or schema.validate(root):
                return ""
            first: Any = schema.error_log[0]  # type: ignore[index]
        where = (first.path or "").rsplit("/", 1)[-1].partition("[")[0].rpartition(":")[2]
        return f"linje {first.line}: {where or 'meldingen'} er ikke som skjemaet sier ({first.type_name})"


def fitted(files: Mapping[str, bytes]) -> Schemas:
    """The schemas among some files, each import led to the file that has the namespace. Of several files for one
    namespace the one that stands highest in the folders counts, and of those the one with the shortest name."""
    roots: dict[str, Element] = {}
    faults: dict[str, str] = {}
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    for name in sorted(files, key=lambda one: (one.count("/"), len(one), one)):
        try:
            root = etree.fromstring(files[name], parser)
        except etree.XMLSyntaxError as error:
            faults[name] = str(error)
            continue
        if root.tag == f"{_XS}schema":
            roots[name] = root
    spaces: dict[str, str] = {}
    for name, root in roots.items():
        spaces.setdefault(str(root.get("targetNamespace") or ""), name)
    spaces.pop("", None)
    for name, root in roots.items():
        for one in root.iter(f"{_XS}import"):
            target = spaces.get(str(one.get("namespace") or ""))
            if target is None:
                one.attrib.pop("schemaLocation", "")
            else:
                one.set("schemaLocation", _OURS + target)
        for one in root.iter(f"{_XS}include", f"{_XS}redefine"):
            beside = str(PurePosixPath(name).parent / PurePosixPath(str(one.get("schemaLocation") or "")).name)
            one.set("schemaLocation", _OURS + beside)
    return Schemas({name: etree.tostring(root) for name, root in roots.items()}, spaces, faults)
