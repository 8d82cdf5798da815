"""What messages of several kinds become alike: who wrote, what is coded, texts under headings.

writer(read, relations) -> Resource     who answers for a message, as a reference with a name and a number
reachable(read, writer) -> Resource     the same with the HER-id that an answer goes to
concept(coded) -> Resource              a coded value as a CodeableConcept
grouped(passages) -> list               passages of one heading after each other
shown(passages) -> str                  all of them as plain text
moment(written) -> str                  a day or a moment as FHIR has it
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final

from samjournal.exchange.envelope import Envelope, Ident, Party
from samjournal.exchange.kinds.letter import Passage
from samjournal.exchange.xml import Coded, Element, children, coded, text
from samjournal.fhir.dates import OSLO
from samjournal.fhir.identifiers import HER, HPR

Resource = dict[str, Any]
_SYSTEMS: Final = {"HPR": HPR, "HER": HER}


def writer(read: Envelope, relations: Collection[str]) -> Resource:
    """Who answers for what a message says: the professional that stands in one of some relations (8254) to it, else who
    sent it. He may be nobody who is known here, so this is a name and a number alone."""
    him = next(_professionals(read.content, relations), None) or read.sender.addressed
    units = [one.name for one in reversed(read.sender.levels) if not one.is_person]
    names = dict.fromkeys(filter(None, (him.name, *units)))
    found = next(((_SYSTEMS[one.kind], one.value) for one in him.idents if one.kind in _SYSTEMS), None)
    number = {"identifier": {"system": found[0], "value": found[1]}} if found else {}
    return {"display": ", ".join(names) or "ukjent avsender", **number}


def reachable(read: Envelope, who: Resource) -> Resource:
    """Who wrote, by the HER-id of where he is written to: the innermost that the sender has."""
    number = next((one.ident("HER") for one in reversed(read.sender.levels) if one.ident("HER")), "")
    return {**who, "identifier": {"system": HER, "value": number}} if number else who


def _professionals(body: Element | None, relations: Collection[str]) -> Iterator[Party]:
    """Those who are said to answer for it, in the older and the newer form."""
    for path in ("Patient/PatRelHCP", "RelServProvider"):
        for one in children(body, path):
            if coded(one, "Relation").code in relations:
                for him in children(one, "HCP/HCProf"):
                    yield _party(text(him, "Name"), text(him, "Id"), coded(him, "TypeId").code)
    for one in children(body, "AnsvarForRapport"):
        if coded(one, "TypeRelasjon").code in relations:
            for him in children(one, "AnsvarligRapport"):
                name = " ".join(filter(None, (text(him, part) for part in ("GivenName", "MiddleName", "FamilyName"))))
                yield _party(name, text(him, "Ident/Id"), coded(him, "Ident/TypeId").code)


def _party(name: str, number: str, kind: str) -> Party:
    return Party(name, (Ident(number, kind),) if number and kind else (), is_person=True)


def concept(value: Coded) -> Resource:
    """A code with its system, and its name as text; words alone where there is no code."""
    name = value.name or value.words
    coding = {"system": f"urn:oid:{value.system}", "code": value.code, **({"display": name} if name else {})}
    made: Resource = {"coding": [coding]} if value.code and value.system else {}
    shown = name or value.code
    return {**made, **({"text": shown} if shown else {})}


def grouped(passages: Iterable[Passage]) -> list[Passage]:
    """Passages with one heading as one, in the order that the headings come in."""
    found: dict[str, list[Passage]] = {}
    for one in passages:
        found.setdefault(one.heading.code or one.heading.shown, []).append(one)
    return [Passage(some[0].heading, "\n".join(one.text for one in some)) for some in found.values()]


def shown(passages: Iterable[Passage]) -> str:
    """Texts with their headings."""
    return "\n\n".join("\n".join(filter(None, (one.heading.shown, one.text))) for one in passages)


def moment(written: str) -> str:
    """A moment or a day as FHIR has it: with a zone, which is that of Oslo if none is said; "" for what is neither."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
            return date.fromisoformat(written).isoformat()
        at = datetime.fromisoformat(written)
    except ValueError:
        return ""
    return (at if at.tzinfo else at.replace(tzinfo=OSLO)).isoformat(timespec="seconds")
