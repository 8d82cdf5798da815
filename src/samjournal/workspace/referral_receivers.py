"""Who can have a referral, and why others cannot: the receivers of the page that is written on. Requirement 6.1

shown(desk, typed, chosen, now) -> list[Shown]      what fits what was typed, else those that were sent to last
GET /workspace/referrals/receivers?receiver-q=…     the same as a fragment of a form
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from samjournal import messages, referrals
from samjournal.messages import Receiver
from samjournal.record import query_of, search
from samjournal.ui import formats
from samjournal.ui.language import language, marked
from samjournal.ui.pages import is_fragment, render
from samjournal.workspace.desk import Desk

WHY: Final = {
    "no-sender": marked(
        "Enheten din har ingen adresse å sende meldinger fra. Den som drifter Samjournal, må føre den opp."
    ),
    "no-endpoint": marked("Enheten er ikke satt opp til å ta imot henvisninger."),
    "untested": marked("Mottaket er satt opp, men ikke prøvd: ingen prøvemelding har kommet fram."),
    "nobody": marked("Innboksen finnes, men ingen kan lese den nå: alle er borte, eller ingen har en rolle der."),
    "kind": marked("Enheten tar imot meldinger, men ikke henvisninger."),
    "not-yet": marked("Tar imot fra {day}."),
    "over": marked("Tok imot til {day}."),
    "closed": marked("Mottaket er stengt for tiden."),
}
"""Why somebody cannot be chosen, by the gate's code."""
SHOWN: Final = 8
_KIND: Final = "HENVISNING"


@dataclass(frozen=True, slots=True)
class Shown:
    """A receiver on the page. `instead` are ready ones to choose in his place, as (id, name); `phone` is his."""

    id: str
    name: str
    is_ready: bool
    is_outside: bool
    owner: str
    why: str
    instead: tuple[tuple[str, str], ...] = ()
    phone: str = ""
    is_chosen: bool = False


async def show(request: Request, desk: Desk) -> Response:
    """GET what fits `receiver-q`, as choices of a form."""
    typed = request.query_params.get("receiver-q", "")[:80]
    chosen = request.query_params.get("receiver", "")[:64]
    found = await shown(desk, typed, chosen, datetime.now(UTC))
    if is_fragment(request):
        return render(request, "workspace/_receivers.html", receivers=found, seeks=typed)
    return render(request, "workspace/receivers.html", desk=desk, receivers=found, seeks=typed)


async def shown(desk: Desk, typed: str, chosen: str, now: datetime) -> list[Shown]:
    """Those that fit what was typed, the ready ones first; with nothing typed those that the unit sent to last."""
    typed = " ".join(typed.split())
    own = desk.role.organization_id
    if typed:
        units = await _named(desk, typed)
        found = await messages.receivers(desk.door, desk.permit, _KIND, now, named=typed, sender=own)
        have = {one.id for one in found}
        more = [one for one in units if one not in have]
        found = [*found, *await messages.receivers(desk.door, desk.permit, _KIND, now, units=more, sender=own)]
    else:
        last = await referrals.last_receivers(desk.door, own)
        found = await messages.receivers(desk.door, desk.permit, _KIND, now, units=last, sender=own)
        if len(found) < SHOWN:
            have = {one.id for one in found}
            ready = await messages.receivers(desk.door, desk.permit, _KIND, now, sender=own)
            found += [one for one in ready if one.id not in have and not one.why]
    found = [one for one in found if one.id != own]
    found.sort(key=lambda one: bool(one.why))
    found = found[:SHOWN]
    if chosen and chosen not in {one.id for one in found}:
        found = [*await messages.receivers(desk.door, desk.permit, _KIND, now, units=[chosen], sender=own), *found]
    return await _told(desk, found, chosen, now)


async def ready_named(desk: Desk, now: datetime) -> list[Receiver]:
    """All who can be chosen, by name."""
    own = desk.role.organization_id
    found = await messages.receivers(desk.door, desk.permit, _KIND, now, sender=own)
    return [one for one in found if not one.why and one.id != own]


async def _told(desk: Desk, found: Sequence[Receiver], chosen: str, now: datetime) -> list[Shown]:
    """Each in words; of those who cannot, who can instead."""
    _ = language(desk.language)
    closed = [one.id for one in found if one.why]
    known = await _organisations(desk, closed)
    made = []
    for one in found:
        body = known.get(one.id, {})
        name = str(one.organisation.get("display") or body.get("name") or one.id)
        why = _(WHY[one.why], day=formats.full_date(one.since)) if one.why else ""
        line = Shown(
            one.id, name, not one.why, one.way != "shared", one.owner, why, is_chosen=one.id == chosen and not one.why
        )
        if one.why:
            line = replace(line, instead=await _instead(desk, body, one.id, now), phone=_phone(body))
        made.append(line)
    return made


async def _instead(desk: Desk, body: dict[str, Any], id_: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """Who is ready near a unit that is not: what it is part of, and the others that are part of that."""
    above = str((body.get("partOf") or {}).get("reference", "")).removeprefix("Organization/")
    if not above:
        return ()
    page = await search(desk.door, desk.permit, query_of("Organization", [("partof", above), ("_count", "40")]))
    units = [above, *(one.id for one in page.matches if one.id not in (id_, desk.role.organization_id))]
    found = await messages.receivers(desk.door, desk.permit, _KIND, now, units=units, sender=desk.role.organization_id)
    ready = [(one.id, str(one.organisation.get("display") or one.id)) for one in found if not one.why]
    return tuple(ready[:2])


def _phone(body: dict[str, Any]) -> str:
    numbers = (str(one.get("value", "")) for one in body.get("telecom") or () if one.get("system") == "phone")
    return formats.phone(next(numbers, ""))


async def _organisations(desk: Desk, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    if not ids:
        return {}
    asked = query_of("Organization", [("_id", ",".join(ids)), ("_count", "50")])
    return {one.id: one.resource() for one in (await search(desk.door, desk.permit, asked)).matches}


async def _named(desk: Desk, typed: str) -> list[str]:
    """Units whose name has what was typed, whether they take messages or not."""
    asked = query_of("Organization", [("name:contains", typed.replace(",", " ")), ("_count", str(SHOWN))])
    return [one.id for one in (await search(desk.door, desk.permit, asked)).matches]
