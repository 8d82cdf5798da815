"""A message that was read, as the plain values that `messages` takes.

incoming(data, read, now, fault=…) -> Incoming
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from samjournal.exchange import kinds, xml
from samjournal.exchange.envelope import Envelope, Person
from samjournal.exchange.judging import levels
from samjournal.exchange.readable import as_text, readable
from samjournal.fhir.dates import OSLO
from samjournal.messages import Attached, Incoming, Said

_LATEST = timedelta(hours=1)
"""A clock may be so far ahead of ours."""
_NAMES = {
    "HENVISNING": "Henvisning",
    "EPIKRISE": "Epikrise",
    "REQ": "Rekvisisjon",
    "SVAR": "Svarrapport",
}
_OF_SOMEBODY = (
    *("HENVISNING", "EPIKRISE", "REQ_", "SVAR_", "TILBAKEMELD"),
    *("INNLEGGELSESRAPPORT", "UTSKRIVNINGSRAPPORT", "HELSEOPPL", "MEDISINSKE_OPPLYSNINGER", "ORIENTERING_", "LOG_"),
)
"""How the codes of 8279 begin that are about a patient: without one nobody can do anything with such a message."""


def incoming(data: bytes, read: Envelope, now: datetime, *, fault: bool) -> Incoming:
    parts = readable(read) if read.documents else ()
    return Incoming(
        id=read.id,
        kind=(read.kind.code, read.kind.name),
        made=_made(read.made, now),
        sender=levels(read.sender),
        receivers=tuple(levels(party) for party, _ in read.receivers),
        patient=_said(read.patient, read.kind.code),
        document=kinds.document_of(read) if read.status else "",
        answers=read.parent,
        conversation=(read.conversation if read.form == "MsgHead" else "") or read.id,
        status=read.status,
        about=_about(read),
        text="\n\n".join(filter(None, (_patient_in_words(read.patient), as_text(parts)))),
        original=Attached("application/xml", "Meldingen som den kom", data),
        files=tuple(
            Attached(one.mime or "application/octet-stream", one.about or "Vedlegg", one.data)
            for one in read.documents
            if one.data is not None
        ),
        is_old=read.form == "Message",
        is_urgent=_is_urgent(read),
        fault=fault,
    )


def _said(person: Person | None, kind: str) -> Said | None:
    if person is None:
        return Said("", "", "", "", ()) if kind.startswith(_OF_SOMEBODY) else None
    birth = person.birth if re.fullmatch(r"\d{4}-\d{2}-\d{2}", person.birth) else ""
    numbers = tuple((one.kind, one.value) for one in person.idents)
    return Said(person.family, person.given, birth, person.sex, numbers)


def _patient_in_words(person: Person | None) -> str:
    """Whom the sender wrote about, as he wrote it: whoever looks for the patient needs it."""
    if person is None:
        return ""
    names = ", ".join(filter(None, (person.family, person.given))) or "uten navn"
    numbers = (f"{one.kind} {one.value}" for one in person.idents)
    told = [names, f"født {person.birth}" if person.birth else "", *numbers]
    return f"Pasient: {', '.join(filter(None, told))}"


def _about(read: Envelope) -> str:
    """A heading for a list: what kind of message it is, and its subject where that is no health information."""
    code = read.kind.code
    return read.kind.name or next((name for start, name in _NAMES.items() if code.startswith(start)), code) or "Melding"


def _is_urgent(read: Envelope) -> bool:
    """Whether a referral is for immediate help (degree of urgency 0): it is taken over, however little it tells."""
    return read.kind.code.startswith("HENVISNING") and any(
        xml.coded(read.content, path).code == "0" for path in ("ReqServ/Priority", "Priority", "ServReq/Priority")
    )


def _made(written: str, now: datetime) -> datetime:
    """GenDate; without a zone it is of Oslo. What cannot be read, or is to come, counts as now."""
    try:
        at = datetime.fromisoformat(written)
        at = (at.replace(tzinfo=OSLO) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError):
        return now
    return min(at, now + _LATEST) if at.year > 1900 else now
