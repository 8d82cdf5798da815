"""The FHIR R4 REST face: HTTP to the door and back. hl7.org/fhir/R4/http.html"""

from samjournal.rest.routes import Rest

__all__ = ["Rest"]
