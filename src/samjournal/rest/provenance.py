"""`X-Provenance`: who did what a create or an update does, told beside it. hl7.org/fhir/R4/provenance.html#header

The header is a Provenance without target, as JSON. It is stored in the same transaction as the resource that it is of.
"""

from __future__ import annotations

from uuid import uuid4

import msgspec

from samjournal.fhir.errors import Invalid
from samjournal.fhir.parsing import Parsed, parse
from samjournal.fhir.structure import check
from samjournal.record import Entry
from samjournal.rest.request import Request

TYPE = "Provenance"


def beside(request: Request, *, of: str | None = None) -> tuple[str | None, list[Entry]]:
    """What the header asks for, as entries after that of the resource, and the full url that this one needs: none when
    its reference is known (`of`). Raises Invalid."""
    if "x-provenance" not in request.headers:
        return None, []
    if "if-none-exist" in request.headers:
        raise Invalid("X-Provenance does not go with If-None-Exist, which may create nothing. Send both in a Bundle.")
    full_url = None if of else f"urn:uuid:{uuid4()}"
    told = _read(request.headers["x-provenance"], of or full_url or "")
    return full_url, [Entry(None, "POST", TYPE, None, told)]


def _read(text: str, target: str) -> Parsed:
    try:
        sent = parse(text.encode("latin-1"))
    except Invalid as problem:
        raise Invalid(f"X-Provenance: {problem.text}") from None
    if sent.resource["resourceType"] != TYPE or "target" in sent.resource:
        raise Invalid("X-Provenance is a Provenance as JSON, without target: that is the resource it comes with.")
    resource = {**sent.resource, "target": [{"reference": target}]}
    issues = [issue for issue in check(resource) if issue.severity == "error"]
    if issues:
        raise Invalid(f"X-Provenance: {issues[0].text}", path=issues[0].path)
    members = msgspec.json.decode(sent.compact, type=dict[str, msgspec.Raw])
    members["target"] = msgspec.Raw(msgspec.json.encode(resource["target"]))
    return Parsed(resource, msgspec.json.encode(members))
