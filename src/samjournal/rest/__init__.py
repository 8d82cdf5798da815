"""The FHIR R4 REST face: HTTP to the door and back. hl7.org/fhir/R4/http.html"""

from samjournal.rest.routes import ROUTES, Rest, refuse

__all__ = ["ROUTES", "Rest", "refuse"]
