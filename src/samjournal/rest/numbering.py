"""A named action of ours on a Patient: a new national number in place of the old. hl7.org/fhir/R4/operations.html"""

from __future__ import annotations

from samjournal import patients
from samjournal.fhir.errors import Invalid
from samjournal.record import Door
from samjournal.rest import answers
from samjournal.rest.answers import Answer
from samjournal.rest.given import given
from samjournal.rest.interactions import id_of
from samjournal.rest.request import Request


async def renumber(door: Door, request: Request) -> Answer:
    """POST /fhir/Patient/id/$renumber with `number`: the Patient as it is now."""
    id_ = id_of("Patient", request.path[1])
    number = given(request, takes=("number",), operation="$renumber").one("number")
    if not number:
        raise Invalid("$renumber takes a Parameters resource with the parameter number, a valueString.")
    return answers.resource(await patients.renumber(door, request.who(), id_, number))
