"""`Patient/id/$summary`: the International Patient Summary. hl7.org/fhir/uv/ips/OperationDefinition-summary.html"""

from __future__ import annotations

from samjournal.extracts import COMPOSITION, summary
from samjournal.fhir.errors import Invalid
from samjournal.record import Door
from samjournal.rest.answers import Answer
from samjournal.rest.given import given
from samjournal.rest.interactions import id_of
from samjournal.rest.request import Request
from samjournal.ui.language import preferred


async def summarised(door: Door, request: Request) -> Answer:
    """GET or POST /fhir/Patient/id/$summary: what of the patient the reader may see, as a document. Its words are in
    the language that Accept-Language asks for: bokmål, nynorsk or English."""
    asked = given(request, takes=("profile",), operation="$summary")
    profile = asked.one("profile")
    if profile is not None and profile.partition("|")[0] != COMPOSITION:
        raise Invalid(f"$summary makes summaries by {COMPOSITION} alone, not by “{profile[:120]}”.")
    language = preferred(cookie=None, accepted=request.headers.get("accept-language"))
    patient = id_of("Patient", request.path[1])
    return Answer(200, await summary(door, request.who(), patient, base=request.base, language=language))
