"""The codes that somebody uses most: favourites and last used, as a List of his role that names no patient.

hl7.org/fhir/R4/list.html. One List for each role of a person, whose id follows from the role: `entry.item.identifier`
is system and code, `entry.flag` says whether it is a favourite. No entry has a date, so it tells of no patient's visit.
It lives under no patient, so the unit alone reads it, and it is looked up by id: the log of looks has no line for it.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from samjournal.access import Permit
from samjournal.db.pool import Unavailable
from samjournal.fhir.errors import Conflict, FhirError, Gone, NotFound, VersionMoved
from samjournal.fhir.parsing import compact_of
from samjournal.patients.linking import changed
from samjournal.problems.adding import Coded
from samjournal.record import Change, Door, change, read
from samjournal.tasks import himself

KIND: Final = "urn:samjournal:codes"
FAVOURITE, USED = "favourite", "used"
MOST_USED: Final = 30
"""So many last used are kept."""
_TRIES: Final = 3


class Shelf(msgspec.Struct, frozen=True):
    """The codes of one role of a person, the last used first; which of them are favourites."""

    codes: tuple[Coded, ...] = ()
    favourites: frozenset[tuple[str, str]] = frozenset()

    def ranks(self) -> dict[tuple[str, str], int]:
        """Each code with its rank: favourites first, then the last used."""
        pairs = [(one.system, one.code) for one in self.codes]
        ordered = sorted(pairs, key=lambda pair: pair not in self.favourites)
        return {pair: rank for rank, pair in enumerate(ordered)}


async def shelf_of(door: Door, permit: Permit) -> Shelf:
    """The codes of the active role; empty where none were used."""
    if not permit.practitioner_role or not permit.may("r", "List"):
        return Shelf()
    try:
        stored = await read(door, permit, "List", _id(permit))
    except (NotFound, Gone):
        return Shelf()
    return _shelf(stored.resource())


async def remember(door: Door, permit: Permit, coded: Coded) -> None:
    """A code was used. What goes wrong here keeps nobody from his work: it is not told."""
    try:
        await _change(door, permit, coded, favourite=None)
    except (FhirError, Unavailable):
        return


async def favour(door: Door, permit: Permit, coded: Coded, *, favourite: bool) -> None:
    """Make a code a favourite, or not. Raises what `record.change` raises."""
    await _change(door, permit, coded, favourite=favourite)


async def _change(door: Door, permit: Permit, coded: Coded, *, favourite: bool | None) -> None:
    if not coded.code:
        return
    for attempt in range(_TRIES):
        try:
            await _put(door, permit, coded, favourite)
        except (VersionMoved, Conflict):
            if attempt == _TRIES - 1:
                raise
        else:
            return


async def _put(door: Door, permit: Permit, coded: Coded, favourite: bool | None) -> None:
    try:
        was = await read(door, permit, "List", _id(permit))
    except NotFound:
        was = None
    shelf = _shelf(was.resource()) if was else Shelf()
    pair = (coded.system, coded.code)
    is_favourite = pair in shelf.favourites if favourite is None else favourite
    favourites = shelf.favourites | {pair} if is_favourite else shelf.favourites - {pair}
    # Whoever says that a code is his favourite has not used it: only use brings it to the front.
    others = [one for one in shelf.codes if (one.system, one.code) != pair]
    codes = [coded, *others] if favourite is None or len(others) == len(shelf.codes) else list(shelf.codes)
    kept = [one for place, one in enumerate(codes) if place < MOST_USED or (one.system, one.code) in favourites]
    entries = [_entry(one, is_favourite=(one.system, one.code) in favourites) for one in kept]
    if was:
        if was.resource().get("entry") != entries:
            await change(door, permit, [changed(was, {"entry": entries})])
        return
    made = {
        "resourceType": "List",
        "id": _id(permit),
        "status": "current",
        "mode": "working",
        "code": {"coding": [{"system": KIND, "code": "diagnoses"}]},
        "source": himself(permit),
        "entry": entries,
    }
    await change(door, permit, [Change("create", "List", _id(permit), made, compact_of(made))])


def _id(permit: Permit) -> str:
    """The id of the List of a role. It follows from the role, so that there is one."""
    return f"codes-{hashlib.sha256(permit.practitioner_role.encode()).hexdigest()[:32]}"


def _entry(coded: Coded, *, is_favourite: bool) -> dict[str, Any]:
    item = {"identifier": {"system": coded.system, "value": coded.code}, "display": coded.text}
    flag = {"coding": [{"system": KIND, "code": FAVOURITE if is_favourite else USED}]}
    return {"flag": flag, "item": item}


def _shelf(resource: dict[str, Any]) -> Shelf:
    codes, favourites = [], set()
    for one in resource.get("entry", ()):
        item = one.get("item", {})
        number = item.get("identifier", {})
        if number.get("system") and number.get("value"):
            coded = Coded(str(item.get("display", "")), str(number["value"]), str(number["system"]))
            codes.append(coded)
            if any(each.get("code") == FAVOURITE for each in one.get("flag", {}).get("coding", ())):
                favourites.add((coded.system, coded.code))
    return Shelf(tuple(codes), frozenset(favourites))
