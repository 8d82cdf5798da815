"""The newer envelope, MsgHead 1.2, written around what a message says. HIS 80601

written(letter, body) -> bytes      `body(content)` puts its element where the contents stand
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from samjournal.exchange.envelope import Ident, Party, Person
from samjournal.exchange.kinds.elements import code, container, moment_of, root, said, stamp, under, whole
from samjournal.exchange.kinds.letter import Letter
from samjournal.exchange.xml import Coded, Element

SPACE: Final = "http://www.kith.no/xmlstds/msghead/2006-05-24"
COMMON: Final = "http://www.kith.no/xmlstds/felleskomponent1"
PEOPLE, ORGANISATIONS = "2.16.578.1.12.4.1.1.8116", "2.16.578.1.12.4.1.1.9051"
KINDS: Final = {
    "HER": "HER-id",
    "ENH": "Organisasjonsnummeret i Enhetsregister",
    "RSH": "RESH-ID",
    "HPR": "HPR-nummer",
    "FNR": "Fødselsnummer",
    "DNR": "D-nummer",
    "FHN": "Felles hjelpenummer",
    "HNR": "H-nummer",
}
"""What kinds of number are called (9051 and 8116)."""
SEXES: Final = {"1": "Mann", "2": "Kvinne", "9": "Ikke spesifisert", "0": "Ikke kjent"}


def written(letter: Letter, body: Callable[[Element], None]) -> bytes:
    """A message with one part that says something, and the files."""
    head = root(SPACE, "MsgHead", {"fk1": COMMON})
    info = under(head, "MsgInfo")
    code(info, "Type", letter.kind)
    under(info, "MIGversion", "v1.2 2006-05-24")
    under(info, "GenDate", moment_of(letter.made))
    under(info, "MsgId", letter.id)
    if letter.parent or letter.conversation:
        reference = under(info, "ConversationRef")
        under(reference, "RefToParent", letter.parent or letter.conversation)
        under(reference, "RefToConversation", letter.conversation or letter.parent)
    _organisation(under(info, "Sender"), letter.sender)
    _organisation(under(info, "Receiver"), letter.receiver)
    for copy in letter.copies:
        other = under(info, "OtherReceiver")
        code(other, "RoleReceiver", Coded("COP", name="Kopimottaker"))
        _organisation(other, copy)
    _patient(info, letter.patient)
    document = under(under(head, "Document"), "RefDoc")
    stamp(document, "IssueDate", moment_of(letter.written))
    code(document, "MsgType", Coded("XML", name="XML-instans"))
    body(under(document, "Content"))
    for file in letter.files:
        document = under(under(head, "Document"), "RefDoc")
        code(document, "MsgType", Coded("A", name="Vedlegg"))
        said(document, "MimeType", file.mime)
        said(document, "Description", file.name)
        container(under(document, "Content"), file.data)
    return whole(head)


def _organisation(parent: Element, party: Party) -> None:
    element = under(parent, "Organisation")
    under(element, "OrganisationName", party.name or "Ukjent")
    idents(element, party.idents, ORGANISATIONS)
    inner = party.within
    if inner is not None and not inner.is_person:
        _organisation(element, Party(inner.name, inner.idents))
        inner = inner.within
    if inner is not None:
        professional(under(element, "HealthcareProfessional"), inner)


def professional(element: Element, party: Party, *, space: str = "", inner: str = "") -> None:
    """What an element says of a professional: `space` is the namespace of its parts, `inner` of what lies in numbers,
    where they differ from that of the element itself."""
    given, _, family = party.name.strip().rpartition(" ")
    said(element, "FamilyName", family, space=space)
    said(element, "GivenName", given, space=space)
    idents(element, party.idents, PEOPLE, space=space, inner=inner)


def idents(element: Element, numbers: tuple[Ident, ...], system: str, *, space: str = "", inner: str = "") -> None:
    """Numbers with their kinds. A HER-id is of the same system whoever has it."""
    for one in numbers:
        ident = under(element, "Ident", space=space)
        under(ident, "Id", one.value, space=inner or space)
        of = ORGANISATIONS if one.kind == "HER" else system
        code(ident, "TypeId", Coded(one.kind, of, KINDS.get(one.kind, "")), space=inner or space)


def _patient(info: Element, patient: Person) -> None:
    if not (patient.family or patient.given or patient.idents):
        return
    element = under(info, "Patient")
    said(element, "FamilyName", patient.family)
    said(element, "GivenName", patient.given)
    said(element, "DateOfBirth", patient.birth)
    if patient.sex:
        code(element, "Sex", Coded(patient.sex, name=SEXES.get(patient.sex, "")))
    idents(element, patient.idents, PEOPLE)
