"""The problem list of a patient: shown, added to, changed, merged. What cannot be stored is told, and not lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import problems
from samjournal.db.pool import Unavailable
from samjournal.fhir.errors import Conflict, FhirError, Invalid, VersionMoved
from samjournal.problems import CERTAINTIES, AlreadyThere, Coded
from samjournal.record import Want, open_chart, read
from samjournal.ui.formats import OSLO
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace import codes
from samjournal.workspace.comparing import chosen
from samjournal.workspace.counted import counted
from samjournal.workspace.days import day_of
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import said
from samjournal.workspace.page import framed, reader_of
from samjournal.workspace.problem_view import CERTAIN, SOURCES, WRONG, carried, differences, same, sections, uncarried
from samjournal.workspace.settling import Both, seen_of, settle
from samjournal.workspace.typed import line, odd
from samjournal.workspace.unsaved import kept
from samjournal.workspace.wants import BANNER

WANTS: Final = (
    Want("allergies", "AllergyIntolerance"),
    Want("flags", "Flag", count=30),
    Want("encounters", "Encounter", "_sort=-date", 10),
    Want("relatives", "RelatedPerson", count=10),
    Want("problems", "Condition", count=200),
    Want("operations", "Procedure", count=100),
)
FIELDS: Final = ("q", "pick", "kind", "certainty", "since", "source", "note", "existing", "another")
NAME: Final = ("rename", "name", "name_pick")
"""Of the form that changes what a problem is called: which (an id), the words, the code."""
KEEP: Final = "keep"
"""What is chosen when the code stays and the words alone are changed."""
SAVED: Final = {
    "added": marked("Ført opp på listen. Alle som har pasienten, ser det nå."),
    "linked": marked("Sto på listen fra før, og er knyttet til notatet."),
    "operation": marked("Operasjonen er ført opp."),
    "changed": marked("Endringen er lagret."),
    "renamed": marked("Navnet er endret. Det som sto, er bevart i historikken."),
    "closed": marked("Flyttet til Tidligere."),
    "reopened": marked("Flyttet tilbake til det som pågår."),
    "wrong": marked("Merket som feilført. Det står i historikken, og ikke på listen."),
    "merged": marked("Slått sammen. Begge er bevart under den ene."),
    "parted": marked("Delt igjen. Begge står på listen."),
}


async def show(request: Request, desk: Desk) -> Response:
    """GET the list; with `q` what fits it, for who has no scripts (`name` for the problem `rename`); `note` is the note
    that a diagnosis is to be on."""
    entered = {name: request.query_params.get(name, "")[:100] for name in (*FIELDS, *NAME)}
    return await _page(request, desk, entered=entered)


async def add(request: Request, desk: Desk) -> Response:
    """POST a problem or an operation. Nothing is stored until it is plain which code is meant."""
    form = await request.form(max_fields=14, max_files=0)
    entered = {name: line(form.get(name)) for name in FIELDS}
    patient_id = str(request.path_params["id"])
    _ = language(desk.language)
    coded, errors = await meant(desk, entered, _)
    since = day_of(entered["since"])
    if since is None:
        errors["since"] = _("Skriv datoen som 2019, 05.2019 eller 12.05.2019.")
    if coded is None or since is None or errors:
        return await _page(request, desk, entered=entered, errors=errors, status=422)
    if not desk.is_meant(form.get("role")):
        return kept(request, desk, patient_id, None, action="problems", entered=entered, said=coded.text)
    try:
        done = await _store(desk, patient_id, coded, entered, since)
    except AlreadyThere as there:
        return await _page(request, desk, entered=entered, there=there.existing.resource(), status=409)
    except Invalid:
        errors["since"] = _("Det lot seg ikke lagre. Se over navn og dato: datoen kan ikke ligge fram i tid.")
        return await _page(request, desk, entered=entered, errors=errors, status=422)
    except (FhirError, Unavailable) as error:
        return kept(request, desk, patient_id, error, action="problems", entered=entered, said=coded.text)
    await problems.remember(desk.door, desk.permit, coded)
    return _back(patient_id, done, note=entered["note"])


async def _store(desk: Desk, patient_id: str, coded: Coded, entered: dict[str, str], since: str) -> str:
    source = entered["source"] if entered["source"] in SOURCES else "self"
    if entered["kind"] == "operation":
        await problems.add_operation(desk.door, desk.permit, patient_id, coded, on=since, source=source)
        return "operation"
    added = await problems.add(
        desk.door,
        desk.permit,
        patient_id,
        coded,
        certainty=entered["certainty"] if entered["certainty"] in CERTAINTIES else "confirmed",
        since=since,
        source=source,
        note=entered["note"] or None,
        existing=entered["existing"] or None,
        another=entered["another"] == "yes",
    )
    return "linked" if added.stood else "added"


async def meant(desk: Desk, entered: dict[str, str], _: Language) -> tuple[Coded | None, dict[str, str]]:
    """What somebody means by what he typed and chose; None with what is to be asked when that is not plain. A code is
    taken only if it was chosen among what fits the words that stand in the field."""
    typed, pick = entered["q"], entered["pick"]
    if not typed and not pick:
        return None, {"q": _("Skriv hva det er, og velg en kode eller «uten kode».")}
    if wrong := odd(typed, _):
        return None, {"q": wrong}
    if pick == codes.UNCODED and typed:
        return Coded(typed), {}
    if not pick:
        return None, {"q": _("Velg hva du mener: en av kodene, eller «uten kode».")}
    coded, wrong = await codes.picked(desk, typed, pick, _)
    return coded, {"q": wrong} if wrong else {}


async def act(request: Request, desk: Desk) -> Response:
    """POST what is done with a problem that stands: `do` is certainty, name, close, reopen, wrong, merge, part, or
    settle: what was chosen of what two people wrote."""
    form = chosen(await request.form(max_fields=20, max_files=0))
    patient_id, id_ = str(request.path_params["id"]), str(request.path_params["problem"])
    _ = language(desk.language)
    if not desk.is_meant(form.get("role")):
        return await _page(
            request, desk, problem=_("Du har byttet rolle. Se over, og gjør det en gang til."), status=409
        )
    version = counted(form.get("version"))
    day = day_of(str(form.get("day", ""))[:20])
    if day is None:
        return await _page(request, desk, problem=_("Skriv datoen som 2019, 05.2019 eller 12.05.2019."), status=422)
    if form.get("do") == "name":
        return await _name(request, desk, form, version)
    try:
        done = await _do(desk, patient_id, id_, form, version, day)
    except VersionMoved:
        return await _both(request, desk, form, version, day)
    except Conflict:
        if form.get("do") in STATES and await _is_moved(desk, id_, version):
            return await _both(request, desk, form, version, day)
        told = _("Det lot seg ikke gjøre: det er alt gjort, eller listen er endret. Se på den igjen.")
        return await _page(request, desk, problem=told, status=409)
    except Invalid:
        told = _("Datoen kan ikke stemme: den ligger fram i tid, eller før det begynte.")
        return await _page(request, desk, problem=told, status=422)
    return _back(patient_id, done, undo=id_ if done == "merged" else "")


async def _name(request: Request, desk: Desk, form: FormData, version: int) -> Response:
    """What a problem is called, or how its code is, is another; what was wrong is said beside the field."""
    patient_id, id_ = str(request.path_params["id"]), str(request.path_params["problem"])
    _ = language(desk.language)
    typed, pick = line(form.get("name")), line(form.get("name_pick"))
    entered = {**dict.fromkeys(FIELDS, ""), "rename": id_, "name": typed, "name_pick": pick}
    wrong = odd(typed, _) if typed or pick not in ("", KEEP, codes.UNCODED) else _("Skriv hva det er.")
    coded: Coded | None = Coded(typed)
    if not wrong and pick not in ("", KEEP, codes.UNCODED):
        coded, wrong = await codes.picked(desk, typed, pick, _, "name")
    if wrong or coded is None:
        return await _page(request, desk, entered=entered, errors={"name": wrong}, status=422)
    keeps = pick in ("", KEEP)
    try:
        await problems.rename(desk.door, desk.permit, patient_id, id_, coded, version=version, keeps_code=keeps)
    except VersionMoved:
        return await _both(request, desk, form, version, "", called=coded, keeps_code=keeps)
    except Conflict:
        told = _("Det heter det alt. Ingenting er endret.")
        return await _page(request, desk, entered=entered, errors={"name": told}, status=409)
    return _back(patient_id, "renamed")


async def _do(desk: Desk, patient_id: str, id_: str, form: FormData, version: int, day: str) -> str:
    door, permit = desk.door, desk.permit
    match str(form.get("do", "")):
        case "close":
            await problems.close(door, permit, patient_id, id_, version=version, on=day)
            return "closed"
        case "reopen":
            await problems.reopen(door, permit, patient_id, id_, version=version)
            return "reopened"
        case "wrong":
            await problems.entered_in_error(door, permit, patient_id, id_, version=version)
            return "wrong"
        case "settle":
            over, certainty = str(form.get("over", ""))[:40], str(form.get("certainty", ""))[:20]
            called = uncarried(str(form["called"])) if "called" in form else None
            await problems.settle(
                door, permit, patient_id, id_, certainty=certainty, over=over, called=called, version=version
            )
            return "changed"
        case "merge":
            await problems.merge(door, permit, patient_id, id_, str(form.get("into", ""))[:64])
            return "merged"
        case "part":
            await problems.part(door, permit, patient_id, id_)
            return "parted"
        case _:
            certainty = str(form.get("certainty", ""))[:20]
            await problems.change_certainty(door, permit, patient_id, id_, certainty=certainty, version=version)
            return "changed"


STATES: Final = ("certainty", "close", "reopen", "wrong", "settle")
"""What changes how a problem stands."""


async def _is_moved(desk: Desk, id_: str, version: int) -> bool:
    return (await read(desk.door, desk.permit, "Condition", id_)).version != version


async def _both(
    request: Request,
    desk: Desk,
    form: FormData,
    version: int,
    day: str,
    *,
    called: Coded | None = None,
    keeps_code: bool = False,
) -> Response:
    """The page with what was wanted of a problem beside what somebody else made of it meanwhile."""
    patient_id, id_ = str(request.path_params["id"]), str(request.path_params["problem"])
    stands = await read(desk.door, desk.permit, "Condition", id_)
    seen = await seen_of(desk, stands, version)
    snapshot = await open_chart(desk.door, desk.permit, patient_id, BANNER)
    there, _ = stands.resource(), language(desk.language)
    wanted = _wanted(form, seen, day)
    if called is not None:
        had = problems.called_of(seen)
        wanted["called"] = carried(Coded(called.text, had.code, had.system) if keeps_code else called)
    both = Both(
        name=said(there.get("code"), _) or _("uten navn"),
        stands=stands,
        fields=differences(seen, there, wanted, _),
        action=f"/workspace/patients/{patient_id}/problems/{quote(id_)}",
        hidden={"do": "settle"},
        back=f"/workspace/patients/{patient_id}/problems",
        closed=problems.certainty_of(there) == WRONG,
    )
    return await settle(request, desk, both, snapshot, here="problems")


def _wanted(form: FormData, seen: dict[str, Any], day: str) -> dict[str, str]:
    """How sure, since when over, and what it is called, as the form would have it of the problem that was seen."""
    had = {"certainty": problems.certainty_of(seen), "over": problems.over_since(seen)}
    had["called"] = carried(problems.called_of(seen))
    match form.get("do"):
        case "settle":
            return {name: str(form.get(name, ""))[:400] for name in had}
        case "name":
            return had
        case "close":
            return had | {"over": day or datetime.now(OSLO).date().isoformat()}
        case "reopen":
            return had | {"over": "", **({"certainty": "provisional"} if had["certainty"] == "refuted" else {})}
        case "wrong":
            return had | {"certainty": WRONG}
    certainty = str(form.get("certainty", ""))[:20]
    return had | {"certainty": certainty, "over": "" if had["certainty"] == "refuted" else had["over"]}


def _back(patient_id: str, done: str, *, note: str = "", undo: str = "") -> Response:
    more = (f"&note={quote(note)}" if note else "") + (f"&undo={quote(undo)}" if undo else "")
    return RedirectResponse(f"/workspace/patients/{patient_id}/problems?saved={done}{more}", status_code=303)


async def _page(
    request: Request,
    desk: Desk,
    *,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    there: dict[str, Any] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    patient_id = str(request.path_params["id"])
    entered = {**dict.fromkeys((*FIELDS, *NAME), ""), **(entered or {})}
    snapshot = await open_chart(desk.door, desk.permit, patient_id, WANTS)
    reader = reader_of(desk, snapshot)
    listed = snapshot.lists.get("problems", [])
    return render(
        request,
        "workspace/problems.html",
        status=status,
        **framed(desk, snapshot, reader, here="problems"),
        sections=sections(listed, snapshot.lists.get("operations", []), reader),
        same=same(listed, reader),
        choices=await codes.choices(desk, entered["q"]),
        typed=entered["q"],
        picked=entered["pick"],
        names=await codes.choices(desk, entered["name"], "name") if entered["rename"] else [],
        entered=entered,
        errors=errors or {},
        there={"id": there["id"], "name": said(there.get("code"), reader.language)} if there else None,
        problem=problem,
        certain=CERTAIN,
        sources=SOURCES,
        saved=SAVED.get(request.query_params.get("saved", ""), ""),
        undo=request.query_params.get("undo", "")[:64],
    )
