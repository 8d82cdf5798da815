"""Changes of role that wait for the leader of the unit: what is gained and lost, and what he says to it. Row 2.6"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import access, provisioning
from samjournal.access.past import changed
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound
from samjournal.provisioning import ASKS, Difference, Proposal, Side, between, difference
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk, role_name
from samjournal.workspace.palette import pages_of

STATES: Final = {
    "approved": marked("godkjent"),
    "refused": marked("avslått"),
    "overdue": marked("gjelder, siden fristen gikk ut"),
    "withdrawn": marked("trukket av katalogen"),
}
TOLD: Final = {
    "approved": marked("Godkjent: endringen gjelder nå."),
    "refused": marked("Avslått: personen beholder det han hadde i 30 dager, og katalogen må rettes."),
    "asked": marked("Lagret."),
}
REFUSED: Final = {
    "moved": marked("Ikke gjort: endringen er avgjort eller trukket etter at du åpnet siden."),
    "reason": marked("Skriv hvorfor endringen avslås."),
    "own": marked("Ingen avgjør sine egne roller."),
}
WISHES: Final = {
    "never": marked("Nei: roller følger katalogen med en gang"),
    "losses": marked("Ja, når noen som blir, mister en rolle"),
    "changes": marked("Ja, når noen som arbeider her, får eller mister en rolle"),
}
POWERS: Final = {
    "finds": marked("finne pasienter"),
    "states_reason": marked("åpne en journal med begrunnelse"),
    "oversees": marked("føre tilsyn med innsyn"),
    "emergency": marked("åpne en sperret journal når det haster"),
    "erases": marked("avgjøre sletting"),
    "signs": marked("signere notater"),
    "prepares": marked("skrive notater som andre signerer"),
    "registers": marked("registrere pasienter"),
    "merges": marked("slå sammen journaler"),
    "operates": marked("se drift og forbindelser"),
    "plans": marked("planlegge timebok og åpningstider"),
}
"""What each right of a role is called."""
LATELY: Final = timedelta(days=90)


async def show(request: Request, desk: Desk) -> Response:
    """GET the page."""
    _, now = language(desk.language), datetime.now(UTC)
    found = await provisioning.proposals(desk.door, desk.permit)
    did = request.query_params.get("did", "")
    names = await _names(desk, found)
    return render(
        request,
        "workspace/role_changes.html",
        desk=desk,
        waiting=[await _waiting(desk, one, names, now, _) for one in found if one.state == "open"],
        decided=[_decided(one, names, now, _) for one in found if one.state != "open"],
        wishes=[(code, _(WISHES[code])) for code in ASKS],
        asks=await provisioning.asks_for(desk.door, desk.permit),
        changed=await _changed(desk, now, _) if desk.permit.operates else [],
        told=_(TOLD[did]) if did in TOLD else "",
        refused=_(REFUSED[did]) if did in REFUSED else "",
    )


async def act(request: Request, desk: Desk) -> Response:
    """POST: decide (`id`, `do` approve or refuse, `reason`), or say what the unit asks for (`asks`)."""
    form = await request.form(max_fields=4, max_files=0)
    if form.get("asks") is not None:
        await provisioning.ask(desk.door, desk.permit, str(form["asks"])[:20])
        return RedirectResponse("/workspace/role-changes?did=asked", status_code=303)
    approves = form.get("do") == "approve"
    did = "approved" if approves else "refused"
    try:
        one = await provisioning.decide(
            desk.door, desk.permit, str(form.get("id", ""))[:40], approves=approves, reason=str(form.get("reason", ""))
        )
        job = access.for_job("role changes")
        await provisioning.settle(desk.door, job, one.login)
        await provisioning.close_tasks(desk.door, job, [one.task] if one.task else [], datetime.now(UTC))
    except Invalid:
        did = "reason"
    except (Conflict, NotFound):
        did = "moved"
    except Forbidden:
        did = "own"
    return RedirectResponse(f"/workspace/role-changes?did={did}", status_code=303)


async def _names(desk: Desk, found: list[Proposal]) -> dict[str, str]:
    units = {unit for one in found for _, unit in (*one.gains, *one.loses)} | {one.organization for one in found}
    return await provisioning.names_of(desk.door, access.for_job("role changes"), units)


async def _waiting(desk: Desk, one: Proposal, names: dict[str, str], now: datetime, _: Language) -> dict[str, Any]:
    has, gets = await provisioning.standing(desk.door, one)
    told = difference(has, gets)
    before, after = pages_of(code for code, _unit in has), pages_of(code for code, _unit in gets)
    return {
        "one": one,
        "unit": names.get(one.organization, one.organization),
        "proposed": formats.when(one.proposed, now=now, language=_),
        "deadline": formats.when(one.deadline, now=now, language=_),
        "is_own": one.login == desk.permit.actor,
        "lost": _side(told.lost, [entry.name for entry in before if entry not in after], names, desk, _),
        "gained": _side(told.gained, [entry.name for entry in after if entry not in before], names, desk, _),
    }


def _side(side: Side, pages: list[str], names: dict[str, str], desk: Desk, _: Language) -> list[dict[str, Any]]:
    """What is gained or lost, as lines with a heading; those with nothing are left out."""
    lines = [
        (_("Roller"), [f"{role_name(code, desk.language)}, {names.get(unit, unit)}" for code, unit in side.roles]),
        (_("Sider og handlinger"), [_(name) for name in pages]),
        (_("Kan"), [_(POWERS[name]) for name in side.powers]),
        (_("Leser slag av opplysninger"), _types(side.reads, _)),
        (_("Skriver slag av opplysninger"), _types(side.writes, _)),
        (_("Skriver slag av opplysninger uten å åpne journalen"), _types(side.writes_unread, _)),
    ]
    return [
        {"name": name, "said": said, "folds": place > 2 and len(said) > 1}
        for place, (name, said) in enumerate(lines)
        if said
    ]


def _types(types: tuple[str, ...], _: Language) -> list[str]:
    return [_("alle slag") if one == "*" else one for one in types]


def _decided(one: Proposal, names: dict[str, str], now: datetime, _: Language) -> dict[str, Any]:
    return {
        "one": one,
        "unit": names.get(one.organization, one.organization),
        "state": _(STATES.get(one.state, one.state)),
        "at": formats.when(one.decided, now=now, language=_) if one.decided else "",
    }


async def _changed(desk: Desk, now: datetime, _: Language) -> list[dict[str, Any]]:
    """Roles that a new version of the program has changed lately, and who has them."""
    found = await changed(desk.door.pool, now - LATELY)
    holders = await provisioning.holders(desk.door, desk.permit, {code for code, *_rest in found})
    rows = []
    for code, at, was, became in found:
        told: Difference = between(was, became)
        rows.append(
            {
                "name": role_name(code, desk.language),
                "at": formats.when(at, now=now, language=_),
                "lost": _side(told.lost, [], {}, desk, _),
                "gained": _side(told.gained, [], {}, desk, _),
                "holders": holders.get(code, []),
            }
        )
    return rows
