"""Notes: what was seen and done, in words, as a Composition; and when the patient reads it."""

from samjournal.notes.kinds import KINDS, ORDINARY, NoteKind
from samjournal.notes.releasing import hold_back, release
from samjournal.notes.writing import shown_to_patient, write_note

__all__ = ["KINDS", "ORDINARY", "NoteKind", "hold_back", "release", "shown_to_patient", "write_note"]
