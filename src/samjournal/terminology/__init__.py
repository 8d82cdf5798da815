"""What codes are called, in the reader's language; loaded code systems and how their codes are found.

hl7.org/fhir/R4/terminologies.html
"""

from samjournal.terminology.finding import Found, below, find
from samjournal.terminology.loaded import LOADED, Standing, standing
from samjournal.terminology.projection import TYPES as PROJECTED
from samjournal.terminology.projection import differs, project
from samjournal.terminology.texts import text

__all__ = ["LOADED", "PROJECTED", "Found", "Standing", "below", "differs", "find", "project", "standing", "text"]
