"""XML to resource and back, by the definitions. hl7.org/fhir/R4/xml.html

read(body) -> Parsed       as parse() of JSON gives it; Invalid says line, column, path and what is right
write(compact) -> bytes    the XML of a resource's JSON bytes, elements in R4's order, numbers as written

XML is UTF-8 (or UTF-16) without DOCTYPE. Comments, processing instructions and xsi: attributes are passed
over. Elements out of order lose nothing, so they are read; `warnings` tells them.
"""

from __future__ import annotations

import codecs

from samjournal.fhir.errors import Invalid, Issue
from samjournal.fhir.parsing import Parsed, compact_of, parse
from samjournal.fhir.xml_reader import Reader
from samjournal.fhir.xml_writer import document

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\x00", b"\x00<")


def read(body: bytes, *, warnings: list[Issue] | None = None) -> Parsed:
    """Reads one resource; elements that stand out of order are added to `warnings`, if it is given."""
    reader = Reader(_utf8(body))
    resource = reader.read()
    if warnings is not None:
        warnings.extend(reader.warnings)
    return parse(compact_of(resource))


def write(compact: bytes) -> bytes:
    """The XML document of a resource that is sound, as what is stored is."""
    return document(compact).encode()


def _utf8(body: bytes) -> bytes:
    if body.startswith(_UTF16):
        big = body.startswith((codecs.BOM_UTF16_BE, b"\x00"))
        try:
            return body.decode("utf-16-be" if big else "utf-16-le").removeprefix("\ufeff").encode()
        except UnicodeError:
            raise Invalid("The body begins as UTF-16 and is not. Send XML in UTF-8.") from None
    body = body.removeprefix(codecs.BOM_UTF8)
    if not body.strip():
        raise Invalid("The body is empty. Send one resource as XML.")
    return body
