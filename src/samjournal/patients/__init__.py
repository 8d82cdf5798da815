"""Find people: by name, birth date and number. Merge and match come here."""

from samjournal.patients.finding import Found, find, mine

__all__ = ["Found", "find", "mine"]
