"""What the address register answers, read: parties as SOAP or REST tell them, what they take (CPP, CPA), certificates.

    party(data, asked) -> Party                 raises Unreadable, register.Unknown
    with_profile(party, data) -> Party          a CPP or CPA: kinds, queues, certificates, the agreement's id
    certificates(data) -> tuple                 CertificateDetails, or a certificate as it is

HISD 1177; ebXML CPPA 2.0. What is missing is empty: whether a message can be sent all the same is said by Party.unfit.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from samjournal.exchange import xml
from samjournal.exchange.certificates import is_for
from samjournal.exchange.register import LEVELS, Party, Purpose, Unknown
from samjournal.exchange.xml import Element

_QUEUES: Final[dict[str, Purpose]] = {
    "E_SB_ASYNC": "async",
    "E_SB_SYNC": "sync",
    "E_SB_SYNCREPLY": "syncreply",
    "E_SB_ERROR": "error",
}
_RECEIPT: Final = "APPREC"


class Unreadable(Exception):
    """The answer is nothing that a register says."""


def party(data: bytes, asked: datetime) -> Party:
    """One party, from SOAP, from XML without an envelope, or from JSON."""
    told = _fields_of_json(data) if data.lstrip()[:1] in (b"{", b"[") else _fields_of_xml(data)
    her, level = str(told.get("HerId") or ""), str(told.get("Type") or "")
    if not her.isdigit() or level not in LEVELS:
        raise Unreadable(f"It is no communication party: HER-id {her[:20] or 'none'}, type {level[:20] or 'none'}.")
    parent = str(told.get("ParentHerId") or "")
    return Party(
        her=her,
        name=str(told.get("DisplayName") or told.get("Name") or f"HER-id {her}")[:200],
        level=LEVELS[level],
        parent=parent if parent.isdigit() and parent != "0" else "",
        parent_name=str(told.get("ParentName") or "")[:200],
        organisation_number=str(told.get("OrganizationNumber") or told.get("ParentOrganizationNumber") or ""),
        is_active=_is_true(told.get("Active")),
        is_valid=_is_true(told.get("IsValidCommunicationParty")),
        asked=asked,
        queues={
            _QUEUES[kind]: address.strip() for kind, address in told.get("addresses", ()) if kind in _QUEUES and address
        },
    )


def _is_true(value: object) -> bool:
    return value is True or str(value).strip().lower() == "true"


def _fields_of_json(data: bytes) -> dict[str, Any]:
    try:
        read = json.loads(data)
        told = read.get("communicationParty") or read
        addresses = told.get("ElectronicAddresses") or ()
        found = [(str(one.get("TypeCodeValue")), str(one.get("Address") or "")) for one in addresses]
        return {"HerId": read.get("herId"), "Type": read.get("type"), **told, "addresses": found}
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise Unreadable(f"The answer is no party as JSON: {error}"[:200]) from None


def _fields_of_xml(data: bytes) -> dict[str, Any]:
    root = _parsed(data)
    fault = next(root.iter("{*}ErrorCode"), None)
    if fault is not None and xml.text(fault) == "InvalidHerIdSupplied":
        raise Unknown("the register has nobody with this HER-id")
    if next(root.iter("{*}Fault"), None) is not None:
        raise Unreadable(f"The register answers with a fault: {xml.text(fault)[:100] or 'without a code'}.")
    body = next((one for one in root.iter("{*}GetCommunicationPartyDetailsResult", "{*}CommunicationParty")), None)
    if body is None:
        raise Unreadable(f"The answer is no party: {xml.name(root)}.")
    told: dict[str, Any] = {xml.name(one): (one.text or "").strip() for one in xml.elements(body) if not len(one)}
    told.setdefault("Type", "")
    told["Type"] = told["Type"] or (_kind(body))
    told["addresses"] = [
        (xml.text(one, "TypeCodeValue"), xml.text(one, "Address"))
        for one in xml.children(body, "ElectronicAddresses/ElectronicAddress")
    ]
    return told


def _kind(body: Element) -> str:
    named = str(body.get("{http://www.w3.org/2001/XMLSchema-instance}type") or "")
    return named.rpartition(":")[2]


# --- What a party takes -----------------------------------------------------------------------------------------------


def with_profile(one: Party, data: bytes) -> Party:
    """The party with what its profile, or its agreement with us, says. A register that has none says nil."""
    root = _parsed(data)
    mine = next((info for info in root.iter("{*}PartyInfo") if xml.text(info, "PartyId") == one.her), None)
    if mine is None:
        return one
    actions = (binding.get(_name(binding, "action")) for binding in _bindings(mine))
    kinds = frozenset(str(action) for action in actions if action) - {_RECEIPT}
    found = _loaded(xml.text(each) for each in mine.iter("{*}X509Certificate"))
    uris = [str(each.get(_name(each, "uri")) or "") for each in mine.iter("{*}Endpoint")]
    queues: dict[Purpose, str] = {
        purpose: uri for uri in uris for purpose in _QUEUES.values() if uri.endswith(f"_{purpose}")
    }
    return replace(
        one,
        kinds=kinds | {_RECEIPT},
        agreement=str(root.get(_name(root, "cpaid")) or ""),
        queues={**queues, **one.queues},
        encryption=tuple(each for each in found if is_for(each, "encrypt")) or one.encryption,
        signing=tuple(each for each in found if is_for(each, "sign")) or one.signing,
    )


def _bindings(info: Element) -> Iterable[Element]:
    for role in xml.children(info, "CollaborationRole"):
        yield from xml.children(role, "ServiceBinding/CanReceive/ThisPartyActionBinding")


def _name(element: Element, local: str) -> str:
    """An attribute's name with its namespace, as CPPA writes them."""
    return f"{{{xml.namespace(element)}}}{local}"


# --- Certificates -----------------------------------------------------------------------------------------------------


def certificates(data: bytes) -> tuple[x509.Certificate, ...]:
    """What is in a CertificateDetails, in SOAP around it, or in the bytes themselves; nothing for nil."""
    if data.lstrip()[:1] != b"<":
        return _loaded([data.decode("ascii", "replace").strip().strip('"')])
    root = _parsed(data)
    return _loaded(xml.text(one) for one in root.iter("{*}Certificate"))


def _loaded(texts: Iterable[str]) -> tuple[x509.Certificate, ...]:
    found = []
    for text in texts:
        if not text:
            continue
        try:
            found.append(x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True)))
        except (binascii.Error, ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
            raise Unreadable(f"The register has a certificate that is none: {error}"[:200]) from None
    return tuple(dict.fromkeys(found))


def _parsed(data: bytes) -> Element:
    try:
        return xml.parse(data.removeprefix(b"\xef\xbb\xbf"))
    except xml.NotWellFormed as error:
        raise Unreadable(f"The answer is no XML: {error}"[:200]) from None
