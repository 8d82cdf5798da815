"""`$validate`: what would be said of a resource if it were written. hl7.org/fhir/R4/resource-operation-validate.html"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from samjournal import record
from samjournal.fhir.errors import Invalid, Issue
from samjournal.fhir.parsing import Parsed
from samjournal.fhir.structure import check
from samjournal.record import Change, Door
from samjournal.rest import answers
from samjournal.rest.answers import Answer
from samjournal.rest.given import given
from samjournal.rest.interactions import id_of
from samjournal.rest.request import Request

_MODES = ("create", "update", "delete")
_MOST = 50


async def validate(door: Door, request: Request) -> Answer:
    """All that is wrong with a resource, or would be with a write of it; nothing is stored."""
    type_, id_ = request.path[0], request.path[1] if len(request.path) == 3 else None
    if id_ is not None:
        id_of(type_, id_)
    asked = given(request, takes=("resource", "mode", "profile"), operation="$validate", bare="resource")
    mode = asked.one("mode")
    if asked.one("profile") is not None or mode == "profile":
        raise Invalid("Profiles are not validated by this server yet: leave profile out, and R4 itself is checked.")
    if mode is not None and mode not in _MODES:
        raise Invalid(f"mode is one of {', '.join(_MODES)}, not “{mode[:40]}”.")
    if id_ is None and mode in ("update", "delete"):
        raise Invalid(f"mode={mode} is about a resource that is there: ask {type_}/id/$validate.")
    sent = asked.resources.get("resource")
    if sent is None and mode != "delete":
        raise Invalid("Send the resource to validate, as it is or as the parameter resource.")
    issues = _issues(type_, id_, sent) if sent is not None else []
    if mode is not None and not any(one.severity == "error" for one in issues):
        problem = await record.trial(door, request.who(), _change(type_, id_, sent, mode))
        issues += problem.issues if problem is not None else ()
    return _outcome(issues)


def _change(type_: str, id_: str | None, sent: Parsed | None, mode: str) -> Change:
    if mode == "delete" or sent is None:
        assert id_ is not None
        return Change.delete(type_, id_)
    if mode == "create":
        return Change.received("create", sent)
    return Change.received("update", sent, id_=id_)


def _issues(type_: str, id_: str | None, sent: Parsed) -> list[Issue]:
    named, own = sent.resource["resourceType"], sent.resource.get("id")
    if named != type_:
        return [Issue("invalid", f"The address says {type_}, the resource is a {named}.", "resourceType")]
    found = check(sent.resource)
    if id_ is not None and own != id_:
        found = [*found, Issue("invalid", f"The resource's id must be {id_}, as in the address.", f"{type_}.id")]
    return list(found)


def _outcome(issues: Sequence[Issue]) -> Answer:
    if not issues:
        return Answer(200, answers.all_is_well("Nothing is wrong with it."))
    return Answer(200, msgspec.json.encode(answers.operation_outcome(issues[:_MOST])))
