"""Patches: a few changes to a resource instead of the whole of it. hl7.org/fhir/R4/http.html#patch

    json_patch(body) -> Patch            RFC 6902
    path_patch(parameters) -> Patch      hl7.org/fhir/R4/fhirpatch.html
    of_resource(resource) -> Patch       as an entry of a Bundle has it: Binary or Parameters
    Patch.apply(compact) -> Parsed       the changed resource; numbers keep their digits, members their order

Invalid: the patch itself is wrong. Unprocessable: it does not fit the resource that is there.
"""

from samjournal.fhir.patching.patch import Patch, json_patch, of_resource, path_patch

__all__ = ["Patch", "json_patch", "of_resource", "path_patch"]
