"""Addresses of this server in what is sent to it: they are kept as literals. hl7.org/fhir/R4/references.html#literal"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from samjournal.fhir import references
from samjournal.fhir.parsing import Parsed, rewrite_references


def relative(sent: Parsed, own: Sequence[str]) -> Parsed:
    """References to this server as `Type/id`: an absolute one would lie outside the patient's record."""
    may_be_escaped = b"\\/" in sent.compact or b"\\u00" in sent.compact
    if not may_be_escaped and not any(f'"{base}/'.encode() in sent.compact for base in own):
        return sent
    mapping = {
        found.text: f"{reference.type}/{reference.id}"
        for found in references.find(sent.resource)
        for base in own
        if found.text.startswith(f"{base}/")
        and (reference := references.parse(found.text, base=base)).kind == "literal"
    }
    if not mapping:
        return sent
    compact = rewrite_references(sent.compact, mapping)
    return Parsed(msgspec.json.decode(compact), compact)
