"""`Observation/$lastn`: the last of each kind. hl7.org/fhir/R4/observation-operation-lastn.html"""

from __future__ import annotations

from urllib.parse import urlencode

from samjournal import record
from samjournal.fhir import parameters
from samjournal.fhir.errors import Invalid
from samjournal.record import Door
from samjournal.rest import answers
from samjournal.rest.answers import Answer
from samjournal.rest.given import given
from samjournal.rest.interactions import VERSION
from samjournal.rest.request import Request
from samjournal.rest.shaping import shape_of

_MOST = 100


async def lastn(door: Door, request: Request) -> Answer:
    """The newest `max` observations of each code among what the other parameters, those of a search, find."""
    names = {name for name, _ in request.query}
    takes = {"max", "_summary", "_elements", *parameters.for_type("Observation"), *names}
    asked = given(request, takes=takes, operation="$lastn", tells=True)
    most = asked.one("max") or "1"
    if not VERSION.fullmatch(most) or not 0 < int(most) <= _MOST:
        raise Invalid(f"max={most[:40]} is not a number from 1 to {_MOST}.")
    pairs = tuple(pair for pair in asked.pairs if pair[0] != "max")
    shaping = [name for name, _ in pairs if name.startswith("_") and name in _SHAPING]
    if shaping:
        raise Invalid(
            f"$lastn does not take {shaping[0]}: it answers with max observations of each code, newest first."
        )
    shape, rest = shape_of(pairs, "Observation")
    if shape.count:
        raise Invalid("_summary=count counts what a search finds; $lastn gives observations.")
    query = record.query_of("Observation", rest, own=request.own, lenient=request.prefers("handling=lenient"))
    found = shape.of_all(await record.last(door, request.who(), query, most=int(most)))
    known = [pair for pair in asked.pairs if pair[0] not in query.ignored]
    links = [("self", f"{request.base}/Observation/$lastn?{urlencode(known)}")]
    return answers.collected(
        found, (), request.base, links=links, total=len(found), ignored=(*asked.ignored, *query.ignored)
    )


_SHAPING = (
    "_count",
    "_sort",
    "_total",
    "_include",
    "_revinclude",
    "_cursor",
    "_include:iterate",
    "_revinclude:iterate",
)
