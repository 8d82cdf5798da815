"""One file for each kind of message: how it is written, read, and what it becomes in the record.

A new kind is a file here and a line in `incoming.READERS` or `outgoing.rendered`. `letter` has what all have in common.
"""

from samjournal.exchange.kinds.dialog import Dialog
from samjournal.exchange.kinds.discharge import Discharge
from samjournal.exchange.kinds.letter import File, Letter, NotWritable, Passage, letter_of
from samjournal.exchange.kinds.referral import Referral

__all__ = ["Dialog", "Discharge", "File", "Letter", "NotWritable", "Passage", "Referral", "letter_of"]
