"""Referrals: written, sent, opened, assessed, booked and done, with one owner, one list and one deadline at every
moment. House rule 5.

A referral is a ServiceRequest; where it stands is its Task, which has the same id.
"""

from samjournal.referrals.asking import remind, withdraw
from samjournal.referrals.following import arrived, follow
from samjournal.referrals.joining import switch
from samjournal.referrals.late import MOST as MOST_AT_ONCE
from samjournal.referrals.late import late
from samjournal.referrals.listing import Listed, hidden, last_receivers, of_unit, paired
from samjournal.referrals.making import Written, packed, unpacked
from samjournal.referrals.own import own
from samjournal.referrals.receiving import (
    Had,
    assess,
    book,
    close,
    forward,
    had,
    is_from,
    is_with,
    may_assess,
    open_,
    reject,
)
from samjournal.referrals.states import ENDED, NEXT, Referral, State, Step, is_referral, referral
from samjournal.referrals.telling import REFERRAL
from samjournal.referrals.writing import AlreadySent, NotReady, is_about, may_refer, open_of, refer
from samjournal.tasks.calendar import after, is_working

__all__ = [
    "ENDED",
    "MOST_AT_ONCE",
    "NEXT",
    "REFERRAL",
    "AlreadySent",
    "Had",
    "Listed",
    "NotReady",
    "Referral",
    "State",
    "Step",
    "Written",
    "after",
    "arrived",
    "assess",
    "book",
    "close",
    "follow",
    "forward",
    "had",
    "hidden",
    "is_about",
    "is_from",
    "is_referral",
    "is_with",
    "is_working",
    "last_receivers",
    "late",
    "may_assess",
    "may_refer",
    "of_unit",
    "open_",
    "open_of",
    "own",
    "packed",
    "paired",
    "refer",
    "referral",
    "reject",
    "remind",
    "switch",
    "unpacked",
    "withdraw",
]
