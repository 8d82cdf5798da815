"""What leaves for people: notices by SMS, e-mail, browser and letter, and documents as accessible PDF."""

from samjournal.letters.byhand import ByHand, envelope, follow_tasks, listed, posted
from samjournal.letters.channels import Channels
from samjournal.letters.following import follow, follow_looks, tell_signin
from samjournal.letters.forgetting import forget, tidy
from samjournal.letters.kinds import CHANNELS, KINDS, Kind
from samjournal.letters.listing import Line, Traffic, about, alarm, own, retry, traffic
from samjournal.letters.outbox import gather
from samjournal.letters.paper import Unprintable, pdf
from samjournal.letters.people import How, how
from samjournal.letters.reminding import CHOICES, choose, days_of, remind
from samjournal.letters.sending import send
from samjournal.letters.wishes import Wish, devices, keep, subscribe, unsubscribe, wish_of

__all__ = [
    "CHANNELS",
    "CHOICES",
    "KINDS",
    "ByHand",
    "Channels",
    "How",
    "Kind",
    "Line",
    "Traffic",
    "Unprintable",
    "Wish",
    "about",
    "alarm",
    "choose",
    "days_of",
    "devices",
    "envelope",
    "follow",
    "follow_looks",
    "follow_tasks",
    "forget",
    "gather",
    "how",
    "keep",
    "listed",
    "own",
    "pdf",
    "posted",
    "remind",
    "retry",
    "send",
    "subscribe",
    "tell_signin",
    "tidy",
    "traffic",
    "unsubscribe",
    "wish_of",
]
