"""A patch of either kind, read and ready to be used on a resource."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from samjournal.fhir import exact
from samjournal.fhir.errors import Invalid, Unprocessable
from samjournal.fhir.parsing import Parsed, parse
from samjournal.fhir.patching import by_path, by_pointer
from samjournal.fhir.structure import check

JSON_PATCH = "application/json-patch+json"
MOST = 1000
"""Operations of one patch."""
_LARGE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Patch:
    """What is to be changed; `change` takes the decoded resource, which it may spoil, and gives the changed one."""

    change: Callable[[Any], Any]
    slow: bool = False
    """Whether it is better done in a thread: expressions take their time, and so does much of anything."""

    def apply(self, compact: bytes) -> Parsed:
        """The changed resource. Raises Unprocessable, Invalid."""
        before = exact.decode(compact)
        name, id_ = before["resourceType"], before.get("id")
        try:
            body = exact.encode(self.change(before))
        except RecursionError:
            raise Unprocessable("The patch nests the resource too deeply.") from None
        except UnicodeEncodeError:
            raise Invalid("A text in the patch holds half a character (a lone surrogate). Send whole ones.") from None
        parsed = parse(body)
        for member, right in (("resourceType", name), ("id", id_)):
            if parsed.resource.get(member) != right:
                told = f"A patch leaves {member} as it is: {right}. Create another resource instead."
                raise Unprocessable(told, path=f"{name}.{member}")
        return parsed


def json_patch(body: bytes) -> Patch:
    """A JSON Patch. Raises Invalid."""
    try:
        asked = exact.decode(body)
    except UnicodeDecodeError:
        raise Invalid("The patch is not UTF-8.") from None
    except (ValueError, RecursionError) as error:
        told = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Invalid(f"The patch is not JSON: {told}.") from None
    operations = by_pointer.read(asked, most=MOST)
    return Patch(lambda resource: by_pointer.apply(resource, operations), slow=len(body) > _LARGE)


def path_patch(parameters: Parsed) -> Patch:
    """A FHIRPath Patch. Raises Invalid."""
    name = parameters.resource["resourceType"]
    if name != "Parameters":
        raise Invalid(f"A FHIRPath Patch is sent as Parameters, not as {name}.", path="resourceType")
    issues = [issue for issue in check(parameters.resource) if issue.severity == "error"]
    if issues:
        raise Invalid(issues[0].text, issues=issues)
    operations = by_path.read(exact.decode(parameters.compact), most=MOST)
    return Patch(lambda resource: by_path.apply(resource, operations), slow=True)


def of_resource(sent: Parsed) -> Patch:
    """The patch in an entry of a Bundle. Raises Invalid."""
    resource = sent.resource
    if resource["resourceType"] != "Binary":
        return path_patch(sent)
    media = str(resource.get("contentType", "")).partition(";")[0].strip().lower()
    if media != JSON_PATCH:
        raise Invalid(f"A patch in a Binary has contentType {JSON_PATCH}, not {media[:60]}.", path="Binary.contentType")
    try:
        body = base64.b64decode(resource.get("data", ""), validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Invalid("Binary.data is not base64.", path="Binary.data") from None
    return json_patch(body)
