"""Any message as words a person reads: its parts in their order, codes by their names, free text as it stands.

    readable(envelope) -> tuple[Part, ...]      what the message says
    as_text(parts) -> str                       the same as plain text, for where nothing else is shown
    parts_of(element), words_of(element)        of one element with all in it, or of a text that may be XHTML

Nothing is left out but what machines alone read. What an element means is told by its name, where we know a word for
it, and else by the name itself: a reader shall see all that was sent, in messages that nobody here has met as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from samjournal.exchange.envelope import Envelope
from samjournal.exchange.xml import Element, child, coded, elements, name, namespace, text

_XHTML: Final = "http://www.w3.org/1999/xhtml"
_BLOCKS = frozenset({"p", "div", "tr", "li", "br", "h1", "h2", "h3", "h4", "ul", "ol", "table"})
_WORDS: Final = {
    "Address": "Adresse",
    "AdmCat": "Opphold",
    "AdmLocation": "Sted",
    "AdmOutcome": "Utskrevet til",
    "AnalysedSubject": "Prøvemateriale",
    "AnatomicalOrigin": "Anatomisk sted",
    "AnsvarForRapport": "Ansvarlig for rapporten",
    "ApprDate": "Godkjent",
    "BasisForAssessment": "Grunnlag",
    "BasisForHealthServices": "Rett til helsetjenester",
    "BehovTolkSprak": "Trenger tolk, språk",
    "BeskrivelseAvHendelse": "Beskrivelse",
    "City": "Sted",
    "CodedDescr": "",
    "CollectedDate": "Prøvetatt",
    "CollectedSample": "Prøve",
    "Comment": "Merknad",
    "Concept": "Kode",
    "CopyDest": "Kopi til",
    "CopyDestRole": "Rolle",
    "DateOfBirth": "Født",
    "DateOfDeath": "Død",
    "Dept": "Avdeling",
    "Description": "",
    "DevResultInd": "Avvik",
    "Diagnosis": "Diagnose",
    "DosageText": "Dosering",
    "DrugId": "Legemiddel",
    "EndDateTime": "Til",
    "Event": "Hendelse",
    "FamilyName": "Etternavn",
    "FodselsarMindrearigParorende": "Fødselsår, mindreårige pårørende",
    "Foresporsel": "Forespørsel",
    "Forsendelsesstatus": "Status",
    "GivenName": "Fornavn",
    "HCP": "",
    "HCPerson": "Helsepersonell",
    "HCProf": "Helsepersonell",
    "Heading": "",
    "HealthcareProfessional": "Helsepersonell",
    "Henvisning": "",
    "Horselsvikt": "Hørselssvikt",
    "Id": "Id",
    "IdByRequester": "Bestillers id",
    "IdByServProvider": "Laboratoriets id",
    "InfItem": "Opplysning",
    "Inst": "Virksomhet",
    "IntendedDuration": "Varighet",
    "InvDate": "Undersøkt",
    "Investigation": "Undersøkelse",
    "IssueDate": "Skrevet",
    "JaNei": "Ja eller nei",
    "Location": "Sted",
    "Medication": "Legemiddel",
    "MiddleName": "Mellomnavn",
    "Modifier": "",
    "MsgDescr": "Gjelder",
    "Name": "Navn",
    "NarmesteParorende": "Nærmeste pårørende",
    "Notat": "",
    "NumResult": "Resultat",
    "NumResultValue": "Verdi",
    "NumericResult": "Svar",
    "Observation": "",
    "OffId": "Nummer",
    "Organisation": "Virksomhet",
    "OrganisationName": "Enhet",
    "ParorendeForesatt": "Pårørende",
    "PatRelHCP": "Tilknyttet pasienten",
    "Patient": "Pasient",
    "PatientPrecaution": "Advarsel",
    "PaymentCat": "Betaling",
    "PostalCode": "Postnummer",
    "Precaution": "Advarsel",
    "PreferertTolk": "Ønsket tolk",
    "PreservMaterial": "Tilsetning",
    "Priority": "Hastegrad",
    "ReasonAsText": "",
    "ReceiptDate": "Mottatt",
    "RefDoc": "Vedlegg",
    "RefInterval": "Referanseområde",
    "RelServProv": "Tilknyttet tjenesten",
    "RelServProvider": "Tilknyttet tjenesten",
    "Relation": "Rolle",
    "ReportedEvent": "Opphold",
    "ReqComment": "Merknad",
    "ReqInvestigation": "Bestilt undersøkelse",
    "ReqServ": "Bestilling",
    "RequestedPrioReport": "Ønsket svar",
    "Requester": "Bestilt av",
    "ResponsibleHcp": "Ansvarlig",
    "ResultItem": "Svar",
    "RoleToPatient": "Rolle",
    "RollerRelatertNotat": "Kontakt",
    "SakshodeCave": "Cave",
    "ServProvId": "Dokument-id",
    "ServProvider": "Utført av",
    "ServReport": "Svarrapport",
    "ServReq": "Henvisning",
    "ServRprt": "",
    "ServType": "Status",
    "Service": "Tjeneste",
    "Sex": "Kjønn",
    "Sporsmal": "Spørsmål",
    "Sprak": "Språk",
    "StartDateTime": "Fra",
    "Status": "Status",
    "StatusInvestigation": "Status",
    "StreetAdr": "Gateadresse",
    "SvarPaaForesporsel": "Svar på forespørsel",
    "Synsvikt": "Synssvikt",
    "TekstNotatInnhold": "",
    "TeleAddress": "Telefon",
    "TeleCom": "Kontakt",
    "Tema": "Tema",
    "TemaKodet": "Gjelder",
    "TextResult": "Svar",
    "TextResultValue": "",
    "TypeForesp": "Gjelder",
    "TypeHealthcareProfessional": "Profesjon",
    "TypeInnhold": "Innhold",
    "TypeInnholdIMelding": "Innhold i meldingen",
    "UnitDose": "Enkeltdose",
    "Value": "",
}
"""Words for elements that are met often; "" where the contents need no word in front."""
_SILENT: Final = frozenset(
    {"TypeId", "TypeOffId", "TypeTelecom", "MIGversion", "Base64Container", "MsgVersion", "DocumentId"}
)
_TRUTHS: Final = {"true": "ja", "false": "nei"}
_CLINICAL = (".7110", ".7170", ".7180", ".7210", ".7220")
"""ICD-10, ICPC-2, ATC and procedures: readers know the codes beside their names."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with what stands under it: `words` in front ("" for none), and the text. `depth` is 0 for the outermost
    parts."""

    heading: str
    depth: int
    lines: tuple[tuple[str, str], ...]


def readable(envelope: Envelope) -> tuple[Part, ...]:
    """What a message says, part by part; files are named."""
    parts: list[Part] = []
    for document in envelope.documents:
        if document.body is not None:
            parts += _parts(document.body, _called(document.body) or document.about, 0)
        elif document.data is not None or document.link:
            shown = document.about or document.link or document.mime or "uten navn"
            parts.append(Part("Vedlegg", 0, (("", f"{shown} ({document.mime})" if document.mime else shown),)))
    return tuple(parts)


def parts_of(element: Element) -> tuple[Part, ...]:
    """What one element says, without a heading of its own."""
    return tuple(_parts(element, "", 0))


def words_of(element: Element) -> str:
    """A text as lines, whether it was written as XHTML or not."""
    if _has_xhtml(element):
        return _plain(element)
    return "\n".join(line.strip() for line in text(element).split("\n"))


def as_text(parts: Iterable[Part]) -> str:
    """Headings on lines of their own, then `word: text`."""
    told: list[str] = []
    for part in parts:
        if part.heading:
            told += ["", part.heading.upper() if part.depth == 0 else part.heading]
        told += [f"{words}: {text}" if words else text for words, text in part.lines]
    return "\n".join(told).strip()


def _parts(element: Element, heading: str, depth: int) -> Iterator[Part]:
    """The leaves of an element under its heading, then what lies deeper."""
    lines: list[tuple[str, str]] = []
    deeper: list[Element] = []
    for one in elements(element):
        if name(one) in _SILENT or namespace(one).startswith("http://www.w3.org/2000/09/xmldsig"):
            continue
        if name(one) in _HEADINGS and heading == coded(one).shown:
            continue
        if _is_leaf(one):
            if words := _leaf(one):
                lines.append((_called(one), words))
        elif _is_identifier(one):
            lines.append((coded(one, "TypeId").shown or "Id", text(one, "Id")))
        else:
            deeper.append(one)
    if lines:
        yield Part(heading, depth, tuple(lines))
        heading = ""
    for one in deeper:
        yield from _parts(one, _heading(one) or heading, min(depth + 1, 3))


def _heading(element: Element) -> str:
    """What a part is called: the kind that it says itself to be (`Type`, `Heading`), or its own name."""
    for told in _HEADINGS:
        found = child(element, told)
        if found is not None and (shown := coded(found).shown):
            return shown
    return _called(element)


_HEADINGS = ("Type", "Heading")


def _is_leaf(element: Element) -> bool:
    return not len(element) or _has_xhtml(element)


def _has_xhtml(element: Element) -> bool:
    first = next(elements(element), None)
    return first is not None and namespace(first) == _XHTML


def _is_identifier(element: Element) -> bool:
    return name(element) == "Ident" and child(element, "Id") is not None


def _leaf(element: Element) -> str:
    if _has_xhtml(element):
        return _plain(element)
    value = coded(element)
    unit = element.get("U")
    if value.code and not element.text:
        is_code = value.name and value.system.endswith(_CLINICAL)
        shown = f"{value.name} ({value.code})" if is_code else value.shown.removeprefix("tel:")
        return f"{_moment(shown)} {unit}" if unit else _moment(shown)
    words = "\n".join(line.strip() for line in (element.text or "").strip().split("\n"))
    return _moment(_TRUTHS.get(words, words)) or value.shown


def _plain(element: Element) -> str:
    """XHTML as lines; paragraphs have an empty line between, cells of a row stand apart."""
    told: list[str] = []

    def walk(one: Element) -> None:
        if name(one) in _BLOCKS:
            told.append("\n")
        told.append(_flat(one.text))
        for inner in elements(one):
            walk(inner)
            if name(inner) in ("td", "th"):
                told.append(" | ")
            told.append(_flat(inner.tail))
        if name(one) in _BLOCKS:
            told.append("\n\f\n" if name(one) == "p" else "\n")

    for one in elements(element):
        walk(one)
    lines = (re.sub(r"( \|)+$", "", re.sub(r"  +", " ", line.strip(" \t"))) for line in "".join(told).split("\n"))
    return re.sub(r"\n(\f\n?)+", "\n\n", "\n".join(line for line in lines if line)).strip()


def _flat(words: str | None) -> str:
    return re.sub(r"\s+", " ", words or "")


def _moment(words: str) -> str:
    """Days and moments as Norwegians write them; everything else as it is."""
    if _DAY.match(words):
        year, month, day = words.split("-")
        return f"{day}.{month}.{year}"
    if _MOMENT.match(words):
        try:
            return datetime.fromisoformat(words).strftime("%d.%m.%Y kl. %H.%M")
        except ValueError:
            return words
    return words


def _called(element: Element) -> str:
    """A word for an element: ours, or its own name in words."""
    own = name(element)
    return _WORDS[own] if own in _WORDS else re.sub(r"(?<=[a-zæøå])(?=[A-ZÆØÅ])", " ", own).capitalize()
