"""What codes are called, in the reader's language; loaded code systems, how their codes are found, and value sets.

hl7.org/fhir/R4/terminologies.html
"""

from samjournal.terminology.expansion import Shelf, members, related
from samjournal.terminology.finding import Found, below, find
from samjournal.terminology.loaded import LOADED, Standing, standing
from samjournal.terminology.members import Members
from samjournal.terminology.projection import TYPES as PROJECTED
from samjournal.terminology.projection import differs, project
from samjournal.terminology.seeking import SOUGHT, SUBSTANCES, Area, Hit, Why, is_offered, ready, seek
from samjournal.terminology.texts import text

__all__ = [
    "LOADED",
    "PROJECTED",
    "SOUGHT",
    "SUBSTANCES",
    "Area",
    "Found",
    "Hit",
    "Members",
    "Shelf",
    "Standing",
    "Why",
    "below",
    "differs",
    "find",
    "is_offered",
    "members",
    "project",
    "ready",
    "related",
    "seek",
    "standing",
    "text",
]
