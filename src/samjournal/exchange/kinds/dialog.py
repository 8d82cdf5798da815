"""Dialogmelding 1.0 and 1.1, in MsgHead: what somebody asks, answers or tells. HIS 80503

    write(letter, dialog, version) -> bytes
    read(envelope) -> Dialog                    of either version

A request (`asks`) is a `Foresporsel`, all else a `Notat`. Which message is answered is in the envelope.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from samjournal.exchange.envelope import Envelope
from samjournal.exchange.kinds import head
from samjournal.exchange.kinds.elements import code, said, under
from samjournal.exchange.kinds.letter import Letter
from samjournal.exchange.readable import words_of
from samjournal.exchange.xml import Coded, Element, child, coded, text

Version = Literal["1.0", "1.1"]
SPACES: Final[dict[Version, str]] = {
    "1.0": "http://www.kith.no/xmlstds/dialog/2006-10-11",
    "1.1": "http://www.kith.no/xmlstds/dialog/2013-01-23",
}
_REQUESTS, _ANSWERS, _PROFESSIONAL, _REFERRALS = (
    f"2.16.578.1.12.4.1.1.{system}" for system in (9152, 9069, 7322, 9148)
)
_ROLE = Coded("21", "2.16.578.1.12.4.1.1.9034", "Helsefaglig kontakt")
TOPICS: Final = {
    "DIALOG_FORESPORSEL": Coded("99", _REQUESTS, "Annen henvendelse"),
    "DIALOG_SVAR": Coded("5", _ANSWERS, "Svar på forespørsel"),
    "DIALOG_HELSEFAGLIG": Coded("6", _PROFESSIONAL, "Henvendelse om pasient"),
}
"""What a message of a kind is about when nothing else is said."""
STATES: Final = {
    "1": "Innkalles til helsehjelp",
    "2": "Rett til helsehjelp, tidspunkt kommer",
    "3": "Henvisningen er videresendt",
    "4": "Henvisningen er avvist",
}
"""Code system 9148: what became of a referral."""


@dataclass(frozen=True, slots=True)
class Dialog:
    """What a dialogue message says: its topic (9152, 9069, 7322, 9148 …), a heading, and the text."""

    topic: Coded
    heading: str = ""
    text: str = ""
    asks: bool = False


def of_referral(state: str, words: str) -> Dialog:
    """What is told of a referral (DIALOG_STATUS_HENVISNING)."""
    return Dialog(Coded(state, _REFERRALS, STATES[state]), text=words)


def write(letter: Letter, dialog: Dialog, version: Version) -> bytes:
    """A dialogue message. A request of version 1.0 has no place for a heading: it stands first in the text."""
    return head.written(letter, lambda content: _body(content, letter, dialog, version))


def _body(content: Element, letter: Letter, dialog: Dialog, version: Version) -> None:
    message = under(content, "Dialogmelding", space=SPACES[version])
    topic = dialog.topic if dialog.topic.shown else TOPICS.get(letter.kind.code, TOPICS["DIALOG_HELSEFAGLIG"])
    if dialog.asks:
        part = under(message, "Foresporsel")
        code(part, "TypeForesp", topic)
        if version == "1.1":
            said(part, "EmneSporsmal", dialog.heading)
            under(part, "Sporsmal", dialog.text)
        else:
            under(part, "Sporsmal", "\n\n".join(filter(None, (dialog.heading, dialog.text))))
    else:
        part = under(message, "Notat")
        code(part, "TemaKodet", topic)
        said(part, "Tema", dialog.heading)
        under(part, "TekstNotatInnhold", dialog.text)
    for role, party in ((_ROLE, letter.author), (Coded(words="Sendt av"), letter.helper)):
        if party.name or party.idents:
            by = under(part, "RollerRelatertNotat")
            code(by, "RoleToPatient", role)
            head.professional(under(by, "HealthcareProfessional"), party, inner=head.COMMON)


def read(envelope: Envelope) -> Dialog:
    """What a dialogue message says first; the rest is among its readable parts."""
    body = envelope.content
    asked = child(body, "Foresporsel")
    told = child(body, "Notat")
    if asked is not None and told is None:
        question = child(asked, "Sporsmal")
        words = words_of(question) if question is not None else ""
        return Dialog(coded(asked, "TypeForesp"), text(asked, "EmneSporsmal"), words, asks=True)
    note = child(told, "TekstNotatInnhold")
    return Dialog(coded(told, "TemaKodet"), text(told, "Tema"), words_of(note) if note is not None else "")
