"""The portal's messages: the list, one conversation, a new message, and what is being written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import conversations
from samjournal.access import Permit
from samjournal.conversations import Asked, Unwritable
from samjournal.fhir.errors import Conflict, FhirError, Invalid, NotFound, PreconditionFailed, TooLarge
from samjournal.portal import message_form, threads
from samjournal.portal.message_form import Entered
from samjournal.portal.threads import Thread, document_ids
from samjournal.portal.visiting import Visit, visit
from samjournal.portal.wants import MESSAGES
from samjournal.record import (
    Draft,
    DraftEnded,
    DraftMoved,
    Snapshot,
    discard_draft,
    draft,
    drafts_about,
    query_of,
    read,
    search,
)
from samjournal.ui.attachments import File, listed, opened
from samjournal.ui.language import Language, marked

PLACE: Final = "/portal/messages"
ABOUT: Final = marked("Spørsmål om {what}")
DID: Final = {
    "sent": marked("Meldingen er sendt."),
    "draft": marked("Utkastet er lagret. Det er ikke sendt."),
    "discarded": marked("Utkastet er kastet."),
    "gone": marked("Utkastet er sendt eller kastet før. Ingenting er sendt nå."),
}
WRONG: Final = {
    "words": marked("Skriv meldingen."),
    "topic": marked("Skriv hva meldingen gjelder."),
    "to": marked("Velg hvem du vil skrive til."),
    "kind": marked("Filen kan ikke legges ved. Velg et bilde (JPEG eller PNG) eller en PDF, høyst tre filer."),
    "large": marked("Filen er for stor. Den kan være på høyst 5 MB."),
    "blocked": marked("Du har sperret journalen for dem. Ta bort sperringen, eller velg noen andre."),
    "silent": marked("De tar ikke imot meldinger her nå. Velg noen andre, eller ring dem."),
    "nobody": marked("Ingen der kan svare på meldinger nå. Velg noen andre, eller ring dem."),
    "many": marked("Du har sendt mange meldinger det siste døgnet. Teksten din er her. Haster det, så ring dem."),
    "unknown": marked("Du kan ikke skrive til dem herfra. Velg noen på listen."),
    "moved": marked(
        "Utkastet ble endret på en annen enhet, og ligger blant utkastene. Teksten din her er ikke sendt ennå."
    ),
    "ended": marked("Utkastet ble kastet på en annen enhet. Teksten din her er ikke sendt ennå."),
    "busy": marked("De gjorde noe med saken i samme øyeblikk. Teksten din er her. Send en gang til."),
}
"""What is said of a form that was not sent: why, and what to do."""


async def message_list(request: Request) -> Response:
    """GET /portal/messages: conversations, the unread first, and what is being written."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(MESSAGES)
    found = await threads_of(here, snapshot.lists["messages"], snapshot.at)
    permit: Permit = request.state.permit
    return here.page(
        "messages.html",
        snapshot,
        tab="messages",
        threads=found,
        drafts=await _drafts(here, permit),
        sends=permit.sends,
        more=len(snapshot.lists["messages"]) >= MESSAGES.count,
        did=_did(request, here.say),
    )


async def threads_of(here: Visit, messages: Sequence[dict[str, Any]], now: datetime) -> list[Thread]:
    """The conversations among some messages, with where each stands."""
    permit: Permit = here.request.state.permit
    stand = await conversations.standing(here.request.app.state.door, permit, messages, now)
    return threads.threads(messages, stand, here.say, as_=acts_as(permit))


def acts_as(permit: Permit) -> str:
    """As what somebody reads: the patient himself, or what he acts as."""
    return permit.represents.kind if permit.represents else "self"


async def _drafts(here: Visit, permit: Permit) -> list[Draft]:
    if not permit.sends:
        return []
    found = await drafts_about(here.request.app.state.door, permit, here.patient_id)
    return [one for one in found if one.about == "Communication"]


async def one_thread(request: Request) -> Response:
    """GET /portal/messages/{id}: one conversation, which is read by that, and the box for one more message."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    return await _thread(here, str(request.path_params["id"]), did=_did(request, here.say))


async def _thread(
    here: Visit, id_: str, *, entered: Entered | None = None, wrong: str = "", did: str = "", status: int = 200
) -> Response:
    permit: Permit = here.request.state.permit
    door = here.request.app.state.door
    snapshot = await here.open(MESSAGES)
    messages = await _messages(here, snapshot, id_)
    stand = await conversations.standing(door, permit, messages, datetime.now(UTC))
    said = _of_thread(threads.threads(messages, stand, here.say), messages, id_)
    files = await _files(here, said)
    found = threads.threads(said, stand, here.say, files, as_=acts_as(permit))
    shown = next((one for one in found if one.id == id_), None)
    if shown is None:
        raise NotFound("There is no such conversation.")
    await conversations.mark_read(door, permit, said)
    return here.page(
        "message.html",
        snapshot,
        tab="messages",
        thread=shown,
        answers=shown.answers and permit.sends,
        entered=entered or await _begun(here, permit, id_),
        wrong=here.say(WRONG[wrong]) if wrong else "",
        did=did,
        status=status,
    )


async def _begun(here: Visit, permit: Permit, id_: str) -> Entered:
    """What the reader began to answer and did not send, else an empty form."""
    door = here.request.app.state.door
    for one in await _drafts(here, permit):
        if one.title.startswith(f"{id_} "):
            try:
                return message_form.kept(await draft(door, permit, here.patient_id, str(one.id)))
            except DraftEnded:
                continue
    return message_form.fresh(thread=id_)


async def _messages(here: Visit, snapshot: Snapshot, id_: str) -> list[dict[str, Any]]:
    """The newest messages, and all of a conversation of ours, however old."""
    found = {str(one["id"]): one for one in snapshot.lists["messages"]}
    if id_ not in found or conversations.kind_of(found[id_]):
        whole = await conversations.conversation(here.request.app.state.door, here.request.state.permit, id_)
        found |= {str(one["id"]): one for one in whole}
    return list(found.values())


def _of_thread(found: Sequence[Thread], messages: Sequence[dict[str, Any]], id_: str) -> list[dict[str, Any]]:
    """The messages of one conversation: also those that other systems wrote, which name what they answer alone."""
    ids = {line.id for one in found if one.id == id_ for line in one.lines}
    return [one for one in messages if str(one["id"]) in ids]


async def _files(here: Visit, messages: Sequence[dict[str, Any]]) -> Mapping[str, list[File]]:
    permit, door = here.request.state.permit, here.request.app.state.door
    named = {str(one["id"]): ids for one in messages if (ids := document_ids(one))}
    wanted = list(dict.fromkeys(id_ for ids in named.values() for id_ in ids))[:60]
    if not wanted or not permit.may("s", "DocumentReference"):
        return {}
    page = await search(door, permit, query_of("DocumentReference", [("_id", ",".join(wanted)), ("_count", "60")]))
    found = {one.id: listed(one.resource(), f"{PLACE}/files/{one.id}", here.say) for one in page.matches}
    return {id_: [each for one in ids for each in found.get(one, ())] for id_, ids in named.items()}


async def one_file(request: Request) -> Response:
    """GET /portal/messages/files/{document}/{n}: a file that came with a message that the reader sees."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    id_, door, permit = str(request.path_params["document"]), request.app.state.door, request.state.permit
    snapshot = await here.open(MESSAGES)
    named = any(id_ in document_ids(one) for one in snapshot.lists["messages"])
    found = await read(door, permit, "DocumentReference", id_)
    # What came with an older message was sent by the patient, and is the patient's own to read.
    if not named and not conversations.is_from_patient({"sender": (found.resource().get("author") or [{}])[0]}):
        raise NotFound("There is no such document.")
    return opened(request, found.resource(), int(request.path_params["n"]))


async def new(request: Request) -> Response:
    """GET /portal/messages/new: write to somebody; `draft` goes on with one that was begun, `to` chooses."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    begun = request.query_params.get("draft", "")
    if not begun:
        about = request.query_params.get("about", "")[:100]
        pointed = await _pointed(here, about)
        topic = here.say(ABOUT, what=pointed["display"]) if pointed else ""
        to = request.query_params.get("to", "")[:100]
        return await _form(here, message_form.fresh(to=to, about=about if pointed else "", topic=topic))
    try:
        found = message_form.kept(await draft(request.app.state.door, request.state.permit, here.patient_id, begun))
    except DraftEnded:
        return RedirectResponse(f"{PLACE}?did=gone", status_code=303)
    if found.thread:
        return RedirectResponse(f"{PLACE}/{found.thread}", status_code=303)
    return await _form(here, found)


async def _pointed(here: Visit, about: str) -> dict[str, Any] | None:
    """The reference to what of the record a question is about, with its labels; None for what the reader does not
    see."""
    type_, _, id_ = about.partition("/")
    if type_ not in conversations.DEMANDED:
        return None
    try:
        found = (await read(here.request.app.state.door, here.request.state.permit, type_, id_)).resource()
    except FhirError as problem:
        if problem.status not in (400, 403, 404, 410):
            raise
        return None
    labels = (found.get("meta") or {}).get("security") or []
    return {"reference": about, "display": conversations.title_of(found), "labels": labels}


async def _form(here: Visit, entered: Entered, *, wrong: str = "", status: int = 200) -> Response:
    snapshot = await here.open()
    permit: Permit = here.request.state.permit
    found = await conversations.teams(here.request.app.state.door, permit)
    bonds = threads.BONDS_OF_ANOTHER if permit.represents else threads.BONDS
    return here.page(
        "message_new.html",
        snapshot,
        tab="messages",
        teams=[(one, here.say(bonds[one.kind]) if one.kind in bonds else "") for one in found],
        open_=any(not one.closed for one in found),
        entered=entered,
        wrong=here.say(WRONG[wrong]) if wrong else "",
        field=wrong if wrong in ("to", "topic", "words") else "",
        status=status,
    )


async def write(request: Request) -> Response:
    """POST: send it, keep it as a draft, or throw the draft away."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    async with request.form(max_fields=12, max_files=message_form.FILES + 1) as form:
        one = message_form.entered(form)
        if kept := await _kept(here, form, one, title=one.topic or one.words[:60]):
            return kept
        return await _sent(here, form, one)


async def _sent(here: Visit, form: FormData, one: Entered) -> Response:
    door, permit = here.request.app.state.door, here.request.state.permit
    missing = next((name for name in ("to", "topic", "words") if not getattr(one, name).strip()), "")
    if missing:
        return await _form(here, one, wrong=missing, status=422)
    try:
        pointed = await _pointed(here, one.about)
        labels = tuple(pointed.pop("labels")) if pointed else ()
        about = (pointed,) if pointed else ()
        files = await message_form.files_of(form)
        asked = Asked(one.to, one.topic, one.words, about=about, files=files, labels=labels)
        id_ = await conversations.ask(door, permit, asked, one.ending)
    except DraftEnded as ended:
        if ended.became:
            return RedirectResponse(f"{PLACE}/{ended.became.partition('/')[2]}?did=sent", status_code=303)
        return await _form(here, message_form.again(one), wrong="ended", status=409)
    except (Invalid, TooLarge, Unwritable, DraftMoved) as problem:
        again = message_form.again(one) if isinstance(problem, DraftMoved) else one
        return await _form(here, again, wrong=why(problem), status=422)
    return RedirectResponse(f"{PLACE}/{id_}?did=sent", status_code=303)


async def answer(request: Request) -> Response:
    """POST: one more message in a conversation, or its draft."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    id_ = str(request.path_params["id"])
    door, permit = request.app.state.door, request.state.permit
    async with request.form(max_fields=12, max_files=message_form.FILES + 1) as form:
        one = replace(message_form.entered(form), thread=id_)
        if kept := await _kept(here, form, one, title=f"{id_} {one.words[:60]}"):
            return kept
        if not one.words.strip():
            return await _thread(here, id_, entered=one, wrong="words", status=422)
        try:
            files = await message_form.files_of(form)
            await conversations.follow_up(door, permit, id_, one.words, one.ending, files=files)
        except DraftEnded as ended:
            if ended.became:
                return RedirectResponse(f"{PLACE}/{id_}?did=sent", status_code=303)
            return await _thread(here, id_, entered=message_form.again(one), wrong="ended", status=409)
        except (Invalid, TooLarge, Conflict, PreconditionFailed) as problem:
            again = message_form.again(one) if isinstance(problem, DraftMoved) else one
            return await _thread(here, id_, entered=again, wrong=why(problem), status=422)
    return RedirectResponse(f"{PLACE}/{id_}?did=sent", status_code=303)


async def _kept(here: Visit, form: FormData, one: Entered, *, title: str) -> Response | None:
    """The answer to a form that is about its draft alone; None for one that is sent. A page that saves by itself hears
    how, and nothing is lost when it cannot: what stands on the page stays there."""
    act, door, permit = str(form.get("act") or ""), here.request.app.state.door, here.request.state.permit
    if act not in ("draft", "discard"):
        return None
    quiet = "application/json" in here.request.headers.get("accept", "")
    try:
        if act == "draft" and not one.is_empty:
            saved = await message_form.save(door, permit, here.patient_id, one, title)
            if quiet:
                return JSONResponse({"version": saved.version})
        elif act == "discard" and one.version:
            await discard_draft(door, permit, here.patient_id, one.draft, one.version, one.page)
    except (DraftMoved, DraftEnded) as problem:
        if quiet:
            return JSONResponse({"moved": isinstance(problem, DraftMoved)}, status_code=409)
        did = "gone" if isinstance(problem, DraftEnded) else ""
        if did or act == "discard":
            return RedirectResponse(f"{PLACE}?did={did}", status_code=303)
        saved = await message_form.save(door, permit, here.patient_id, message_form.again(one), title)
    if quiet:
        return JSONResponse({"version": one.version})
    return RedirectResponse(f"{PLACE}?did={'draft' if act == 'draft' else 'discarded'}", status_code=303)


def why(problem: Exception) -> str:
    """What was wrong with a form, as a key of WRONG."""
    if isinstance(problem, Unwritable):
        return problem.why
    if isinstance(problem, DraftMoved):
        return "moved"
    if isinstance(problem, TooLarge):
        return "large"
    if isinstance(problem, (Conflict, PreconditionFailed)):
        return "busy"
    return "kind" if "attached" in str(problem) else "words"


def _did(request: Request, _: Language) -> str:
    did = request.query_params.get("did", "")
    return _(DID[did]) if did in DID else ""


def routes() -> list[BaseRoute]:
    """The addresses of the messages."""
    return [
        Route(PLACE, message_list, methods=["GET"]),
        Route(f"{PLACE}/new", new, methods=["GET"]),
        Route(f"{PLACE}/new", write, methods=["POST"]),
        Route(f"{PLACE}/files/{{document}}/{{n:int}}", one_file, methods=["GET"]),
        Route(f"{PLACE}/{{id}}", one_thread, methods=["GET"]),
        Route(f"{PLACE}/{{id}}", answer, methods=["POST"]),
    ]
