"""«Hvem har lest journalen min»: every look, in sentences, day by day. hl7.org/fhir/R4/auditevent.html"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from types import MappingProxyType

from samjournal.audit import Seen
from samjournal.portal.words import ROLES, WHYS, capital, kinds, listed
from samjournal.ui.formats import OSLO
from samjournal.ui.language import Language, marked

SENTENCES = {
    "read": marked("Leste journalen din: {kinds}."),
    "create": marked("Skrev i journalen din: {kinds}."),
    "update": marked("Endret i journalen din: {kinds}."),
    "delete": marked("Fjernet fra journalen din: {kinds}."),
    "find": marked("Søkte deg opp. Så bare navn og fødselsår."),
    "match": marked("Sammenlignet deg med en annen person. Så bare navn og fødselsår."),
    "register": marked("Registrerte deg."),
    "compare": marked("Så hvem du er, og om du står to ganger i journalen."),
    "propose": marked("Foreslo at to journaler er dine. En annen avgjør det."),
    "decline": marked("Avslo et forslag om at to journaler er dine."),
    "lend": marked("Skjulte adressen din i begge journalene dine."),
    "merge": marked("Slo sammen to journaler, fordi begge er dine."),
    "renumber": marked("Byttet fødselsnummeret ditt i journalen."),
    "close": marked("Stengte journalen for alle, fordi identiteten ikke er i bruk lenger."),
    "reopen": marked("Åpnet journalen igjen etter at den var stengt."),
    "move": marked("Flyttet noe som var skrevet i feil journal."),
    "unmerge": marked("Skilte journalen din fra en annen."),
    "mine": marked("Så navnet ditt i listen over sine pasienter."),
    "reason": marked("Oppga en grunn for å åpne journalen din."),
    "explain": marked("Så hva som gir tilgang til journalen din."),
    "closed": marked("Ville åpne journalen din, men hadde ikke tilgang. Så ingenting av innholdet."),
    "seen": marked("Merket det nye i journalen din som sett."),
    "reviewed": marked("Gikk gjennom hvordan journalen din ble åpnet."),
    "audit": marked("Så i loggen hvem som har lest journalen din."),
    "block": marked("Sperret journalen for noen."),
    "draft": marked("Skrev på et notat om deg, som ikke er signert ennå."),
    "draft-discarded": marked("Forkastet et utkast om deg."),
    "hold-back": marked("Holdt noe tilbake for deg: {kinds}. Du kan klage på det."),
    "release": marked("Lot deg lese noe før det ellers vises: {kinds}."),
    "book": marked("Bestilte time."),
    "rebook": marked("Flyttet en time."),
    "free-times": marked("Så etter en ledig tid til deg. Så ikke hvor du er opptatt, eller med hva."),
    "offer": marked("Tilbød deg en tid som ble ledig, eller tok tilbudet tilbake."),
    "cancel": marked("Avbestilte en time."),
    "unblock": marked("Tok bort en sperring av journalen."),
    "erase-proposed": marked("Foreslo å slette noe i journalen din. Det må bestemmes av en til."),
    "erase-confirmed": marked("Bestemte at noe skal slettes fra journalen din."),
    "erased": marked("Slettet for godt fra journalen din, etter et vedtak: {kinds}."),
    "act-for": marked("Begynte å opptre for deg."),
    "act-for-other": marked("Begynte å opptre for en annen."),
    "give-power": marked("Ga noen rett til å opptre for deg."),
    "give-power-other": marked("Ga deg rett til å opptre for noen."),
    "withdraw-power": marked("Tok bort noens rett til å opptre for deg."),
    "withdraw-power-other": marked("Tok bort retten din til å opptre for noen."),
    "withhold": marked("Endret hva de som opptrer for deg, får se: {kinds}."),
    "allow-app": marked("Slapp inn en app, som kan lese det den fikk lov til."),
    "refuse-app": marked("Sa nei til en app. Den fikk ikke se noe."),
    "end-app": marked("Stanset en app."),
    "agree-login": marked("Samtykket til at du logger inn selv."),
    "emergency": marked("Åpnet journalen du har sperret, i en nødsituasjon."),
    "export": marked("Hentet ut opplysninger: {kinds}."),
    "answer-feedback": marked("Svarte på det du skrev om en side i portalen, uten å vite hvem du er."),
}
FOUND_BY = {
    "citizen": marked("Så navnet ditt på siden om hvem som kan opptre for hvem."),
    "privacy-officer": marked("Så navnet og fødselsåret ditt."),
}
"""What *find* is for those roles that seldom search: names on a list of other things."""
MUCH = {
    "read": marked("Leste mye av journalen din."),
    "create": marked("Skrev mye i journalen din."),
    "export": marked("Hentet ut mye av journalen din."),
}
"""Said instead when more than a handful of things were seen; the page tells them on request."""
HANDFUL = 6
VERBS = {
    "chart": "read",
    "search": "read",
    "history": "read",
    "import": "create",
    "delete-forced": "delete",
    "everything": "export",
    "lastn": "read",
    "meta": "read",
    "validate": "read",
    "async": "read",
}
"""What the log calls an action, by the sentence that fits it."""
LISTED = ("find", "match", "mine", "closed", "give-power-other", "withdraw-power-other")
"""Only a name in a list, or nothing at all: the sentence itself says why."""
PARTS = OTHERS, WITHOUT, OWN = "others", "without", "own"
PLACE = "at:"
"""Before the name of a place: what was read there alone."""
PLACES = 3
"""So many places, those where most was read, can be chosen."""
JOBS = frozenset(
    """absences connections deadlines demand lists messages messages-promised messages-teams notices receivers referrals
    renewal results rounds video""".split()  # noqa: SIM905  read as one list
) | {"results of loads", "waiting list"}
"""Names of work that this program does by itself: to a citizen they are one thing. Other systems keep their names."""
REASON_LASTS = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Entry:
    """One look. `all` lists what was seen where `did` leaves it out; `reason` is what the reader gave when there was
    no agreement with the patient, or for a named action such as a merge; `machine` is true for what no person did,
    `app` is the app that it went through."""

    at: datetime
    who: str
    role: str
    place: str
    did: str
    all: str
    why: str
    reason: str | None
    without: bool
    own: bool
    machine: bool
    app: str = ""

    @property
    def stamp(self) -> str:
        """The moment, to ask about the look by."""
        return self.at.isoformat()


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    entries: tuple[Entry, ...]


def read(look: Seen, _: Language, *, reason: str | None = None) -> Entry:
    """One look in words; `reason` is what the same person stated before it."""
    without = look.why in ("reason", "emergency")
    action = "emergency" if (look.action, look.why) == ("reason", "emergency") else VERBS.get(look.action, look.action)
    seen = kinds(look.types, _)
    much = action in MUCH and len(seen) > HANDFUL
    told = listed(seen, _) or _("opplysninger om deg")
    sentence = SENTENCES.get(action, SENTENCES["read"])
    if action == "find":
        sentence = FOUND_BY.get(look.role, sentence)
    return Entry(
        at=look.at.astimezone(OSLO),
        who="Samjournal" if look.why == "system" and look.name in JOBS else look.name or _("Uten navn"),
        role=_(ROLES[look.role]) if look.role in ROLES else look.role,
        place=look.unit,
        did=_(MUCH[action]) if much else _(sentence, kinds=told),
        all=capital(told) if much else "",
        why="" if without or action in LISTED else _(WHYS.get(look.why, marked("Ingen grunn er oppgitt."))),
        reason=(look.reason or reason) if without else look.reason,
        without=without,
        own=look.why == "self",
        machine=look.why == "system",
    )


def entries(looks: Iterable[Seen], _: Language, apps: Mapping[str, str] = MappingProxyType({})) -> list[Entry]:
    """All looks in words, newest first, each with the reason that was stated to open the record; `apps` are names."""
    found: list[Entry] = []
    stated: dict[str, Seen] = {}
    for look in sorted(looks, key=lambda look: look.at):
        if look.reason and look.why in ("reason", "emergency"):
            stated[look.actor] = look
        before = stated.get(look.actor)
        lasts = before is not None and look.at - before.at <= REASON_LASTS
        one = read(look, _, reason=before.reason if before and lasts else None)
        found.append(replace(one, app=apps.get(look.app, look.app)))
    return found[::-1]


def chosen(found: Sequence[Entry], show: str) -> list[Entry]:
    """The part of the list the citizen asked for: others, those without an agreement, her own, or those at a place."""
    if show.startswith(PLACE):
        return [entry for entry in found if not entry.own and entry.place == show.removeprefix(PLACE)]
    if show == OWN:
        return [entry for entry in found if entry.own]
    if show == WITHOUT:
        return [entry for entry in found if entry.without]
    return [entry for entry in found if not entry.own]


def places(found: Sequence[Entry]) -> list[tuple[str, int]]:
    """Where most was read by others, with how much."""
    return Counter(one.place for one in found if one.place and not one.own).most_common(PLACES)


def by_day(found: Iterable[Entry]) -> list[Day]:
    """The entries under the day they happened."""
    return [Day(day, tuple(group)) for day, group in groupby(found, key=lambda entry: entry.at.date())]


def last_visit(found: Iterable[Entry], *, before: datetime) -> datetime | None:
    """When the citizen was here last, not counting the visit that is going on."""
    return max((entry.at for entry in found if entry.own and entry.at < before), default=None)
