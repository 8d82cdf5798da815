"""Messages as others write them, made up here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

SHARED = Path(__file__).parents[3] / "shared" / "norway" / "emessages"
WITHOUT = f"the official messages are not here ({SHARED})"
MSGHEAD = "http://www.kith.no/xmlstds/msghead/2006-05-24"
DIALOG = "http://www.kith.no/xmlstds/dialog/2013-01-23"
REFERRAL = "http://ehelse.no/xmlstds/henvisning/2017-11-30"
SENDER = ("Fjordgløtt legesenter", "900001", "Kari Lege", "900002")
HOSPITAL, WARD = "800001", "800002"
KARI = ("Nordmann", "Kari", "1948-03-11", "2", "FNR", "11834826226")
Receiver = tuple[str | None, str | None]


def ident(kind: str, value: str | None) -> str:
    return f'<Ident><Id>{value}</Id><TypeId V="{kind}" S="2.16.578.1.12.4.1.1.9051"/></Ident>' if value else ""


def organisation(outer: str | None, inner: str | None, *, person: bool = False) -> str:
    tag, named = (
        ("HealthcareProfessional", "<FamilyName>Lin</FamilyName><GivenName>Rita</GivenName>")
        if person
        else ("Organisation", "<OrganisationName>Tjenesten</OrganisationName>")
    )
    second = f"<{tag}>{named}{ident('HER', inner)}</{tag}>"
    return f"<Organisation><OrganisationName>Sykehuset</OrganisationName>{ident('HER', outer)}{second}</Organisation>"


def person(who: tuple[str, str, str, str, str, str] | None) -> str:
    if who is None:
        return ""
    family, given, birth, sex, kind, number = who
    parts = [
        f"<FamilyName>{family}</FamilyName>" if family else "",
        f"<GivenName>{given}</GivenName>" if given else "",
        f"<DateOfBirth>{birth}</DateOfBirth>" if birth else "",
        f'<Sex V="{sex}"/>' if sex else "",
        ident(kind, number),
    ]
    return f"<Patient>{''.join(parts)}</Patient>"


def message(
    body: str,
    *,
    kind: str = "DIALOG_HELSEFAGLIG",
    id_: str | None = None,
    made: datetime | None = None,
    to: Receiver = (HOSPITAL, WARD),
    copies: Iterable[Receiver] = (),
    to_person: bool = False,
    patient: tuple[str, str, str, str, str, str] | None = KARI,
    conversation: str = "",
    attached: str = "",
) -> bytes:
    """A message in MsgHead 1.2."""
    name, first, _, second = SENDER
    ref = f"<RefToParent>{conversation}</RefToParent><RefToConversation>{conversation}</RefToConversation>"
    others = "".join(f'<OtherReceiver><RoleReceiver V="COP"/>{organisation(*copy)}</OtherReceiver>' for copy in copies)
    container = f'<Base64Container xmlns="http://www.kith.no/xmlstds/base64container">{attached}</Base64Container>'
    about = '<MsgType V="A"/><MimeType>application/pdf</MimeType><Description>Røntgen</Description>'
    file = f"<Document><RefDoc>{about}<Content>{container}</Content></RefDoc></Document>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<MsgHead xmlns="{MSGHEAD}"><MsgInfo>
<Type V="{kind}" DN="En melding"/><MIGversion>v1.2 2006-05-24</MIGversion>
<GenDate>{(made or datetime.now(UTC)).isoformat(timespec="seconds")}</GenDate><MsgId>{id_ or uuid4()}</MsgId>
{f"<ConversationRef>{ref}</ConversationRef>" if conversation else ""}
<Sender><Organisation><OrganisationName>{name}</OrganisationName>{ident("HER", first)}
<HealthcareProfessional><FamilyName>Lege</FamilyName><GivenName>Kari</GivenName>
{ident("HER", second)}</HealthcareProfessional>
</Organisation></Sender>
<Receiver>{organisation(*to, person=to_person)}</Receiver>{others}{person(patient)}
</MsgInfo>
<Document><RefDoc><MsgType V="XML"/><Content>{body}</Content></RefDoc></Document>{file if attached else ""}
</MsgHead>""".encode()


def dialog(words: str = "Hun faller oftere enn før.") -> str:
    return f"""<Dialogmelding xmlns="{DIALOG}"><Notat>
<TemaKodet V="6" DN="Henvendelse om pasient" S="2.16.578.1.12.4.1.1.7322"/>
<TekstNotatInnhold>{words}</TekstNotatInnhold></Notat></Dialogmelding>"""


def referral(document: str, status: str = "N", *, urgency: str = "N") -> str:
    return f"""<Henvisning xmlns="{REFERRAL}"><ServType V="{status}"/><DocumentId>{document}</DocumentId>
<Priority V="{urgency}"/><ReasonAsText><Heading V="PROB" DN="Aktuell problemstilling"/>
<TextResultValue>Smerter i hofta.</TextResultValue></ReasonAsText></Henvisning>"""
