"""The older envelope, a `Message` with who and what in one, as Henvisning 1.x and Epikrise write it. HIS 1153

begun(letter, space, guide) -> Element          the root, up to what the message is about
provider(parent, party, …), patient(parent, …)  who stands in a role, and the patient
"""

from __future__ import annotations

from samjournal.exchange.envelope import Party, Person
from samjournal.exchange.kinds.elements import code, container, moment_of, root, said, stamp, under
from samjournal.exchange.kinds.head import KINDS, SEXES
from samjournal.exchange.kinds.letter import File, Letter
from samjournal.exchange.xml import Coded, Element


def begun(letter: Letter, space: str, guide: str, kind: str) -> Element:
    """The root of a message with what stands before its contents. `kind` is what this version calls itself."""
    message = root(space, "Message", {})
    code(message, "Type", Coded(kind, name=letter.kind.name))
    under(message, "MIGversion", guide)
    stamp(message, "GenDate", moment_of(letter.made))
    under(message, "MsgId", letter.id)
    return message


def provider(parent: Element, party: Party, *, units_first: bool) -> None:
    """An organisation, the unit and the professional in it; a professional alone. In a referral the people stand
    before the units, and the other numbers of the organisation before both; elsewhere it is the other way round."""
    hcp = under(parent, "HCP")
    if party.is_person:
        return _named(under(hcp, "HCProf"), party)
    institution = under(hcp, "Inst")
    _named(institution, party, additional=not units_first)
    order = ("Dept", "HCPerson") if units_first else ("HCPerson", "Dept")
    for called in order:
        for inner in party.levels[1:]:
            if inner.is_person == (called == "HCPerson"):
                _named(under(institution, called), inner)
    if units_first:
        _additional(institution, party)
    return None


def _named(element: Element, party: Party, *, additional: bool = True) -> None:
    said(element, "Name", party.name)
    if party.idents:
        first = party.idents[0]
        under(element, "Id", first.value)
        code(element, "TypeId", Coded(first.kind, name=KINDS.get(first.kind, "")))
    if additional:
        _additional(element, party)


def _additional(element: Element, party: Party | Person) -> None:
    for one in party.idents[1:]:
        added = under(element, "AdditionalId")
        under(added, "Id", one.value)
        code(added, "Type", Coded(one.kind, name=KINDS.get(one.kind, "")))


def patient(parent: Element, person: Person) -> Element:
    """The patient, up to his number; what else is told of him comes after. `patient_ended` closes it."""
    element = under(parent, "Patient")
    if person.sex:
        code(element, "Sex", Coded(person.sex, name=SEXES.get(person.sex, "")))
    stamp(element, "DateOfBirth", person.birth)
    said(element, "Name", ", ".join(filter(None, (person.family, person.given))))
    if person.idents:
        first = person.idents[0]
        under(element, "OffId", first.value)
        code(element, "TypeOffId", Coded(first.kind, name=KINDS.get(first.kind, "")))
    return element


def patient_ended(element: Element, person: Person) -> None:
    """The other numbers of the patient."""
    _additional(element, person)


def related(parent: Element, called: str, relation: Coded, author: Party, *, units_first: bool) -> None:
    """Who has a part in it: the professional who answers for what is written."""
    if author.name or author.idents:
        element = under(parent, called)
        code(element, "Relation", relation)
        provider(element, author, units_first=units_first)


def attached(parent: Element, files: tuple[File, ...]) -> None:
    """The files that go along."""
    for file in files:
        document = under(parent, "RefDoc")
        code(document, "MsgType", Coded("A", name="Vedlegg"))
        said(document, "MimeType", file.mime)
        said(document, "Description", file.name)
        container(under(document, "Content"), file.data)
