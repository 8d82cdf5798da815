"""Henvisning 1.0 and 1.1 (a `Message`) and 2.0 (in MsgHead): what a referral says, written and read. HIS 80517

    write(letter, referral, version) -> bytes       raises NotWritable
    read(envelope) -> Referral                      of any version
    contents(envelope, place) -> (ServiceRequest,)  what it becomes in the record

What a referral of others says beyond these values is in `rest`, as words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from samjournal.exchange.envelope import Envelope
from samjournal.exchange.kinds import bare, head
from samjournal.exchange.kinds.becoming import concept, grouped, moment, reachable, shown, writer
from samjournal.exchange.kinds.elements import code, moment_of, said, stamp, under, whole
from samjournal.exchange.kinds.letter import HELPER, STATUSES, Letter, NotWritable, Passage, document_of
from samjournal.exchange.kinds.reading import diagnosis_of, item_words, rest_of
from samjournal.exchange.readable import words_of
from samjournal.exchange.xml import Coded, Element, child, children, coded, text
from samjournal.messages import Place
from samjournal.messages.states import DOCUMENT

Resource = dict[str, Any]
Version = Literal["1.0", "1.1", "2.0"]
SPACES: Final[dict[Version, str]] = {
    "1.0": "http://www.kith.no/xmlstds/henvisning/2005-07-08",
    "1.1": "http://www.kith.no/xmlstds/henvisning/2012-02-15",
    "2.0": "http://ehelse.no/xmlstds/henvisning/2017-11-30",
}
_GUIDES: Final = {"1.0": "v1.0 2005-07-08", "1.1": "v1.1 2012-02-15"}
_PARTS: Final = "http://ehelse.no/xmlstds/po/poKomponent/2017-11-30"
_HEADINGS, _ITEMS, _ABOUT = (f"2.16.578.1.12.4.1.1.{system}" for system in (8231, 8233, 8455))
_REFERRER = Coded("HHE", "2.16.578.1.12.4.1.1.8254", "Henvisende helsepersonell")
PROBLEM: Final = Coded("PROB", name="Aktuell problemstilling")
WANTED: Final = Coded("UTRED", name="Forventet utredning/behandling")
DIAGNOSIS: Final = Coded("DIAG", name="Diagnose")
ASSESS: Final = Coded("10", name="Utredning/behandling")
PRIORITIES: Final = {"0": "Øyeblikkelig hjelp", "3": "Haster (elektiv)", "N": "Elektiv/Ordinær (elektiv)"}
"""Code system 8306."""
ORDINARY: Final = Coded("N", name=PRIORITIES["N"])


@dataclass(frozen=True, slots=True)
class Referral:
    """What a referral says. `about` is of 8455, `priority` of 8306 or 8304; `diagnoses` has the first one first;
    `reasons` are texts under headings of 8231, `items` clinical information by kind (8233) as words; `wanted` is the
    day that it is wanted from; `comment` what the referrer says of the referral itself, as why it is withdrawn; `rest`
    all else that somebody wrote, and is read only."""

    about: Coded = ASSESS
    priority: Coded = ORDINARY
    diagnoses: tuple[Coded, ...] = ()
    reasons: tuple[Passage, ...] = ()
    items: tuple[Passage, ...] = ()
    wanted: str = ""
    comment: str = ""
    rest: str = ""


# --- Writing ----------------------------------------------------------------------------------------------------------


def write(letter: Letter, referral: Referral, version: Version) -> bytes:
    """A referral. Version 1.0 has no place for files, and asks for a diagnosis: there is one, if only as words."""
    if version == "2.0":
        return head.written(letter, lambda content: _newer(content, letter, referral))
    if version == "1.0" and letter.files:
        raise NotWritable("Henvisning 1.0 har ikke plass til vedlegg. Mottakeren må ta imot 1.1 eller 2.0.")
    return _older(letter, referral, version)


def _older(letter: Letter, referral: Referral, version: Version) -> bytes:
    kind = "H" if version == "1.0" else "HENVISNING"
    message = bare.begun(letter, SPACES[version], _GUIDES[version], kind)
    request = under(message, "ServReq")
    code(request, "ServType", Coded(letter.status, name=STATUSES.get(letter.status, "")))
    stamp(request, "IssueDate", moment_of(letter.written))
    said(request, "ReqComment", referral.comment)
    code(request, "MsgDescr", _bare(referral.about))
    under(request, "Id", letter.document)
    patient = bare.patient(request, letter.patient)
    _items(patient, referral, with_system=False)
    for relation, party in ((_REFERRER, letter.author), (HELPER, letter.helper)):
        bare.related(patient, "PatRelHCP", _bare(relation), party, units_first=False)
    bare.patient_ended(patient, letter.patient)
    for role, party in (("ServProvider", letter.receiver), ("Requester", letter.sender)):
        bare.provider(under(request, role), party, units_first=False)
    for copy in letter.copies:
        bare.provider(under(request, "CopyDest"), copy, units_first=False)
    bare.attached(request, letter.files)
    _reasons(request, referral, with_system=False)
    _diagnoses(request, referral)
    if version == "1.0" and not referral.diagnoses:
        code(under(request, "Diagnosis"), "Concept", Coded(words="Ikke kodet"))
    _wanted(request, referral)
    return whole(message)


def _newer(content: Element, letter: Letter, referral: Referral) -> None:
    element = under(content, "Henvisning", space=SPACES["2.0"])
    code(element, "ServType", Coded(letter.status, name=STATUSES.get(letter.status, "")))
    under(element, "IssueDate", moment_of(letter.written))
    said(element, "ReqComment", referral.comment)
    under(element, "DocumentId", letter.document)
    for relation, party in ((_REFERRER, letter.author), (HELPER, letter.helper)):
        if party.name or party.idents:
            by = under(element, "AnsvarForRapport", space=_PARTS)
            head.professional(under(by, "AnsvarligRapport"), party, space=head.COMMON)
            code(by, "TypeRelasjon", relation)
    about = under(element, "TypeInnholdIMelding", space=_PARTS)
    code(about, "TypeInnhold", Coded(referral.about.code, _ABOUT, referral.about.name))
    _items(element, referral, with_system=True)
    _reasons(element, referral, with_system=True)
    _diagnoses(element, referral)
    _wanted(element, referral)


def _bare(value: Coded) -> Coded:
    return Coded(value.code, name=value.name)


def _of(value: Coded, system: str, *, with_system: bool) -> Coded:
    return Coded(value.code, system if with_system and value.code else "", value.name)


def _items(element: Element, referral: Referral, *, with_system: bool) -> None:
    for one in referral.items:
        item = under(element, "InfItem")
        under(under(item, "Observation"), "Description", one.text)
        code(item, "Type", _of(one.heading, _ITEMS, with_system=with_system))


def _reasons(element: Element, referral: Referral, *, with_system: bool) -> None:
    for one in referral.reasons:
        reason = under(element, "ReasonAsText")
        code(reason, "Heading", _of(one.heading, _HEADINGS, with_system=with_system))
        under(reason, "TextResultValue", one.text)


def _diagnoses(element: Element, referral: Referral) -> None:
    for one in referral.diagnoses:
        code(under(element, "Diagnosis"), "Concept", one)


def _wanted(element: Element, referral: Referral) -> None:
    wanted = under(element, "ReqServ")
    code(wanted, "ServType", Coded("N", name="Ny"))
    if referral.wanted and element.tag.endswith("}Henvisning"):
        under(wanted, "ReqDate", referral.wanted)
    else:
        stamp(wanted, "ReqDate", referral.wanted)
    code(wanted, "Priority", _bare(referral.priority))


# --- Reading ----------------------------------------------------------------------------------------------------------

_OUTSIDE: Final = (
    "ServType",
    "IssueDate",
    "ReqComment",
    "MsgDescr",
    "Id",
    "DocumentId",
    "Ack",
    "ServProvider",
    "Requester",
    "CopyDest",
    "RefDoc/Content",
    "ReasonAsText",
    "InfItem",
    "Diagnosis",
    "TypeInnholdIMelding/TypeInnhold",
    "ReqServ/ServType",
    "ReqServ/ReqDate",
    "ReqServ/Priority",
    "Patient/Sex",
    "Patient/DateOfBirth",
    "Patient/Name",
    "Patient/OffId",
    "Patient/TypeOffId",
    "Patient/AdditionalId",
    "Patient/InfItem",
)
"""What has its own place, in the envelope or in a value."""


def read(envelope: Envelope) -> Referral:
    """What a referral says."""
    body = envelope.content
    holder = body if child(body, "Patient") is None else child(body, "Patient")
    priority = coded(body, "ReqServ/Priority")
    return Referral(
        about=_bare(coded(body, "MsgDescr") if child(body, "MsgDescr") is not None else _type(body)),
        priority=Coded(priority.code, name=priority.name),
        diagnoses=tuple(diagnosis_of(one) for one in children(body, "Diagnosis")),
        reasons=tuple(_read_reasons(body)),
        items=tuple(_read_items(holder)),
        wanted=text(body, "ReqServ/ReqDate"),
        comment=text(body, "ReqComment"),
        rest=rest_of(body, _OUTSIDE),
    )


def _type(body: Element | None) -> Coded:
    return coded(body, "TypeInnholdIMelding/TypeInnhold")


def _read_reasons(body: Element | None) -> Iterator[Passage]:
    for one in children(body, "ReasonAsText"):
        found = child(one, "TextResultValue")
        codes = (coded(each).shown for each in children(one, "TextCode"))
        words = "\n".join(filter(None, (words_of(found) if found is not None else "", *codes)))
        if words:
            yield Passage(_bare(coded(one, "Heading")), words)


def _read_items(holder: Element | None) -> Iterator[Passage]:
    for one in children(holder, "InfItem"):
        if words := item_words(one):
            yield Passage(_bare(coded(one, "Type")), words)


# --- In the record ----------------------------------------------------------------------------------------------------

_HURRY: Final = {
    **dict.fromkeys(("0", "1H", "2H", "4H", "8H"), "stat"),
    "1": "asap",
    **dict.fromkeys(("2", "3", "7", "14", "PK"), "urgent"),
}
"""Degrees of urgency (8304, 8306) as ServiceRequest.priority; all others are routine. The sender's own words stand in
the text."""
_CATEGORY: Final = {"coding": [{"system": "urn:samjournal:request", "code": "referral"}], "text": "Henvisning"}


def contents(envelope: Envelope, place: Place) -> tuple[Resource, ...]:
    """What is asked, of whom, with all that the referrer wrote: what has no place of its own stands in the text."""
    says = read(envelope)
    issued = moment(text(envelope.content, "IssueDate"))
    questions = [one.text for one in says.reasons if one.heading.code == WANTED.code]
    files = [one.about or one.mime for one in envelope.documents if one.data is not None]
    # Whoever has a copy is not asked: it stands on no list of his.
    is_asked = envelope.receivers[place.receiver][1] == "PRIM"
    made: Resource = {
        "resourceType": "ServiceRequest",
        "id": place.key,
        "identifier": [{"system": DOCUMENT, "value": document_of(envelope)}],
        "status": "active",
        "intent": "order",
        "category": [_CATEGORY if is_asked else {"text": "Kopi av henvisning"}],
        "priority": _HURRY.get(says.priority.code, "routine"),
        "orderDetail": [{"text": one} for one in questions],
        "subject": {"reference": f"Patient/{place.patient}"},
        "occurrencePeriod": {"start": moment(says.wanted)} if moment(says.wanted) else {},
        "authoredOn": issued,
        "requester": reachable(envelope, writer(envelope, (_REFERRER.code,))),
        "performer": [place.unit if is_asked else _asked(envelope)],
        "reasonCode": _reason_codes(says),
        "supportingInfo": [
            {"reference": f"DocumentReference/{place.name}", "display": ", ".join(files) or "Meldingen som den kom"}
        ],
        "note": [{"text": words}] if (words := _words(says)) else [],
    }
    return ({name: value for name, value in made.items() if value},)


def _asked(envelope: Envelope) -> Resource:
    """Whom a referral was sent to, by name."""
    asked = next((party for party, role in envelope.receivers if role == "PRIM"), None)
    names = [level.name for level in reversed(asked.levels) if level.name] if asked else []
    return {"display": ", ".join(dict.fromkeys(names)) or "ukjent mottaker"}


def _reason_codes(says: Referral) -> list[Resource]:
    """What it is about: the first is the main one, in the referrer's own words where he has some."""
    codes = [made for one in says.diagnoses if (made := concept(one))]
    words = [one.text for one in says.reasons if one.heading.code == DIAGNOSIS.code]
    if codes and words:
        codes[0] = {**codes[0], "text": words[0]}
    elif words:
        codes = [{"text": words[0]}]
    return codes


def _words(says: Referral) -> str:
    """The text: what it is about first, then all that was written beside."""
    placed = (PROBLEM.code, WANTED.code)
    told = [one.text for one in says.reasons if one.heading.code == PROBLEM.code]
    told.append(shown(grouped(one for one in says.reasons if one.heading.code not in placed)))
    told.append(shown(grouped(says.items)))
    told.append(f"Gjelder: {says.about.shown}" if says.about.shown and says.about != ASSESS else "")
    told.append(f"Ønskes: {says.wanted}" if says.wanted and not moment(says.wanted) else "")
    told.append(f"Hastegrad: {says.priority.shown}" if says.priority.code not in ("", "N") else "")
    told += [f"Merknad: {says.comment}" if says.comment else "", says.rest]
    return "\n\n".join(filter(None, told))
