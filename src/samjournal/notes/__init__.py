"""Notes: what was seen and done, in words, as a Composition."""

from samjournal.notes.writing import write_note

__all__ = ["write_note"]
