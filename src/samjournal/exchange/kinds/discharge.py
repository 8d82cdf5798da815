"""Epikrise 1.1 and 1.2: what a discharge summary says, written and read. HIS 80226

    write(letter, discharge, version) -> bytes
    read(envelope) -> Discharge                 of either version
    contents(envelope, place) -> (Composition,) what it becomes in the record

Texts are XHTML in these messages: paragraphs and lines stay. What others say beyond these values is in `rest`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from lxml import etree

from samjournal.exchange.envelope import Envelope
from samjournal.exchange.kinds import bare
from samjournal.exchange.kinds.becoming import grouped, moment, writer
from samjournal.exchange.kinds.elements import code, moment_of, plain, stamp, under, whole
from samjournal.exchange.kinds.letter import HELPER, STATUSES, Letter, Passage, document_of
from samjournal.exchange.kinds.reading import diagnosis_of, item_words, rest_of
from samjournal.exchange.readable import words_of
from samjournal.exchange.xml import Coded, Element, child, children, coded, text
from samjournal.fhir.narrative import narrative, to_div
from samjournal.messages import Place
from samjournal.messages.states import DOCUMENT

Resource = dict[str, Any]
Version = Literal["1.1", "1.2"]
SPACES: Final[dict[Version, str]] = {
    "1.1": "http://www.kith.no/xmlstds/epikrise/2006-09-23",
    "1.2": "http://www.kith.no/xmlstds/epikrise/2012-02-15",
}
_GUIDES: Final = {"1.1": "v1.1 2006-09-23", "1.2": "v1.2 2012-02-15"}
_ANSWERS = Coded("AHP", name="Ansvarlig helsepersonell")
_PLACES = (("ServProvider", "SPR", "Tjenesteyter"), ("Requester", "REQ", "Rekvirent"))
MAIN: Final = Coded("H", name="Hoveddiagnose")
OTHER: Final = Coded("B", name="Bidiagnose")
_DIAGNOSES = frozenset({MAIN.code, OTHER.code})


@dataclass(frozen=True, slots=True)
class Discharge:
    """What a discharge summary says. `about` is what it is called; `began` and `ended` are of the stay; the first of
    `diagnoses` is the main one; `passages` are texts under headings of 8311, `items` clinical information by kind
    (8233) as words; `referral` is the document id of the referral that it answers; `rest` all else that somebody wrote,
    and is read only."""

    about: str = "Epikrise"
    began: str = ""
    ended: str = ""
    diagnoses: tuple[Coded, ...] = ()
    passages: tuple[Passage, ...] = ()
    items: tuple[Passage, ...] = ()
    referral: str = ""
    rest: str = ""


# --- Writing ----------------------------------------------------------------------------------------------------------


def write(letter: Letter, discharge: Discharge, version: Version) -> bytes:
    """A discharge summary. Whoever is sent it stands as its requester, as the standard has it."""
    message = bare.begun(letter, SPACES[version], _GUIDES[version], "E" if version == "1.1" else "EPIKRISE")
    report = under(message, "ServRprt")
    code(report, "ServType", Coded(letter.status, name=STATUSES.get(letter.status, "")))
    stamp(report, "IssueDate", moment_of(letter.written))
    code(report, "Status", Coded("F", name="Endelig rapport"))
    under(report, "MsgDescr", discharge.about)
    under(report, "ServProvId", letter.document)
    if discharge.referral:
        _referral(report, discharge.referral, version)
    if letter.status != "C":
        _stay(report, letter, discharge, version)
    bare.patient_ended(bare.patient(report, letter.patient), letter.patient)
    for (place, role, called), party in zip(_PLACES, (letter.sender, letter.receiver), strict=True):
        if place == "Requester":
            for copy in letter.copies:
                bare.provider(under(report, "CopyDest"), copy, units_first=True)
        element = under(report, place)
        code(element, "Role", Coded(role, name=called))
        code(element, "ComMethod", Coded("EDI", name="EDI"))
        bare.provider(element, party, units_first=True)
    for relation, party in ((_ANSWERS, letter.author), (Coded(HELPER.code, name=HELPER.name), letter.helper)):
        bare.related(report, "RelServProvider", relation, party, units_first=True)
    bare.attached(report, letter.files)
    return whole(message)


def _referral(report: Element, document: str, version: Version) -> None:
    """The referral that is answered: its id. What it asked for stands in the referral."""
    request = under(report, "ServReq")
    code(request, "ServType", Coded("N", name="Ny"))
    under(request, "IssueDate")
    if version == "1.1":
        under(request, "MsgDescr", "Henvisning")
    else:
        code(request, "MsgDescr", Coded("10", name="Utredning/behandling"))
    under(request, "Id", document)
    code(under(request, "Diagnosis"), "Concept", Coded(words="Se henvisningen"))


def _stay(report: Element, letter: Letter, discharge: Discharge, version: Version) -> None:
    event = under(report, "Event")
    period = under(event, "ReportedEvent")
    stamp(period, "StartDateTime", discharge.began or moment_of(letter.written))
    stamp(period, "EndDateTime", discharge.ended)
    code(event, "ServType", Coded("N", name="Ny"))
    if version == "1.1":
        under(event, "Id", "1")
    under(event, "Service")
    for place, one in enumerate(discharge.diagnoses):
        item = under(event, "InfItem")
        code(under(under(item, "Observation"), "CodedDescr"), "Concept", one)
        code(item, "Type", OTHER if place else MAIN)
    for each in discharge.items:
        item = under(event, "InfItem")
        _text(under(item, "Observation"), "Description", each.text)
        code(item, "Type", Coded(each.heading.code, name=each.heading.name))
    for each in discharge.passages:
        comment = under(event, "Comment")
        code(comment, "Heading", Coded(each.heading.code, name=each.heading.name))
        _text(comment, "TextResultValue", each.text)


def _text(element: Element, called: str, words: str) -> None:
    under(element, called).append(etree.fromstring(to_div(plain(words)).encode()))


# --- Reading ----------------------------------------------------------------------------------------------------------

_PLACED: Final = (
    "ServType",
    "IssueDate",
    "Status",
    "MsgDescr",
    "ServProvId",
    "Ack",
    "ServReq/ServType",
    "ServReq/Id",
    "ServProvider",
    "Requester",
    "CopyDest",
    "RefDoc/Content",
    "Patient/Sex",
    "Patient/DateOfBirth",
    "Patient/Name",
    "Patient/OffId",
    "Patient/TypeOffId",
    "Patient/AdditionalId",
    "Event/ReportedEvent",
    "Event/ServType",
    "Event/Id",
    "Event/InfItem",
    "Event/Comment",
)
"""What has its own place, in the envelope or in a value."""


def read(envelope: Envelope) -> Discharge:
    """What a discharge summary says."""
    body = envelope.content
    return Discharge(
        about=text(body, "MsgDescr") or "Epikrise",
        began=text(body, "Event/ReportedEvent/StartDateTime"),
        ended=text(body, "Event/ReportedEvent/EndDateTime"),
        diagnoses=tuple(_diagnoses(body)),
        passages=tuple(_passages(body)),
        items=tuple(_items(body)),
        referral=text(body, "ServReq/Id"),
        rest=rest_of(body, _PLACED),
    )


def _diagnoses(body: Element | None) -> Iterator[Coded]:
    """The coded ones, the main one first."""
    found = [one for one in children(body, "Event/InfItem") if _is_diagnosis(one)]
    for item in sorted(found, key=lambda one: coded(one, "Type").code != MAIN.code):
        for one in children(item, "Observation/CodedDescr"):
            yield diagnosis_of(one)


def _is_diagnosis(item: Element) -> bool:
    return coded(item, "Type").code in _DIAGNOSES and child(item, "Observation/CodedDescr/Concept") is not None


def _items(body: Element | None) -> Iterator[Passage]:
    for one in children(body, "Event/InfItem"):
        told = [item_words(one)]
        if not _is_diagnosis(one):
            told += [diagnosis_of(each).shown for each in children(one, "Observation/CodedDescr")]
        if words := "\n".join(filter(None, told)):
            kind = coded(one, "Type")
            yield Passage(Coded(kind.code, name=kind.name), words)


def _passages(body: Element | None) -> Iterator[Passage]:
    for one in children(body, "Event/Comment"):
        found = child(one, "TextResultValue")
        codes = (coded(each).shown for each in children(one, "TextCode"))
        if words := "\n".join(filter(None, (words_of(found) if found is not None else "", *codes))):
            heading = coded(one, "Heading")
            yield Passage(Coded(heading.code, name=heading.name), words)


# --- In the record ----------------------------------------------------------------------------------------------------

_TYPE: Final = {
    "coding": [{"system": "http://loinc.org", "code": "18842-5", "display": "Discharge summary"}],
    "text": "Epikrise",
}
_FIRST: Final = ("AI", "ÅI", "AH")
"""Headings that stand before the diagnoses: why it began."""


def contents(envelope: Envelope, place: Place) -> tuple[Resource, ...]:
    """A note of others, to be read among the notes: each text under its heading, and all else under the last."""
    says = read(envelope)
    body = envelope.content
    issued = moment(text(body, "IssueDate")) or moment(envelope.made)
    answered = {"type": "ServiceRequest", "identifier": {"system": DOCUMENT, "value": says.referral}}
    times = (("start", moment(says.began)), ("end", moment(says.ended)))
    period = {name: at for name, at in times if at}
    event = {"period": period, "detail": [answered] if says.referral else []}
    about = "" if says.about.casefold() == "epikrise" else f": {says.about}"
    made: Resource = {
        "resourceType": "Composition",
        "id": place.key,
        "identifier": {"system": DOCUMENT, "value": document_of(envelope)},
        "status": "final" if coded(body, "Status").code in ("F", "A", "") else "preliminary",
        "type": _TYPE,
        "subject": {"reference": f"Patient/{place.patient}"},
        "date": issued,
        "author": [writer(envelope, (_ANSWERS.code, "ALE"))],
        "title": f"Epikrise{about}",
        "custodian": place.unit,
        "event": [{name: value for name, value in event.items() if value}] if any(event.values()) else [],
        "section": _sections(says, envelope, place),
    }
    return ({name: value for name, value in made.items() if value},)


def _sections(says: Discharge, envelope: Envelope, place: Place) -> list[Resource]:
    passages = grouped(says.passages)
    first = [one for one in passages if one.heading.code in _FIRST]
    stay = " – ".join(_day(one) for one in (says.began, says.ended) if one)
    diagnoses = "\n".join(f"{one.shown} ({one.code})" if one.code and one.name else one.shown for one in says.diagnoses)
    parts = [
        ("Opphold", stay),
        *((one.heading.shown, one.text) for one in first),
        ("Diagnoser", diagnoses),
        *((one.heading.shown, one.text) for one in grouped(says.items)),
        *((one.heading.shown, one.text) for one in passages if one not in first),
        ("Annet", says.rest),
    ]
    made: list[Resource] = [
        {"title": title or "Uten overskrift", "text": narrative(words)} for title, words in parts if words.strip()
    ]
    files = [one.about or one.mime for one in envelope.documents if one.data is not None]
    if files:
        entry = {"reference": f"DocumentReference/{place.name}", "display": ", ".join(files)}
        made.append({"title": "Vedlegg", "text": narrative("\n".join(files)), "entry": [entry]})
    return made


def _day(written: str) -> str:
    return ".".join(reversed(written[:10].split("-")))
