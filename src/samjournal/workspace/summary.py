"""A discharge summary on the pages where its note is signed and read: whom it goes to, and where it is. Rows 7.8, 7.9

    offer(request, desk, note, now, …) -> Offer         whom it may go to, with what was chosen in the form that came
    chosen(request, desk, errors, now) -> Dispatch      what the form says: `to`, `other`, `reason-ID` of the left out
    of_note(request, desk, note, now, …) -> Summary     what the page of a note shows of it

The same fields stand in the forms that sign a note and in the one that sends it: signing and sending is one act.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request

from samjournal.fhir.errors import FhirError, VersionMoved
from samjournal.notes import (
    Deliveries,
    Dispatch,
    NotChosen,
    SentAlready,
    contact_of,
    deliveries,
    edition_of,
    is_signed,
    is_summary,
    named_recipients,
    recipients,
)
from samjournal.ui.language import language
from samjournal.workspace.desk import Desk
from samjournal.workspace.summary_view import Line, Sent, Unsent, lines, not_sent, sent

Resource = Mapping[str, Any]
FIELDS: Final = 100
_OFFERED, _LONGEST, _MOST_NAMED = "receiver", 200, 6


@dataclass(frozen=True, slots=True)
class Offer:
    """Whom it may go to, as a form has it: `other` is what was typed as names, `told` what is wrong with it;
    `all_have_it`: whoever shall have this version does."""

    lines: list[Line]
    other: str = ""
    told: str = ""
    all_have_it: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What the page of a discharge summary shows beside the note: whom it may go to now (None: it is not for this
    reader, or not now), where it is, who did not get it."""

    offer: Offer | None
    sent: list[Sent]
    not_sent: list[Unsent]
    is_sent: bool


def sends(desk: Desk) -> bool:
    """Whether somebody sends discharge summaries: who signs, and who prepares for others."""
    return (desk.permit.signs or desk.permit.prepares) and desk.permit.may("c", "Communication")


async def to_be(desk: Desk, patient_id: str) -> dict[str, Any]:
    """A note that is not stored yet, as far as it says who shall have it."""
    contact = await contact_of(desk.door, desk.permit, patient_id)
    return {
        "id": "new",
        "subject": {"reference": f"Patient/{patient_id}"},
        "custodian": {"reference": f"Organization/{desk.permit.organization}", "display": desk.permit.unit},
        **({"encounter": {"reference": contact.reference}} if contact else {}),
    }


async def of_note(
    request: Request, desk: Desk, note: Resource, now: datetime, *, signing: bool, told: str = ""
) -> Summary | None:
    """What the page of a note shows; None when it is no discharge summary. `signing`: the next signature is the last,
    and sends it."""
    if not is_summary(note):
        return None
    found, edition, _ = await deliveries(desk.door, desk.permit, note), edition_of(note), language(desk.language)
    offered = sends(desk) and (signing or is_signed(note))
    there = await offer(request, desk, note, now, found=found, told=told) if offered else None
    return Summary(there, sent(found, edition, now, _), not_sent(found, edition, now, _), edition in found.editions)


async def offer(
    request: Request, desk: Desk, note: Resource, now: datetime, *, found: Deliveries | None = None, told: str = ""
) -> Offer:
    """Whom a note may go to, with what was chosen in the form that came, when it had these fields."""
    form = await _typed(request)
    others, other, wrong = await _others(desk, form, now) if form is not None else ([], "", "")
    has = found.has(edition_of(note)) if found else {}
    there = await recipients(desk.door, desk.permit, note, now, others=others, has=has)
    _ = language(desk.language)
    if form is None:
        return Offer(lines(there, None, {}, _), told=told, all_have_it=bool(there))
    chosen = [*map(str, form.getlist("to")), *others]
    reasons = {one.id: str(form.get(f"reason-{one.id}", ""))[:_LONGEST] for one in there}
    offered = set(map(str, form.getlist(_OFFERED)))
    return Offer(
        lines(there, [*chosen, *(one.id for one in there if one.id not in offered)], reasons, _),
        other,
        told or wrong,
        bool(there),
    )


async def chosen(request: Request, desk: Desk, errors: dict[str, str], now: datetime) -> Dispatch | None:
    """What the form says of whom it goes to; None when it says nothing, or that it is signed alone."""
    form = await _typed(request)
    if form is None or form.get("act") == "sign-only":
        return None
    others, _other, wrong = await _others(desk, form, now)
    if wrong:
        errors["send"] = wrong
    to = [*map(str, form.getlist("to")), *others]
    said = {str(id_): str(form.get(f"reason-{id_}", "")).strip() for id_ in form.getlist(_OFFERED)}
    return Dispatch(tuple(dict.fromkeys(to)), {id_: why for id_, why in said.items() if why and id_ not in to})


async def _typed(request: Request) -> FormData | None:
    """The form that came, when it had receivers. It was read before, or is read now."""
    if request.method != "POST":
        return None
    form = await request.form(max_fields=1000, max_files=0)
    return form if _OFFERED in form or "other" in form else None


async def _others(desk: Desk, form: FormData, now: datetime) -> tuple[list[str], str, str]:
    """Those who were chosen by name before, and now; the names that mean nobody yet, and what is wrong with them."""
    _, found, left, told = language(desk.language), list[str](), list[str](), list[str]()
    before = [str(one) for one in form.getlist("added")][:FIELDS]
    for name in (" ".join(one.split()) for one in str(form.get("other", ""))[:_LONGEST].split(";")):
        if not name:
            continue
        meant = await named_recipients(desk.door, desk.permit, name, now)
        if len(meant) == 1:
            found.append(meant[0].id)
            continue
        left.append(name)
        names = "; ".join(one.name for one in meant[:_MOST_NAMED])
        told.append(
            _("Flere passer med {name}: {names}. Skriv hele navnet.", name=name, names=names)
            if meant
            else _("Ingen mottaker heter {name}.", name=name)
        )
    return list(dict.fromkeys([*before, *found])), "; ".join(left), " ".join(told)


def told_of(error: FhirError, desk: Desk) -> str:
    """What is said when it could not be sent as it was chosen."""
    _ = language(desk.language)
    if isinstance(error, SentAlready):
        return _("En av mottakerne har alt fått denne versjonen. Se hvem under Sendt til.")
    if isinstance(error, NotChosen):
        return _("Henviser og fastlege skal ha epikrisen. Kryss av, eller skriv hvorfor den ikke skal sendes dit.")
    if isinstance(error, VersionMoved):
        return _("Notatet er endret siden du åpnet det. Ingenting er sendt. Les det igjen.")
    return _("Epikrisen kan ikke sendes av deg nå. Den er ikke signert, eller noen sendte den samtidig.")
