"""The organisations that work in this record, for who runs it: numbers, who is there, how each is reached. Row 2.8"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from samjournal import provisioning
from samjournal.fhir.dates import span
from samjournal.fhir.errors import Forbidden
from samjournal.fhir.identifiers import HER, ORGANIZATION, spaced
from samjournal.record import query_of, search
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk, role_name

MOST: Final = 200
STATES: Final = {
    "shared": marked("skriver i denne journalen"),
    "later": marked("skriver i denne journalen fra {day}"),
    "message": marked("nås med meldinger"),
    "none": marked("tar ikke imot meldinger"),
    "left": marked("har gått ut"),
}


async def show(request: Request, desk: Desk) -> Response:
    """GET the page; `q` is a part of a name."""
    if not desk.permit.operates:
        raise Forbidden("This page is for who runs the system.")
    _, now = language(desk.language), datetime.now(UTC)
    text = request.query_params.get("q", "").strip()[:100]
    asked = [("_sort", "name"), ("_count", str(MOST))]
    asked += [("name:contains", text.replace("\\", "\\\\").replace(",", "\\,"))] if text else []
    page = await search(desk.door, desk.permit, query_of("Organization", asked))
    units = [one.resource() for one in page.matches]
    ids = [one["id"] for one in units]
    people = await provisioning.people_at(desk.door.pool, ids)
    ways = await _ways(desk, ids)
    names = {one["id"]: one.get("name", one["id"]) for one in units}
    return render(
        request,
        "workspace/organisations.html",
        desk=desk,
        query=text,
        more=page.next_cursor is not None,
        units=[_unit(one, names, people.get(one["id"], []), ways.get(one["id"]), desk, now, _) for one in units],
        unmapped=await provisioning.unmapped(desk.door.pool),
    )


async def _ways(desk: Desk, ids: list[str]) -> dict[str, dict[str, Any]]:
    """The Endpoint of each of some units; the shared one before others."""
    found: dict[str, dict[str, Any]] = {}
    if not ids:
        return found
    asked = [("organization", ",".join(f"Organization/{id_}" for id_ in ids)), ("_count", str(MOST))]
    for one in (await search(desk.door, desk.permit, query_of("Endpoint", asked))).matches:
        endpoint = one.resource()
        unit = endpoint.get("managingOrganization", {}).get("reference", "").removeprefix("Organization/")
        if unit not in found or endpoint.get("connectionType", {}).get("code") == "shared":
            found[unit] = endpoint
    return found


def _unit(
    one: dict[str, Any],
    names: dict[str, str],
    people: list[tuple[str, int]],
    endpoint: dict[str, Any] | None,
    desk: Desk,
    now: datetime,
    _: Language,
) -> dict[str, Any]:
    above = one.get("partOf", {})
    numbers = {each.get("system"): each.get("value", "") for each in one.get("identifier", ())}
    return {
        "id": one["id"],
        "name": one.get("name", one["id"]),
        "above": above.get("display") or names.get(above.get("reference", "").removeprefix("Organization/"), ""),
        "number": spaced(numbers.get(ORGANIZATION, "")),
        "her": numbers.get(HER, ""),
        "people": [f"{role_name(code, desk.language)}: {count}" for code, count in people],
        "state": _state(one, endpoint, now, _),
        "has_left": one.get("active") is False,
    }


def _state(one: dict[str, Any], endpoint: dict[str, Any] | None, now: datetime, _: Language) -> str:
    if one.get("active") is False:
        return _(STATES["left"])
    if endpoint is None or endpoint.get("status") != "active":
        return _(STATES["none"])
    if endpoint.get("connectionType", {}).get("code") != "shared":
        return _(STATES["message"])
    start = endpoint.get("period", {}).get("start")
    if start and span(start).lo > now:
        return _(STATES["later"], day=formats.day(span(start).lo, now=now, language=_))
    return _(STATES["shared"])
