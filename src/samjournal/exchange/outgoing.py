"""A message out, made from the record: what it is about decides what is written, the receiver's Endpoint which version.

    rendered(door, permit, communication, now) -> bytes     raises CannotWrite, which says what is missing

HENVISNING* is made from the ServiceRequest that the Communication is `about`, EPIKRISE from the Composition, DIALOG_*
from the Communication (or from its own payload). `Endpoint.payloadType.coding.version` asks for a version; without one
the newest that all of Norway runs is written: Henvisning 1.1, Epikrise 1.2, Dialogmelding 1.1.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast

from samjournal.access import Permit
from samjournal.exchange import summarising
from samjournal.exchange.envelope import Party, Person
from samjournal.exchange.kinds import Dialog, Letter, NotWritable, dialog, discharge, referral
from samjournal.exchange.outbox import CannotWrite
from samjournal.exchange.parties import Book, organisation, person, professional
from samjournal.exchange.summarising import Attaching
from samjournal.exchange.xml import Coded
from samjournal.messages.outgoing import SENT_BY, endpoint_of, kind_of, number_of, signer_of
from samjournal.messages.states import CONVERSATION, DOCUMENT, KIND, NUMBER, VERSION, state_of
from samjournal.record import Door
from samjournal.record.beside import matches

Resource = dict[str, Any]
_NEWEST: Final = {"HENVISNING": "1.1", "EPIKRISE": "1.2", "DIALOG": "1.1"}
_WRITTEN: Final[Mapping[str, Collection[str]]] = {
    "HENVISNING": referral.SPACES,
    "EPIKRISE": discharge.SPACES,
    "DIALOG": dialog.SPACES,
}
_DIALOGUES: Final = frozenset(f"2.16.578.1.12.4.1.1.{system}" for system in (7322, 9069, 9148, 9152))
_FARTHEST: Final = 20


async def rendered(door: Door, permit: Permit, communication: Resource, now: datetime) -> bytes:
    """The bytes of a message out, valid by the schema of its kind and version."""
    book = Book(door, permit)
    kind, name = kind_of(communication)
    family = kind.partition("_")[0]
    if family not in _NEWEST:
        raise CannotWrite(f"Meldinger av typen {kind or 'uten type'} kan ikke sendes herfra.")
    version = await _version(book, communication, family)
    letter = await _letter(book, communication, Coded(kind, name=name), now)
    try:
        if family == "DIALOG":
            return dialog.write(letter, await _dialogue(book, communication, kind), cast(dialog.Version, version))
        about = await _about(book, communication, "ServiceRequest" if family == "HENVISNING" else "Composition")
        files = Attaching(book)
        withdrawn = _text(communication) if letter.status == "C" else None
        letter = _answered_for(letter)
        if family == "HENVISNING":
            says = await summarising.referral_of(book, files, about, withdrawn)
            files.refuse_too_much()
            if version == "2.0":
                letter = await _in_conversation(book, communication, replace(letter, kind=_newer_kind(letter.kind)))
            return referral.write(replace(letter, files=files.found), says, cast(referral.Version, version))
        told = await summarising.discharge_of(book, files, about)
        files.refuse_too_much()
        return discharge.write(replace(letter, files=files.found), told, cast(discharge.Version, version))
    except NotWritable as error:
        raise CannotWrite(str(error)) from None


# --- The outside ------------------------------------------------------------------------------------------------------


async def _version(book: Book, communication: Resource, family: str) -> str:
    """What the receiver's Endpoint asks for. A referral of a kind that came with version 2.0 is written so."""
    kind = kind_of(communication)[0]
    endpoint = await book.read(f"Endpoint/{endpoint_of(communication)}")
    asked = [
        str(one["version"])
        for each in (endpoint or {}).get("payloadType", ())
        for one in each.get("coding", ())
        if one.get("system") == KIND and str(one.get("code", "")).partition("_")[0] == family and one.get("version")
    ]
    wanted = "2.0" if kind in ("HENVISNING_NYTILSTAND", "HENVISNING_VIDERE") else _NEWEST[family]
    found = next((one for one in sorted(asked, reverse=True) if one in _WRITTEN[family]), "" if asked else wanted)
    if not found:
        raise CannotWrite(f"Mottakeren ber om {family.capitalize()} {', '.join(asked)}, som ikke kan skrives her.")
    return found


async def _letter(book: Book, communication: Resource, kind: Coded, now: datetime) -> Letter:
    subject = communication.get("subject")
    patient = await book.read(subject)
    if subject and patient is None:
        raise CannotWrite("Pasienten er ikke registrert her.")
    signer = signer_of(communication)
    sent_by = next((e["valueReference"] for e in communication.get("extension", ()) if e.get("url") == SENT_BY), None)
    is_other = bool(signer and sent_by and signer.get("reference") != sent_by.get("reference"))
    parent, conversation = await conversation_of(book, communication)
    if not parent and kind.code.startswith("DIALOG"):
        parent = conversation = await _referral_message(book, communication)
    return Letter(
        kind=kind,
        id=number_of(communication),
        made=now,
        written=datetime.fromisoformat(communication["sent"]),
        status=_coded(communication, VERSION) or "N",
        document=_identifier(communication, DOCUMENT) or number_of(communication),
        sender=await organisation(book, communication.get("sender"), "Avsenderen", signer),
        receiver=await organisation(book, next(iter(communication.get("recipient", ())), None), "Mottakeren"),
        patient=person(patient) if patient else Person("", "", "", "", ()),
        author=await professional(book, signer),
        helper=await professional(book, sent_by) if is_other else Party(""),
        parent=parent,
        conversation=conversation,
    )


def _answered_for(letter: Letter) -> Letter:
    """Somebody with an HPR number answers for a referral and a discharge summary, and the patient has a name."""
    if not letter.author.ident("HPR"):
        raise CannotWrite(f"{letter.author.name or 'Den som signerer'} har ikke HPR-nummer på sin Practitioner.")
    if not letter.patient.family:
        raise CannotWrite("Meldingen må være om en pasient med navn.")
    return letter


def _newer_kind(kind: Coded) -> Coded:
    """Henvisning 2.0 has kinds of its own."""
    return kind if kind.code != "HENVISNING" else Coded("HENVISNING_NYTILSTAND", name="Henvisning ny tilstand")


async def conversation_of(book: Book, communication: Resource) -> tuple[str, str]:
    """The MsgId that a message answers, and the first of its conversation; "" for what begins one."""
    parent = _answered(communication)
    if not parent:
        return "", ""
    first = parent
    for _ in range(_FARTHEST):
        found = await matches(book.door, book.permit, "Communication", [("identifier", f"{NUMBER}|{first}")])
        before = [body for one in found if (body := one.resource())]
        if known := next((one for body in before if (one := _identifier(body, CONVERSATION))), ""):
            return parent, known
        earlier = next((one for body in before if (one := _answered(body))), "")
        if not earlier:
            break
        first = earlier
    return parent, first


async def _referral_message(book: Book, communication: Resource) -> str:
    """The MsgId of the referral that a dialogue message is about, which its conversation begins with (HITS 1218): as it
    came, or as it was sent to whom this one goes."""
    named = [one for one in communication.get("about", ()) if "reference" in one]
    for one in list(named):
        written = await book.read(one) if one["reference"].startswith("Communication/") else None
        named += [each for each in (written or {}).get("about", ()) if "reference" in each]
    requests = {one["reference"] for one in named if one["reference"].startswith("ServiceRequest/")}
    subject = str(communication.get("subject", {}).get("reference", ""))
    if not requests or not subject:
        return ""
    kinds = ",".join(f"{KIND}|{code}" for code in ("HENVISNING", "HENVISNING_NYTILSTAND", "HENVISNING_VIDERE"))
    asked = [("subject", subject), ("category", kinds), ("_sort", "sent")]
    for found in await matches(book.door, book.permit, "Communication", asked):
        body = found.resource()
        is_about = any(one.get("reference") in requests for one in body.get("about", ()))
        came = state_of(body) in ("received", "superseded")
        if is_about and (came or _receiver(body) == _receiver(communication)):
            return number_of(body)
    return ""


async def _in_conversation(book: Book, communication: Resource, letter: Letter) -> Letter:
    """A change of a referral 2.0 names the first version, and the one before it. HISD 1154"""
    asked = [("identifier", f"{DOCUMENT}|{letter.document}"), ("_sort", "sent")]
    to = _receiver(communication)
    others = [one.resource() for one in await matches(book.door, book.permit, "Communication", asked)]
    before = [number_of(one) for one in others if _receiver(one) == to and _is_before(one, communication)]
    if letter.status == "N" or not before:
        return letter
    return replace(letter, parent=before[-1], conversation=before[0])


def _receiver(communication: Resource) -> str:
    return next((str(one.get("reference", "")) for one in communication.get("recipient", ())), "")


def _is_before(one: Resource, other: Resource) -> bool:
    return datetime.fromisoformat(one["sent"]) < datetime.fromisoformat(other["sent"])


# --- What it says -----------------------------------------------------------------------------------------------------


async def _about(book: Book, communication: Resource, type_: str) -> Resource:
    for one in communication.get("about", ()):
        found = await book.read(one)
        if found is not None and found["resourceType"] == type_:
            if type_ == "Composition" and found["status"] == "entered-in-error":
                raise CannotWrite("Notatet er merket som feilført, og sendes ikke.")
            return found
    raise CannotWrite(f"Det meldingen er laget av ({type_}), finnes ikke.")


async def _dialogue(book: Book, communication: Resource, kind: str) -> Dialog:
    """What was written: in the Communication that this one is about, or in itself."""
    about = [await book.read(one) for one in communication.get("about", ())]
    written = next(
        (one for one in about if one and one["resourceType"] == "Communication" and _text(one)), communication
    )
    topics = [
        Coded(str(one["code"]), str(one["system"]).removeprefix("urn:oid:"), str(one.get("display", "")))
        for body in (communication, written)
        for each in body.get("reasonCode", ())
        for one in each.get("coding", ())
        if str(one.get("system", "")).removeprefix("urn:oid:") in _DIALOGUES
    ]
    if kind == "DIALOG_STATUS_HENVISNING" and not topics:
        raise CannotWrite("Status på henvisning må si hva som ble av den (kodeverk 9148 i Communication.reasonCode).")
    heading = str(written.get("topic", {}).get("text", ""))
    return Dialog(
        topic=topics[0] if topics else Coded(),
        heading="" if heading == kind_of(communication)[1] else heading,
        text=_text(written),
        asks=kind == "DIALOG_FORESPORSEL",
    )


def _text(communication: Resource) -> str:
    return "\n\n".join(one["contentString"] for one in communication.get("payload", ()) if "contentString" in one)


def _answered(communication: Resource) -> str:
    return next(
        (one["identifier"]["value"] for one in communication.get("inResponseTo", ()) if "identifier" in one), ""
    )


def _identifier(resource: Resource, system: str) -> str:
    return next((str(one["value"]) for one in resource.get("identifier", ()) if one.get("system") == system), "")


def _coded(communication: Resource, system: str) -> str:
    codings = (one for each in communication.get("category", ()) for one in each.get("coding", ()))
    return next((str(one["code"]) for one in codings if one.get("system") == system and "code" in one), "")
