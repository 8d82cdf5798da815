"""«Hvem kan opptre for hvem»: the citizen's mandates in words, and the form that gives one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from samjournal.access import LEVELS, Permit
from samjournal.fhir.errors import Forbidden, Invalid, Unprocessable
from samjournal.portal.words import KINDS, kinds, listed
from samjournal.record import Door, give, may_act_for, who_acts
from samjournal.ui.formats import OSLO, in_text
from samjournal.ui.language import Language, marked

KIND_NAMES = {
    "parent": marked("forelder"),
    "power-of-attorney": marked("fullmakt fra deg"),
    "without-capacity": marked("bestemt av en lege"),
    "next-of-kin": marked("pårørende"),
}
HELD_NAMES = {**KIND_NAMES, "power-of-attorney": marked("fullmakt")}
PARTS = "parts"
CHOICES = ("standard", "read-only", "communicate-only", "full", PARTS)
MEANS = {
    "standard": marked(
        "Leser det du selv leser i journalen, bestiller og avbestiller timer, og skriver meldinger for deg. "
        "Ser ikke hvem som har lest journalen, og kan ikke sperre den."
    ),
    "read-only": marked("Leser det du selv leser i journalen. Kan ikke gjøre noe for deg."),
    "communicate-only": marked(
        "Leser timene og meldingene dine, og skriver meldinger for deg. Ser ikke resten av journalen, og kan "
        "ikke bestille time."
    ),
    "full": marked(
        "Leser og gjør det samme som du selv: ser også hvem som har lest journalen, kan be om retting, og "
        "kan sperre journalen og åpne den igjen."
    ),
    "parts": marked("En pårørende leser bare de delene du krysser av for under. Kan ikke gjøre noe for deg."),
}
"""What who gets a level reads and does, as it is told before it is given."""
WRONG = {
    "level": marked("Velg hva personen skal kunne gjøre."),
    "day": marked("Skriv siste dag som en dato, eller la feltet stå tomt."),
    "past": marked("Siste dag må være i dag eller senere."),
    "parts": marked("Velg hvilke deler av journalen den pårørende skal se."),
    "person": marked("Vi fant ingen som kan få rett til å opptre for deg. Se over fødselsnummer og etternavn."),
    "form": marked("Noe i skjemaet stemmer ikke. Se over feltene."),
}


def told(permit: Permit, _: Language) -> dict[str, str] | None:
    """For whom one acts: as what, and what of the record one sees; None for who is himself."""
    acts = permit.represents
    if acts is None:
        return None
    seen = kinds(sorted(acts.level.reads & set(KINDS)), _)
    title = level_name(acts.level.code, _)
    left = str(to_midnight(datetime.now(UTC)))
    return {"id": acts.id, "title": title, "level": in_text(title), "sees": listed(seen, _), "left": left}


def to_midnight(now: datetime) -> int:
    """Seconds until the day ends in Oslo: rights end and change with birthdays and last days, at midnight."""
    midnight = datetime.combine(now.astimezone(OSLO).date() + timedelta(days=1), time(), OSLO)
    return int((midnight.astimezone(UTC) - now.astimezone(UTC)).total_seconds()) + 1


def level_name(code: str, _: Language) -> str:
    """What a level is called in the reader's language."""
    names = LEVELS[code].names if code in LEVELS else ("", "", "")
    return names[{"nb": 0, "nn": 1, "en": 2}[_.code]]


async def view(door: Door, permit: Permit, _: Language) -> dict[str, Any]:
    """What the page shows. Who acts for another sees only for whom he may act."""
    held = [
        {"id": one.id, "name": one.name, "kind": _(HELD_NAMES[one.kind]), "level": in_text(level_name(one.level, _))}
        | {
            "is_parent": one.kind == "parent",
            "source": one.source if one.kind != "parent" else "",
            "now": one.id == permit.patient,
        }
        for one in await may_act_for(door, permit)
    ]
    given_to = [] if permit.represents else await who_acts(door, permit)
    given = [
        {"source": one.source, "name": one.name or _("Noen uten journal her"), "kind": _(KIND_NAMES[one.kind])}
        | {
            "is_parent": one.kind == "parent",
            "level": in_text(level_name(one.level, _)),
            "ends": one.ends,
            "holds": one.refusal is None,
        }
        | {"parts": listed(kinds(one.types, _), _), "withdrawable": one.withdrawable}
        for one in given_to
    ]
    levels = [(code, level_name(code, _), _(MEANS[code])) for code in CHOICES]
    return {
        "held": held,
        "given": given,
        "parts": _parts(_),
        "levels": levels,
        "acts": permit.represents is not None,
        "agrees": _agrees(permit),
    }


def _parts(_: Language) -> list[tuple[str, str]]:
    """What can be chosen: types, those that have one name as one, and the name."""
    named: dict[str, list[str]] = {}
    for type_ in sorted((LEVELS["full"].reads & set(KINDS)) - {"Patient"}):
        named.setdefault(listed([_(word) for word in KINDS[type_]], _), []).append(type_)
    return [(",".join(types), name) for name, types in named.items()]


def _agrees(permit: Permit) -> bool:
    """Whether it is a parent of somebody of 12 to 15 who acts."""
    return permit.represents is not None and permit.represents.level.code == "youth"


def entered(form: Any) -> dict[str, Any]:
    """What somebody wrote and chose, to be shown again."""
    written = {name: str(form.get(name, ""))[:100] for name in ("number", "family", "level", "until")}
    return {**written, "parts": [str(one)[:100] for one in form.getlist("parts")]}


async def given(door: Door, permit: Permit, form: Any) -> str | None:
    """Give what a form asks for; what is wrong with it, in bokmål, None when it is given. Raises Forbidden."""
    until = None
    if said := str(form.get("until", "")).strip():
        try:
            until = date.fromisoformat(said)
        except ValueError:
            return WRONG["day"]
        if until < datetime.now(OSLO).date():
            return WRONG["past"]
    level = str(form.get("level", ""))
    if not level:
        return WRONG["level"]
    types = [type_ for one in form.getlist("parts") for type_ in str(one).split(",")] if level == PARTS else []
    if level == PARTS and not types:
        return WRONG["parts"]
    try:
        await give(
            door,
            permit,
            str(form.get("number", "")),
            str(form.get("family", "")),
            level="" if types else level,
            types=types,
            until=until,
        )
    except Forbidden:
        raise
    except Unprocessable:
        return WRONG["person"]
    except Invalid:
        return WRONG["form"]
    return None
