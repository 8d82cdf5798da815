"""The FHIR R4 REST face: HTTP to the door and back. hl7.org/fhir/R4/http.html"""

from samjournal.rest.cors import Cors, origins_of
from samjournal.rest.routes import ROUTES, Rest, refuse

__all__ = ["ROUTES", "Cors", "Rest", "origins_of", "refuse"]
