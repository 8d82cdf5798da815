"""Who sends what to whom about whom: the envelope of a message, in either form that is in use.

    read(root) -> Envelope      raises NotAMessage

`MsgHead` 1.2 is the envelope of newer messages. Henvisning 1.x, Epikrise, Rekvisisjon and Svarrapport are a `Message`
with envelope and contents in one. HIS 80601, HIS 1153.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from samjournal.exchange.xml import Coded, Element, child, children, coded, elements, name, namespace, text

Role = Literal["PRIM", "COP"]
HER: Final = "HER"
MOST: Final = 100
"""So many receivers a message names at most: each here gets all of it, and each is looked for."""
DAMAGED: Final = "skadet: ikke base64"
"""What a file is called that nobody can decode."""
_FAMILIES: Final = {"henvisning": "HENVISNING", "epikrise": "EPIKRISE", "rekvisisjon": "REQ", "labsvar": "SVAR"}
_SUBJECTS: Final = {"CYTO": "CYT", "HIST": "HIST", "MBIO": "MBIO", "RTG": "RTG", "CT": "RTG", "MR": "RTG", "UL": "RTG"}
"""The subject of a laboratory message (`MsgDescr`), as the code of 8279 names it; LAB for all others."""


class NotAMessage(Exception):
    """The XML is none of the envelopes that are read here."""


@dataclass(frozen=True, slots=True)
class Ident:
    """A number and its kind: HER, ENH, RSH, HPR, FNR, DNR, FHN … (code systems 9051 and 8116)."""

    value: str
    kind: str


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation, with the service or the professional in it that is addressed (the second level)."""

    name: str
    idents: tuple[Ident, ...] = ()
    is_person: bool = False
    within: Party | None = None

    def ident(self, kind: str) -> str:
        """Its number of a kind; "" for none."""
        return next((one.value for one in self.idents if one.kind == kind), "")

    @property
    def levels(self) -> tuple[Party, ...]:
        """From the organisation inwards."""
        return (self, *(self.within.levels if self.within else ()))

    @property
    def addressed(self) -> Party:
        """The innermost: the service or person that is meant."""
        return self.levels[-1]


@dataclass(frozen=True, slots=True)
class Person:
    """A patient as the sender knows him. `birth` is YYYY-MM-DD or what was sent; `sex` is the code of 3101."""

    family: str
    given: str
    birth: str
    sex: str
    idents: tuple[Ident, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One part of a message: XML that is understood as such, or a file. `data` is decoded; `link` names a file that did
    not come along."""

    kind: Coded
    mime: str
    about: str
    issued: str
    body: Element | None = None
    data: bytes | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is on the outside of a message. `kind` is the code of 8279; `ack` whether an AppRec is asked for (7304: J, N
    or F); `parent` is the MsgId that is answered, `conversation` what all versions and answers have in common; `status`
    is N, M, C or A (7309), "" where the kind has none."""

    kind: Coded
    id: str
    made: str
    form: Literal["MsgHead", "Message"]
    sender: Party
    receivers: tuple[tuple[Party, Role], ...]
    patient: Person | None
    documents: tuple[Document, ...]
    ack: str = ""
    parent: str = ""
    conversation: str = ""
    status: str = ""

    @property
    def content(self) -> Element | None:
        """The first part that is XML: what the message is about."""
        return next((one.body for one in self.documents if one.body is not None), None)


def read(root: Element) -> Envelope:
    """The envelope of a message that was parsed. What is missing is empty: whether it may be is judged elsewhere. Whom
    it names twice gets it once."""
    found = _read(root)
    if len(found.receivers) > MOST:
        raise NotAMessage(f"The message names {len(found.receivers)} receivers. At most {MOST} are read.")
    once: dict[tuple[Ident, ...] | Party, tuple[Party, Role]] = {}
    for party, role in found.receivers:
        numbers = tuple(one for level in party.levels for one in (*level.idents, _WITHIN))
        once.setdefault(numbers if any(one.value for one in numbers) else party, (party, role))
    return replace(found, receivers=tuple(once.values()))


_WITHIN: Final = Ident("", "")


def _read(root: Element) -> Envelope:
    if name(root) == "MsgHead":
        return _head(root)
    body = next((one for one in elements(root) if name(one) in ("ServReq", "ServRprt", "ServReport")), None)
    if name(root) == "Message" and body is not None:
        return _bare(root, body)
    raise NotAMessage(f"{name(root)} of {namespace(root) or 'no namespace'} is no message that is read here.")


# --- MsgHead ----------------------------------------------------------------------------------------------------------


def _head(root: Element) -> Envelope:
    info = child(root, "MsgInfo")
    receivers: list[tuple[Party, Role]] = [
        (_organisation(one), "PRIM") for one in children(info, "Receiver/Organisation")
    ]
    for other in children(info, "OtherReceiver"):
        found = child(other, "Organisation")
        if found is not None:
            receivers.append((_organisation(found), "COP"))
    sender = child(info, "Sender/Organisation")
    documents = tuple(
        _document(one, one_of) for one in children(root, "Document") if (one_of := child(one, "RefDoc")) is not None
    )
    return Envelope(
        kind=coded(info, "Type"),
        id=text(info, "MsgId"),
        made=text(info, "GenDate"),
        form="MsgHead",
        sender=_organisation(sender) if sender is not None else Party(""),
        receivers=tuple(receivers),
        patient=_person(child(info, "Patient")),
        documents=documents,
        ack=coded(info, "Ack").code,
        parent=text(info, "ConversationRef/RefToParent"),
        conversation=text(info, "ConversationRef/RefToConversation"),
        status=_status(documents),
    )


def _organisation(element: Element) -> Party:
    inner = child(element, "Organisation")
    person = child(element, "HealthcareProfessional")
    within = None
    if inner is not None:
        within = _organisation(inner)
    if person is not None:
        him = Party(_called(person), _idents(person), is_person=True)
        within = him if within is None else replace(within, within=within.within or him)
    return Party(text(element, "OrganisationName"), _idents(element), within=within)


def _idents(element: Element) -> tuple[Ident, ...]:
    return tuple(Ident(text(one, "Id"), coded(one, "TypeId").code) for one in children(element, "Ident"))


def _called(element: Element) -> str:
    parts = (text(element, part) for part in ("GivenName", "MiddleName", "FamilyName"))
    return " ".join(part for part in parts if part)


def _person(element: Element | None) -> Person | None:
    if element is None:
        return None
    given = " ".join(filter(None, (text(element, "GivenName"), text(element, "MiddleName"))))
    return Person(
        text(element, "FamilyName"), given, text(element, "DateOfBirth"), coded(element, "Sex").code, _idents(element)
    )


def _document(outer: Element, inner: Element) -> Document:
    content = child(inner, "Content")
    body = next(elements(content), None) if content is not None else None
    about = text(inner, "Description") or text(outer, "ContentDescription")
    data, mime = None, text(inner, "MimeType")
    if body is not None and name(body) == "Base64Container":
        written = "".join(text(body).split())
        data = _decoded(written)
        if data is None:
            # The rest of the message must be read all the same: the file comes as it was written, and says so.
            data, mime, about = written.encode(), "text/plain", f"{about or 'Vedlegg'} ({DAMAGED})"
    return Document(
        kind=coded(inner, "MsgType"),
        mime=mime,
        about=about,
        issued=text(inner, "IssueDate"),
        body=None if data is not None else body,
        data=data,
        link=text(inner, "FileReference"),
    )


def _decoded(written: str) -> bytes | None:
    """What base64 stands for; some leave out the signs that fill it up. None for what is none."""
    try:
        return base64.b64decode(written.rstrip("=") + "=" * (-len(written.rstrip("=")) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _status(documents: tuple[Document, ...]) -> str:
    """N, M or C (7309) of what the message is about, in Henvisning 2.0 and in PLO."""
    for one in documents:
        for path in ("ServType", "InformasjonOmForsendelsen/Forsendelsesstatus"):
            found = coded(one.body, path).code
            if found in ("N", "M", "C"):
                return found
    return ""


# --- Message ----------------------------------------------------------------------------------------------------------


def _bare(root: Element, body: Element) -> Envelope:
    """Henvisning is sent by its requester, the others that report by whoever did the service."""
    asks = name(body) == "ServReq"
    sender, receiver = ("Requester", "ServProvider") if asks else ("ServProvider", "Requester")
    patient = child(body, "Patient")
    return Envelope(
        kind=_bare_kind(root, body),
        id=text(root, "MsgId"),
        made=text(root, "GenDate"),
        form="Message",
        sender=party_of(child(body, sender)),
        receivers=(
            *((party_of(one), "PRIM") for one in children(body, receiver)),
            *((party_of(one), "COP") for one in children(body, "CopyDest")),
        ),
        patient=_bare_person(patient),
        documents=(Document(Coded("XML"), "text/xml", "", text(body, "IssueDate"), body=body), *_files(body)),
        ack=coded(body, "Ack").code,
        conversation=text(body, "Id") if asks else text(body, "ServProvId"),
        status=coded(body, "ServType").code,
    )


def _bare_kind(root: Element, body: Element) -> Coded:
    """The `Type` of a bare message is a letter that its namespace tells better."""
    family = namespace(root).split("/")[-2:][0]
    kind = _FAMILIES.get(family, "")
    if kind in ("REQ", "SVAR"):
        return Coded(f"{kind}_{_SUBJECTS.get(coded(body, 'MsgDescr').code, 'LAB')}")
    return Coded(kind or coded(root, "Type").code, name=coded(root, "Type").name)


def party_of(role: Element | None) -> Party:
    """Who stands in a role (`HCP` in it), as the older envelope and receipts write it."""
    hcp = child(role, "HCP")
    institution, professional = child(hcp, "Inst"), child(hcp, "HCProf")
    if institution is None:
        return _single(professional, is_person=True) if professional is not None else Party("")
    inner = [_single(one, is_person=False) for one in children(institution, "Dept")]
    people = [_single(one, is_person=True) for one in children(institution, "HCPerson")]
    outer = _single(institution, is_person=False)
    if not (inner or people):
        return outer
    first, *rest = (*inner[:1], *people[:1])
    return replace(outer, within=replace(first, within=rest[0]) if rest else first)


def _single(element: Element, *, is_person: bool) -> Party:
    first = Ident(text(element, "Id"), coded(element, "TypeId").code)
    others = (Ident(text(one, "Id"), coded(one, "Type").code) for one in children(element, "AdditionalId"))
    return Party(text(element, "Name"), tuple(one for one in (first, *others) if one.value), is_person)


def _bare_person(element: Element | None) -> Person | None:
    if element is None:
        return None
    family, _, given = text(element, "Name").partition(",")
    kind = coded(element, "TypeOffId").code or "FNR"
    first = Ident(text(element, "OffId"), kind)
    others = (Ident(text(one, "Id"), coded(one, "Type").code) for one in children(element, "AdditionalId"))
    idents = tuple(one for one in (first, *others) if one.value)
    birth = text(element, "DateOfBirth")[:10]
    return Person(family.strip(), given.strip(), birth, coded(element, "Sex").code, idents)


def _files(body: Element) -> Iterator[Document]:
    for one in children(body, "RefDoc"):
        yield _document(body, one)
