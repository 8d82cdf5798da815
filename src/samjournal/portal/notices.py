"""«Varsler»: how one is told that something is new, what one was told, and the browsers that show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import letters
from samjournal.fhir.errors import Invalid
from samjournal.letters import CHANNELS, KINDS, Line, Wish
from samjournal.letters.kinds import Channel
from samjournal.portal.visiting import visit
from samjournal.record.find import represented_cards
from samjournal.ui.devices import device_of
from samjournal.ui.language import Language, language, marked

INDEX: Final = {"nb": 0, "nn": 1, "en": 2}
CHANNEL_NAMES: Final = {
    "push": marked("App"),
    "sms": marked("SMS"),
    "email": marked("E-post"),
    "letter": marked("Brev"),
    "hand": marked("Brev"),
    "person": marked("Telefon"),
}
WENT: Final = {
    "waiting": marked("på vei"),
    "delivered": marked("sendt"),
    "failed": marked("kom ikke fram"),
    "over": marked("ikke sendt, det gjaldt ikke lenger"),
}
WHY: Final = {
    "over": marked("ikke sendt, det gjaldt ikke lenger"),
    "no-longer": marked("ikke sendt, du kan ikke lenger se det"),
    "not-shown": marked("ikke sendt, det vises ikke for deg nå"),
    "with-report": marked("sendt sammen med et annet svar"),
    "not-wanted": marked("ikke sendt, du har slått det av"),
    "no-channel": marked("ikke sendt, vi vet ikke hvordan du nås"),
    "nobody": marked("ikke sendt"),
}


async def show(request: Request) -> Response:
    """GET the page; who acts for another is told that the settings are each one's own."""
    return await _page(request)


async def _page(request: Request, wrong: str = "") -> Response:
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open()
    door, permit, channels = request.app.state.door, request.state.permit, request.app.state.channels
    if permit.represents is not None:
        return here.page("notices.html", snapshot, tab="record", own=False)
    wish = await letters.wish_of(door, here.patient_id)
    lines = await letters.own(door, permit)
    mine = door.persons.stays(here.patient_id)
    others = sorted({one.about for one in lines} - {mine})
    names = {one.id: f"{one.given} {one.family}".strip() for one in await represented_cards(door, permit, others)}
    return here.page(
        "notices.html",
        snapshot,
        tab="record",
        own=True,
        how=await letters.how(door, permit, channels),
        kinds=kinds(wish, here.say),
        channels=[(one, here.say(CHANNEL_NAMES[one]), channels.has(one)) for one in CHANNELS],
        wish=wish,
        lines=[told(one, mine, names, here.say) for one in lines],
        push=channels.push.public if channels.push else "",
        done=request.query_params.get("done") or "",
        wrong=here.say(wrong) if wrong else "",
        status=422 if wrong else 200,
    )


def kinds(wish: Wish, _: Language) -> list[dict[str, Any]]:
    """Each kind with what is chosen."""
    return [
        {
            "code": kind.code,
            "name": kind.names[INDEX[_.code]],
            "fixed": kind.is_fixed,
            "letter": kind.letter,
            "urgent": kind.level == "urgent",
            "daily": kind.level == "information",
            "chosen": wish.channels(kind.code),
        }
        for kind in KINDS.values()
    ]


def told(line: Line, mine: str, names: Mapping[str, str], _: Language) -> dict[str, Any]:
    """One notice as a line."""
    kind = KINDS[line.kind].names[INDEX[_.code]] if line.kind in KINDS else line.kind
    how = _(CHANNEL_NAMES[line.channel]) if line.channel in CHANNEL_NAMES else ""
    if line.state == "dropped":
        state = _(WHY.get(line.why, WHY["nobody"]))
    elif line.state == "waiting":
        state = _("venter på å bli sendt")
    else:
        state = _(WENT.get(line.went, WENT["waiting"]))
    return {
        "at": line.ended or line.made,
        "kind": kind,
        "about": "" if line.about == mine else names.get(line.about, ""),
        "state": ", ".join(part for part in (how, state) if part),
        "is_fault": line.state == "dropped" and line.why == "no-channel",
    }


async def keep(request: Request) -> Response:
    """POST the settings. A kind that cannot be turned off and has no channel chosen is said on the page."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=60, max_files=0)
    choices = {code: _channels(form.getlist(code)) for code in KINDS}
    wrong = [code for code, chosen in choices.items() if KINDS[code].is_fixed and not chosen]
    if wrong:
        return await _page(request, marked("Noe kan ikke slås av: velg minst én måte der det står «alltid»."))
    wish = Wish(choices, form.get("others") == "yes", str(form.get("language", "")))
    await letters.keep(request.app.state.door, request.state.permit, here.patient_id, wish)
    return RedirectResponse("/portal/notices?done=kept", status_code=303)


def _channels(chosen: Iterable[object]) -> tuple[Channel, ...]:
    named = {str(one) for one in chosen}
    return tuple(one for one in CHANNELS if one in named)


async def browser(request: Request) -> Response:
    """POST by the page's script: this browser shows notices (`endpoint`, `p256dh`, `auth`), or shows them no more."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=6, max_files=0)
    door, permit, channels = request.app.state.door, request.state.permit, request.app.state.channels
    if form.get("remove"):
        await letters.unsubscribe(door, permit, here.patient_id, str(form["remove"])[:1000])
        return RedirectResponse("/portal/notices?done=removed", status_code=303)
    _ = language(here.say.code)
    agent = device_of(request) or _("Nettleser")
    endpoint, key, secret = (str(form.get(name, "")) for name in ("endpoint", "p256dh", "auth"))
    if not (endpoint and key and secret):
        raise Invalid("The browser said neither where nor with which keys.")
    await letters.subscribe(door, permit, here.patient_id, channels.push, endpoint, key, secret, agent)
    return RedirectResponse("/portal/notices?done=added", status_code=303)


def routes() -> list[BaseRoute]:
    """The pages of notices."""
    return [
        Route("/portal/notices", show, methods=["GET"]),
        Route("/portal/notices", keep, methods=["POST"]),
        Route("/portal/notices/browser", browser, methods=["POST"]),
    ]
