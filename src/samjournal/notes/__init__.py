"""Notes: what was seen and done, in words, as a Composition; who signs it, and when the patient reads it."""

from samjournal.notes.kinds import KINDS, ORDINARY, NoteKind
from samjournal.notes.people import Colleague, colleagues
from samjournal.notes.people import found as find_colleagues
from samjournal.notes.releasing import hold_back, release
from samjournal.notes.text import UNTITLED, Section, Written, packed, unpacked, written_of
from samjournal.notes.writing import prepare_note, shown_to_patient, sign_note, write_note

__all__ = [
    "KINDS",
    "ORDINARY",
    "UNTITLED",
    "Colleague",
    "NoteKind",
    "Section",
    "Written",
    "colleagues",
    "find_colleagues",
    "hold_back",
    "packed",
    "prepare_note",
    "release",
    "shown_to_patient",
    "sign_note",
    "unpacked",
    "write_note",
    "written_of",
]
