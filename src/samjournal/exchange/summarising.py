"""What referrals and discharge summaries of this record say in a message: from resources to plain values.

    referral_of(book, files, request, withdrawn) -> Referral
    discharge_of(book, files, note) -> Discharge

`Attaching` gathers the files that go along. `withdrawn` is why a referral is taken back (None:
it is not): nothing else is said then.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Final

from samjournal.exchange.kinds import Discharge, File, Passage, Referral
from samjournal.exchange.kinds import referral as written
from samjournal.exchange.outbox import CannotWrite
from samjournal.exchange.parties import Book
from samjournal.exchange.telling import called, coding_of, told
from samjournal.exchange.xml import Coded
from samjournal.fhir.narrative import to_text
from samjournal.messages.states import DOCUMENT, NUMBER

Resource = dict[str, Any]
PRIORITIES: Final = {"routine": "N", "urgent": "3", "asap": "3", "stat": "0"}
"""ServiceRequest.priority as 8306 has it."""
HEADINGS: Final = {
    "AI": ("Årsak til innleggelse", "Innleggelsesårsak", "Årsak til innlegging"),
    "AH": ("Årsak til henvisning", "Henvisningsårsak"),
    "FA": ("Familie/sosialt", "Sosialt"),
    "FO": ("Forløp og behandling", "Forløp", "Behandling"),
    "FU": ("Funn og undersøkelser", "Funn", "Undersøkelse", "Undersøkelser"),
    "HJ": ("Funksjonsnivå/hjelpetiltak", "Funksjonsnivå", "Funksjon"),
    "IP": ("Informasjon til pasient/pårørende", "Informasjon til pasienten"),
    "LR": ("Laboratorieresultat", "Prøvesvar"),
    "ME": ("Medisinering", "Legemidler", "Medisiner", "Legemidlar"),
    "OP": ("Planer for videre oppfølging", "Oppfølging", "Plan", "Videre plan"),
    "PROB": ("Aktuell problemstilling", "Aktuelt"),
    "SY": ("Sykmelding", "Sykemelding", "Sjukmelding"),
    "TS": ("Tidligere sykdommer", "Tidligere sykdom"),
    "VU": ("Vurdering", "Vurdering og tiltak"),
}
"""Code system 8311: its own words first, then headings of notes that mean the same."""
_MOST: Final = 15 * 2**20
_CODES: Final = {name.casefold(): code for code, names in HEADINGS.items() for name in names}


@dataclass(slots=True)
class Attaching:
    """The files that go along, in their order."""

    book: Book
    files: list[File] = field(default_factory=list)

    @property
    def found(self) -> tuple[File, ...]:
        return tuple(self.files)

    async def add(self, document: Resource) -> None:
        """The contents of a DocumentReference; of one that came as a message the files in it. Raises CannotWrite."""
        contents = [one["attachment"] for one in document.get("content", ())]
        is_message = document.get("masterIdentifier", {}).get("system") == NUMBER
        for one in contents[1:] if is_message else contents:
            name = str(one.get("title") or document.get("description") or called(document.get("type")) or "Vedlegg")
            self.files.append(File(name, str(one.get("contentType", "")), await self._data(one, name)))

    def refuse_too_much(self) -> None:
        """Raises CannotWrite when the files together are more than a receiver takes. HIS 1036"""
        size = sum(len(one.data) for one in self.files)
        if size > _MOST:
            told = (
                f"Vedleggene er til sammen {size / 2**20:.0f} MB. En melding tar {_MOST // 2**20} MB: send noen av dem"
            )
            raise CannotWrite(f"{told} på annen måte.")

    async def _data(self, attachment: Resource, name: str) -> bytes:
        data = attachment.get("data")
        if not data and "url" in attachment:
            data = (await self.book.read(str(attachment["url"])) or {}).get("data")
        if not data:
            raise CannotWrite(f"Vedlegget «{name}» har ikke noe innhold her.")
        return base64.b64decode(data)


async def referral_of(book: Book, files: Attaching, request: Resource, withdrawn: str | None) -> Referral:
    """A ServiceRequest as a referral."""
    priority = PRIORITIES.get(request.get("priority", "routine"), "N")
    coded = Coded(priority, name=written.PRIORITIES[priority])
    if withdrawn is not None:
        return Referral(priority=coded, comment=withdrawn)
    diagnoses = await _diagnoses(book, request)
    reasons = [one for one in (_reason(request, diagnoses), *_texts(request)) if one.text]
    items: list[Passage] = []
    for one in request.get("supportingInfo", ()):
        found = await book.read(one)
        if found is None:
            raise CannotWrite(f"«{one.get('display') or 'Det som skal følge med'}» finnes ikke lenger.")
        if found["resourceType"] == "DocumentReference":
            await files.add(found)
        else:
            items.append(told(found))
    return Referral(
        priority=coded,
        diagnoses=diagnoses,
        reasons=tuple(reasons),
        items=tuple(one for one in items if one.text),
        wanted=_from(request),
    )


async def _diagnoses(book: Book, request: Resource) -> tuple[Coded, ...]:
    """What it is about, and the conditions it names; each code once."""
    found = [coding_of(one) for one in request.get("reasonCode", ())]
    for one in request.get("reasonReference", ()):
        condition = await book.read(one)
        if condition is not None:
            found.append(coding_of(condition.get("code")))
    known: dict[tuple[str, str], Coded] = {}
    for each in found:
        known.setdefault((each.code, each.system) if each.code else (each.words.casefold(), ""), each)
    return tuple(one for one in known.values() if one.code or one.words)


def _reason(request: Resource, diagnoses: tuple[Coded, ...]) -> Passage:
    """What it is about in the words of the referrer, where they say more than the code."""
    said = next((str(one.get("text", "")) for one in request.get("reasonCode", ())), "")
    names = {one.shown.casefold() for one in diagnoses}
    return Passage(written.DIAGNOSIS, "" if said.casefold() in names else said)


def _texts(request: Resource) -> list[Passage]:
    notes = [str(one.get("text", "")) for one in request.get("note", ())]
    questions = [called(one) for one in request.get("orderDetail", ())]
    listed = questions if len(questions) < 2 else [f"{n}. {one}" for n, one in enumerate(questions, 1)]
    wanted = [("Ønskes fra", _from(request)), ("Trenger hjelp innen", request.get("occurrencePeriod", {}).get("end"))]
    times = [f"{words} {_day(str(day))}." for words, day in wanted if day]
    return [
        Passage(written.PROBLEM, "\n\n".join(filter(None, notes))),
        Passage(written.WANTED, "\n".join((*listed, *times))),
    ]


def _from(request: Resource) -> str:
    """The day that help is wanted from; "" when that is at once."""
    start = str(request.get("occurrencePeriod", {}).get("start", ""))[:10]
    return start if start > str(request.get("authoredOn", ""))[:10] else ""


def _day(written_day: str) -> str:
    return ".".join(reversed(written_day[:10].split("-")))


async def discharge_of(book: Book, files: Attaching, note: Resource) -> Discharge:
    """A note as a discharge summary: each section under its heading, its coded diagnoses, the stay."""
    stay = await book.read(note.get("encounter"))
    told_of: Resource = next((one["period"] for one in note.get("event", ()) if "period" in one), {})
    period: Resource = (stay or {}).get("period") or told_of
    title = str(note.get("title", "")) or "Epikrise"
    diagnoses: list[Coded] = []
    passages: list[Passage] = []
    items: list[Passage] = []
    for section in note.get("section", ()):
        text = to_text(str((section.get("text") or {}).get("div", "")))
        if text:
            passages.append(Passage(_heading(str(section.get("title", "")) or title), text))
        for one in section.get("entry", ()):
            found = await book.read(one)
            match (found or {}).get("resourceType"):
                case "Condition":
                    diagnoses.append(coding_of((found or {}).get("code")))
                case "DocumentReference":
                    await files.add(found or {})
                case str() if not text:
                    items.append(told(found or {}))
    return Discharge(
        about=title,
        began=str(period.get("start", "")) or str(note.get("date", ""))[:10],
        ended=str(period.get("end", "")),
        diagnoses=tuple(dict.fromkeys(one for one in diagnoses if one.shown)),
        passages=tuple(passages),
        items=tuple(one for one in items if one.text),
        referral=await _referral(book, stay),
    )


async def _referral(book: Book, stay: Resource | None) -> str:
    """The document id of the referral that the stay came of, if it has one."""
    for one in (stay or {}).get("basedOn", ()):
        request = await book.read(one)
        for each in (request or {}).get("identifier", ()):
            if each.get("system") == DOCUMENT:
                return str(each["value"])
    return ""


def _heading(title: str) -> Coded:
    """A heading with its code of 8311, where it has one."""
    code = _CODES.get(title.strip().rstrip(":").casefold(), "")
    return Coded(code, name=title)
