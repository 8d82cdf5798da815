"""Who can be sent to: whoever has a queue that somebody reads, or an address that was tried, for this kind of message.

    receivers(door, permit, kind, now, named="", units=None) -> list[Receiver]
    place_of(door, permit, her, now) -> Resource | None         where whoever has this HER-id takes messages; for jobs

Each place is an Endpoint: hl7.org/fhir/R4/endpoint.html. `managingOrganization` has it, `payloadType` says which kinds
it takes, `period` from when until when. Its status is `test` until a test message got through (`activating`), and
`active` from then on. A unit that works in this record has one whose connection is `shared`: no message is sent to it,
but somebody must be able to sign in there and not be away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from samjournal import accounts
from samjournal.access import Permit, for_job
from samjournal.fhir.dates import span
from samjournal.fhir.identifiers import HER
from samjournal.fhir.keys import local
from samjournal.messages.addressing import is_whole
from samjournal.messages.states import KIND
from samjournal.messages.versions import escaped
from samjournal.record import Door, query_of, search
from samjournal.record.beside import matches, resources
from samjournal.tasks import absent
from samjournal.tasks.manned import roles_for

Resource = dict[str, Any]
CONNECTION: Final = "urn:samjournal:connection"
SHARED: Final = "shared"
Why = Literal["", "no-sender", "no-endpoint", "untested", "nobody", "kind", "not-yet", "over", "closed"]
_ORDER: Final[tuple[Why, ...]] = (
    "",
    "no-sender",
    "nobody",
    "not-yet",
    "untested",
    "kind",
    "closed",
    "over",
    "no-endpoint",
)
_MOST: Final = 200
_HIGHEST: Final = 8


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody to send to, as a reference with a name. `why` is "" when he can be chosen; else `untested`: no test
    message got through; `nobody`: nobody can sign in there, or all are away; `kind`: not for this kind; `not-yet`,
    `over`: by its period; `closed`: suspended; `no-endpoint`: it has none; `no-sender`: whoever asks has no address of
    two levels himself. `way` is how it goes: `shared`, `no-amqp`,
    `folder` …; `owner` names who reads it, `since` when that changes (YYYY-MM-DD), "" for not known."""

    organisation: Resource
    endpoint: str
    way: str
    why: Why
    owner: str = ""
    since: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether he can be chosen."""
        return not self.why

    @property
    def id(self) -> str:
        """The id of the organisation."""
        return str(self.organisation["reference"]).removeprefix("Organization/")


async def receivers(
    door: Door,
    permit: Permit,
    kind: str,
    now: datetime,
    *,
    named: str = "",
    units: Collection[str] | None = None,
    sender: str = "",
) -> list[Receiver]:
    """Who takes messages of a kind (8279), or why not: those whose name begins with or has `named`, or those of some
    organisations (ids); the ready first, then by name. One line for each organisation. A `sender` (the id of a unit)
    without an address of two levels can choose nobody outside: his message would stop after it was signed."""
    asked = [("_count", str(_MOST)), ("_sort", "name")]
    if named:
        asked.append(("name:contains", escaped(named)))
    if units is not None:
        if not units:
            return []
        asked.append(("organization", ",".join(f"Organization/{one}" for one in units)))
    page = await search(door, permit, query_of("Endpoint", asked))
    # What no organisation of this record has, an example of another maker's, is nobody to send to.
    endpoints = [one for one in (each.resource() for each in page.matches) if _unit(one)]
    shared = [_unit(one) for one in endpoints if _way(one) == SHARED]
    there = await _staff(door, shared, now)
    found: dict[str, Receiver] = {}
    for one in endpoints:
        receiver = _receiver(one, kind, now, there.get(_unit(one), []))
        other = found.get(receiver.id)
        if other is None or _order(receiver) < _order(other):
            found[receiver.id] = receiver
    outside = [one for one in found.values() if one.is_ready and one.way != SHARED]
    if sender and outside and not await is_whole(door, for_job("receivers"), sender):
        found |= {one.id: replace(one, why="no-sender") for one in outside}
    for unit in units or ():
        if unit not in found:
            found[unit] = Receiver({"reference": f"Organization/{unit}"}, "", "", "no-endpoint")
    return sorted(found.values(), key=lambda one: (bool(one.why), one.organisation.get("display", "").casefold()))


def _order(one: Receiver) -> tuple[int, bool]:
    """Of two places of one organisation the ready one counts; where both are, the one for which no message is
    needed."""
    return _ORDER.index(one.why), one.way != SHARED


async def _staff(door: Door, units: Collection[str], now: datetime) -> dict[str, list[str]]:
    """The names of those at some units who can sign in to a role that sees to work, and are not away."""
    if not units:
        return {}
    staffed = await accounts.staffed(door.pool, units, roles_for("do"))
    gone = await absent(door, for_job("receivers"), now)
    return {
        unit: [name for role, name in people.items() if f"PractitionerRole/{role}" not in gone]
        for unit, people in staffed.items()
    }


def _receiver(endpoint: Resource, kind: str, now: datetime, there: list[str]) -> Receiver:
    way = _way(endpoint)
    why, since = _why(endpoint, kind, now, is_staffed=way != SHARED or bool(there))
    owner = there[0] if there else next((one["value"] for one in endpoint.get("contact", ()) if "value" in one), "")
    return Receiver(dict(endpoint["managingOrganization"]), endpoint["id"], way, why, owner, since)


def _why(endpoint: Resource, kind: str, now: datetime, *, is_staffed: bool) -> tuple[Why, str]:
    period = endpoint.get("period", {})
    if "start" in period and span(period["start"]).lo > now:
        return "not-yet", str(period["start"])[:10]
    if "end" in period and span(period["end"]).hi <= now:
        return "over", str(period["end"])[:10]
    if endpoint["status"] == "test":
        return "untested", ""
    if endpoint["status"] != "active":
        return "closed", ""
    if kind not in kinds_of(endpoint):
        return "kind", ""
    return ("" if is_staffed else "nobody"), ""


def kinds_of(endpoint: Resource) -> set[str]:
    """The codes of 8279 that an Endpoint takes."""
    return {
        one["code"]
        for each in endpoint.get("payloadType", ())
        for one in each.get("coding", ())
        if one.get("system") == KIND and "code" in one
    }


async def place_of(door: Door, permit: Permit, her: str, now: datetime) -> Resource | None:
    """The Endpoint of an organisation outside by its HER-id, or of what it lies under: where receipts go, whatever
    kinds of messages it takes."""
    found = await matches(door, permit, "Organization", [("identifier", f"{HER}|{her}")]) if her else []
    at: Resource | None = found[0].resource() if found else None
    for _ in range(_HIGHEST):
        if at is None:
            return None
        for one in await matches(door, permit, "Endpoint", [("organization", f"Organization/{at['id']}")]):
            body = one.resource()
            if _way(body) != SHARED and _why(body, "", now, is_staffed=True)[0] in ("kind", "untested"):
                return body
        named = (local(at.get("partOf", {}).get("reference", "")) or "").removeprefix("Organization/")
        above = (await resources(door, permit, [("Organization", named)])) if named else {}
        at = above[f"Organization/{named}"].resource() if above else None
    return None


def _way(endpoint: Resource) -> str:
    return str(endpoint["connectionType"].get("code", ""))


def _unit(endpoint: Resource) -> str:
    return (local(endpoint.get("managingOrganization", {}).get("reference", "")) or "").removeprefix("Organization/")
