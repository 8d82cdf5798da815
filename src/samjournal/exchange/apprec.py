"""The application receipt: what a receiver answers, once and for good, when he took a message over or refused it.

    write(receipt) -> bytes             AppRec 1.0 or 1.1
    read(root) -> Receipt               raises NotAMessage
    answering(envelope, to, errors, now) -> Receipt     addresses mirrored, as the standard asks

HIS 80415:2004 and :2012, HISD 1168:2016. Status is code system 8258, errors are 8221.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import uuid4

from lxml import etree

from samjournal.exchange.envelope import Envelope, NotAMessage, Party, Role, party_of
from samjournal.exchange.xml import Coded, Element, child, children, coded, name, namespace, text

Version = Literal["1.0", "1.1"]
NAMESPACES: Final[dict[Version, str]] = {
    "1.0": "http://www.kith.no/xmlstds/apprec/2004-11-21",
    "1.1": "http://www.kith.no/xmlstds/apprec/2012-02-15",
}
_GUIDES: Final[dict[Version, str]] = {"1.0": "1.0 2004-11-21", "1.1": "v1.1 2012-02-15"}
ERRORS: Final = "2.16.578.1.12.4.1.1.8221"
OK, REFUSED, PARTLY = "1", "2", "3"
_STATUSES = {OK: "OK", REFUSED: "Avvist", PARTLY: "OK, feil i delmelding"}
TEXTS: Final = {
    "T01": "Ikke XML / ikke 'well formed' / uleselig",
    "T02": "XML validerer ikke",
    "T10": "Støtter ikke meldingsformatet",
    "E10": "Ugyldig meldingsidentifikator",
    "E20": "Lege finnes ikke",
    "E21": "Mottaker finnes ikke",
    "E30": "Pasientens fødselsnummer mangler",
    "E31": "Pasientens fødselsnummer er feil",
    "E32": "Pasientens navn mangler",
    "E33": "Pasientens etternavn mangler",
    "E34": "Pasientens fornavn mangler",
    "E35": "Pasienten finnes ikke i mottakersystemet",
    "E36": "Pasientopplysninger er utilstrekkelige",
    "X99": "Annen feil",
    "S01": "Feil på signatur",
    "S02": "Ugyldig sertifikat",
    "S03": "Tilbaketrukket sertifikat",
}
_LONGEST = 80
"""A kith:CV names nothing longer, and many a reader cuts there."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt. `made` and `original_made` are as written; `errors` are codes of 8221 with words in `words`."""

    id: str
    made: str
    version: Version
    sender: Party
    receiver: Party
    status: str
    errors: tuple[Coded, ...]
    original: str
    original_kind: Coded
    original_made: str
    role: str = ""

    @property
    def is_positive(self) -> bool:
        """Whether the receiver took the message over."""
        return self.status in (OK, PARTLY)


def fault(code: str, words: str = "") -> Coded:
    """An error of 8221 with words that tell what is wrong, and where; never who the patient is."""
    return Coded(code, ERRORS, TEXTS[code], words[:_LONGEST])


def answering(envelope: Envelope, to: tuple[Party, Role], errors: Sequence[Coded], now: datetime) -> Receipt:
    """What one of the receivers answers: `to` as the message names it, and in which role it got the message."""
    version = version_for(envelope)
    party, role = to
    return Receipt(
        id=str(uuid4()),
        made=now.replace(microsecond=0, tzinfo=None).isoformat(),
        version=version,
        sender=party,
        receiver=envelope.sender,
        status=REFUSED if errors else OK,
        errors=tuple(errors),
        original=envelope.id,
        original_kind=Coded(envelope.kind.code, name=envelope.kind.name),
        original_made=_moment(envelope.made),
        role=_role(version, role, envelope),
    )


def version_for(envelope: Envelope) -> Version:
    """AppRec 1.1 came with the messages of 2012; who sends an older one reads 1.0 for sure."""
    content = envelope.content
    year = re.search(r"/(\d{4})-\d{2}-\d{2}$", namespace(content)) if content is not None else None
    return "1.1" if year and int(year[1]) >= 2012 else "1.0"


def _role(version: Version, role: Role, envelope: Envelope) -> str:
    if role == "COP" or version == "1.1":
        return role
    return "REQ" if envelope.kind.code.startswith(("SVAR", "EPIKRISE")) else "SPR"


def _moment(written: str) -> str:
    """`GenDate` as xs:dateTime; a day alone gets its midnight."""
    return written if "T" in written or not written else f"{written}T00:00:00"


# --- Writing ----------------------------------------------------------------------------------------------------------


def write(receipt: Receipt) -> bytes:
    """The receipt as UTF-8."""
    space = NAMESPACES[receipt.version]
    root = etree.Element(f"{{{space}}}AppRec", nsmap={None: space})  # type: ignore[dict-item]
    _code(root, "MsgType", "APPREC", "Applikasjonskvittering")
    _words(root, "MIGversion", _GUIDES[receipt.version])
    _words(root, "GenDate", receipt.made)
    _words(root, "Id", receipt.id)
    _party(root, "Sender", receipt.sender, receipt.role)
    _party(root, "Receiver", receipt.receiver, "AVS" if receipt.version == "1.1" else "RECEIVER")
    _code(root, "Status", receipt.status, _STATUSES.get(receipt.status, ""))
    for error in receipt.errors:
        _code(root, "Error", error.code, error.name, system=error.system, words=error.words)
    original = etree.SubElement(root, f"{{{space}}}OriginalMsgId")
    _code(original, "MsgType", receipt.original_kind.code, receipt.original_kind.name)
    _words(original, "IssueDate", receipt.original_made)
    _words(original, "Id", receipt.original)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


_ROLES = {
    "REQ": "Rekvirent",
    "SPR": "Tjenesteyter",
    "COP": "Kopimottaker",
    "PRIM": "Primærmottaker",
    "AVS": "Avsender",
    "RECEIVER": "Mottaker",
}


def _party(root: Element, which: str, party: Party, role: str) -> None:
    element = _under(root, which)
    if role:
        _code(element, "Role", role, _ROLES[role])
    hcp = _under(element, "HCP")
    if party.is_person:
        return _named(_under(hcp, "HCProf"), party)
    institution = _under(hcp, "Inst")
    _named(institution, party, additional=False)
    for inner in party.levels[1:]:
        if not inner.is_person:
            _named(_under(institution, "Dept"), inner)
    _additional(institution, party)
    for inner in party.levels[1:]:
        if inner.is_person:
            _named(_under(institution, "HCPerson"), inner)
    return None


def _named(element: Element, party: Party, *, additional: bool = True) -> None:
    if party.name:
        _words(element, "Name", party.name)
    if party.idents:
        _words(element, "Id", party.idents[0].value)
        _code(element, "TypeId", party.idents[0].kind, "")
    if additional:
        _additional(element, party)


def _additional(element: Element, party: Party) -> None:
    for one in party.idents[1:]:
        added = _under(element, "AdditionalId")
        _words(added, "Id", one.value)
        _code(added, "Type", one.kind, "")


def _under(element: Element, called: str) -> Element:
    return etree.SubElement(element, f"{{{namespace(element)}}}{called}")


def _words(element: Element, called: str, words: str) -> None:
    _under(element, called).text = words


def _code(element: Element, called: str, code: str, shown: str, *, system: str = "", words: str = "") -> None:
    made = _under(element, called)
    for attribute, value in (("S", system), ("V", code), ("DN", shown), ("OT", words)):
        if value:
            made.set(attribute, value)


# --- Reading ----------------------------------------------------------------------------------------------------------


def read(root: Element) -> Receipt:
    """A receipt as others write it."""
    version = next((version for version, space in NAMESPACES.items() if space == namespace(root)), None)
    if name(root) != "AppRec" or version is None:
        raise NotAMessage(f"{name(root)} of {namespace(root) or 'no namespace'} is no receipt.")
    original = child(root, "OriginalMsgId")
    receipt = Receipt(
        id=text(root, "Id"),
        made=text(root, "GenDate"),
        version=version,
        sender=party_of(child(root, "Sender")),
        receiver=party_of(child(root, "Receiver")),
        status=coded(root, "Status").code,
        errors=tuple(coded(one) for one in children(root, "Error")),
        original=text(original, "Id"),
        original_kind=coded(original, "MsgType"),
        original_made=text(original, "IssueDate"),
        role=coded(root, "Sender/Role").code,
    )
    if receipt.status not in _STATUSES:
        raise NotAMessage(f"A receipt has status 1, 2 or 3 (8258), not {receipt.status[:20] or 'none'}.")
    if not receipt.original:
        raise NotAMessage("The receipt does not say which message it answers (OriginalMsgId/Id).")
    return receipt
