"""`/metadata`: the CapabilityStatement as it was asked for, without a token. hl7.org/fhir/R4/http.html#capabilities"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b

from samjournal import record
from samjournal.fhir import xml
from samjournal.fhir.errors import Invalid
from samjournal.fhir.summary import Part, subset
from samjournal.rest import formats
from samjournal.rest.answers import Answer
from samjournal.rest.interactions import refuse_parameters
from samjournal.rest.request import Pairs
from samjournal.rest.shaping import shape_of

PATH = ("metadata",)
_MODES = ("full", "normative", "terminology")


def answered(statement: bytes, headers: Mapping[str, str], query: Pairs) -> Answer:
    """The statement, or a part of it; 304 to a client that has it already (RFC 9110 section 13.1.2). R4 lets a server
    answer every `mode` with it, which we do. Raises Invalid, UnknownParameter, NotAcceptable."""
    shape, rest = shape_of(query, "CapabilityStatement")
    refuse_parameters(rest, "GET of /metadata", but=("mode",))
    mode = dict(rest).get("mode", "full")
    if mode not in _MODES:
        raise Invalid(f"mode is one of {', '.join(_MODES)}, not “{mode[:40]}”.")
    if shape.count:
        raise Invalid("_summary=count counts what a search finds; /metadata gives one resource.")
    wanted = formats.wanted(headers, query)
    body, tag = _made(statement, shape.part, wanted)
    told = {"etag": f'W/"{tag}"'}
    if record.is_among(headers.get("if-none-match", ""), tag):
        return Answer(304, b"", told)
    return Answer(200, body, told, media=formats.MEDIA[wanted])


@lru_cache(maxsize=16)
def _made(statement: bytes, part: Part | None, wanted: formats.Format) -> tuple[bytes, str]:
    """The body and the tag of what it says. Made once: anybody may ask for it."""
    body = statement if part is None else subset(statement, part)
    made = body if wanted == "json" else xml.write(body)
    return made, blake2b(made, digest_size=9).hexdigest()
