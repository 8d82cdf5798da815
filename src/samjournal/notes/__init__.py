"""Notes: what was seen and done, in words, as a Composition; who signs it, and when the patient reads it."""

from samjournal.notes.beside import problems
from samjournal.notes.coding import CHARGE, DIAGNOSIS, Coded, coded, coded_of, codes_of
from samjournal.notes.correcting import add_to, correct, mark_wrong
from samjournal.notes.dictation import NotHeard, Speech, is_sound
from samjournal.notes.dictation import provider as speech_provider
from samjournal.notes.fields import FIELDS
from samjournal.notes.kinds import KINDS, ORDINARY, NoteKind
from samjournal.notes.live import LIVE, tongue
from samjournal.notes.people import Colleague, colleagues
from samjournal.notes.people import found as find_colleagues
from samjournal.notes.phrases import Phrase, drop_phrase, fill, phrases, save_phrase
from samjournal.notes.releasing import decides, hold_back, release
from samjournal.notes.signing import (
    Changed,
    Opened,
    choose_countersigner,
    correct_prepared,
    countersign,
    opened,
    send_back,
    sign_prepared,
)
from samjournal.notes.tasks import COUNTERSIGN, SIGN, code_of
from samjournal.notes.templates import (
    BUILT_IN,
    Heading,
    Template,
    begun,
    every_template,
    retire,
    save_template,
    template_of,
    templates,
)
from samjournal.notes.text import UNTITLED, Section, Written, packed, unpacked, written_of
from samjournal.notes.writing import prepare_note, shown_to_patient, sign_note, write_note

__all__ = [
    "BUILT_IN",
    "CHARGE",
    "COUNTERSIGN",
    "DIAGNOSIS",
    "FIELDS",
    "KINDS",
    "LIVE",
    "ORDINARY",
    "SIGN",
    "UNTITLED",
    "Changed",
    "Coded",
    "Colleague",
    "Heading",
    "NotHeard",
    "NoteKind",
    "Opened",
    "Phrase",
    "Section",
    "Speech",
    "Template",
    "Written",
    "add_to",
    "begun",
    "choose_countersigner",
    "code_of",
    "coded",
    "coded_of",
    "codes_of",
    "colleagues",
    "correct",
    "correct_prepared",
    "countersign",
    "decides",
    "drop_phrase",
    "every_template",
    "fill",
    "find_colleagues",
    "hold_back",
    "is_sound",
    "mark_wrong",
    "opened",
    "packed",
    "phrases",
    "prepare_note",
    "problems",
    "release",
    "retire",
    "save_phrase",
    "save_template",
    "send_back",
    "shown_to_patient",
    "sign_note",
    "sign_prepared",
    "speech_provider",
    "template_of",
    "templates",
    "tongue",
    "unpacked",
    "write_note",
    "written_of",
]
