"""`samjournal standards`: the operator's code systems, and the official fictive test persons, into the record.

hl7.org/fhir/R4/terminologies.html
"""

from samjournal.server.standards.adding import Wish, add, listed

__all__ = ["Wish", "add", "listed"]
