"""Notes: what was seen and done, in words, as a Composition; who signs it, and when the patient reads it."""

from samjournal.notes.beside import problems
from samjournal.notes.coding import CHARGE, DIAGNOSIS, Coded, coded, coded_of, codes_of
from samjournal.notes.correcting import add_to, correct, mark_wrong
from samjournal.notes.delivered import Deliveries, Delivery, NotSent, deliveries, told
from samjournal.notes.dictation import NotHeard, Speech, is_sound
from samjournal.notes.dictation import provider as speech_provider
from samjournal.notes.dispatching import Dispatch, NotChosen, SentAlready, dispatched, send_summary
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
from samjournal.notes.summaries import Recipient, edition_of, is_signed, is_summary, recipients
from samjournal.notes.summaries import named as named_recipients
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
from samjournal.notes.unsent import unsent_summaries
from samjournal.notes.writing import contact_of, prepare_note, shown_to_patient, sign_note, write_note

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
    "Deliveries",
    "Delivery",
    "Dispatch",
    "Heading",
    "NotChosen",
    "NotHeard",
    "NotSent",
    "NoteKind",
    "Opened",
    "Phrase",
    "Recipient",
    "Section",
    "SentAlready",
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
    "contact_of",
    "correct",
    "correct_prepared",
    "countersign",
    "decides",
    "deliveries",
    "dispatched",
    "drop_phrase",
    "edition_of",
    "every_template",
    "fill",
    "find_colleagues",
    "hold_back",
    "is_signed",
    "is_sound",
    "is_summary",
    "mark_wrong",
    "named_recipients",
    "opened",
    "packed",
    "phrases",
    "prepare_note",
    "problems",
    "recipients",
    "release",
    "retire",
    "save_phrase",
    "save_template",
    "send_back",
    "send_summary",
    "shown_to_patient",
    "sign_note",
    "sign_prepared",
    "speech_provider",
    "template_of",
    "templates",
    "told",
    "tongue",
    "unpacked",
    "unsent_summaries",
    "write_note",
    "written_of",
]
