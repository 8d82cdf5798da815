"""A file that says which organisations work here: read, and judged whole. TOML. Requirement 2.8

read(text) -> list[Unit]    those above first; raises Wrong with all that is wrong
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from samjournal.access import ROLES
from samjournal.fhir.errors import Invalid
from samjournal.fhir.identifiers import is_organization_number
from samjournal.provisioning.proposing import ASKS

KINDS: Final = {"prov": "Healthcare Provider", "dept": "Hospital Department", "team": "Organizational team",
                "govt": "Government"}  # fmt: skip
PLACES: Final = {"si": "Site", "wa": "Ward", "ro": "Room", "bd": "Bed"}
MESSAGES: Final = ("HENVISNING", "EPIKRISE", "DIALOG_HELSEFAGLIG", "DIALOG_FORESPORSEL", "DIALOG_SVAR")
MOST: Final = 500
_ID: Final = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_KNOWN: Final = frozenset({"id", "name", "kind", "part_of", "number", "resh", "her", "phone", "address", "shared_from",
                           "receives", "roles", "approval", "places"})  # fmt: skip
_ADDRESS: Final = frozenset({"line", "postal_code", "city"})
_PLACE: Final = frozenset({"id", "name", "kind", "part_of"})


class Wrong(Invalid):
    """A file that cannot be followed; `problems` are all that is wrong with it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a unit: a site, a ward, a room or a bed, perhaps within another."""

    id: str
    name: str
    kind: str
    part_of: str | None


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation, or a unit of one. `roles` are those that groups give there; `receives` codes of messages."""

    id: str
    name: str
    kind: str
    part_of: str | None
    number: str | None
    resh: str | None
    her: str | None
    phone: str | None
    address: dict[str, str]
    shared_from: date | None
    receives: tuple[str, ...]
    roles: tuple[str, ...]
    approval: str | None
    places: tuple[Place, ...]


def read(text: str) -> list[Unit]:
    """The units of a file, those above first. Raises Wrong."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Wrong([f"This is no TOML: {error}."]) from None
    problems = [f"There is no “{name}”: a file has [[organisation]] alone." for name in said if name != "organisation"]
    tables = said.get("organisation", [])
    if not isinstance(tables, list) or not tables:
        raise Wrong([*problems, "There is no [[organisation]]."])
    if len(tables) > MOST:
        raise Wrong([f"More than {MOST} units: make several files."])
    units = [_unit(table, f"organisation {place}", problems) for place, table in enumerate(tables, 1)]
    ids = [one.id for one in units]
    problems += [f"{id_} stands there twice." for id_ in dict.fromkeys(ids) if ids.count(id_) > 1]
    ordered = _ordered(units, problems)
    if problems:
        raise Wrong(problems)
    return ordered


def _unit(table: dict[str, Any], where: str, problems: list[str]) -> Unit:
    def text(name: str, *, needed: bool = False) -> str | None:
        value = table.get(name)
        if value is None or value == "":
            if needed:
                problems.append(f"{where}: {name} is missing.")
            return None
        if not isinstance(value, str) or len(value) > 200:
            problems.append(f"{where}: {name} is text of at most 200 characters.")
            return None
        return value.strip()

    def several(name: str, known: Sequence[str], without: tuple[str, ...]) -> tuple[str, ...]:
        value = table.get(name, list(without))
        if not isinstance(value, list) or (strange := [one for one in value if one not in known]):
            told = f"{strange[0]!r} is none of" if isinstance(value, list) else "it is a list of"
            problems.append(f"{where}: {name}: {told} {', '.join(known)}.")
            return ()
        return tuple(dict.fromkeys(value))

    where = f"{where} ({table.get('id', 'without id')})"
    problems += [f"{where}: “{name}” is not known: {', '.join(sorted(_KNOWN))}." for name in table.keys() - _KNOWN]
    id_ = text("id", needed=True) or ""
    if id_ and not _ID.fullmatch(id_):
        problems.append(f"{where}: id has letters, digits, - and . alone, at most 64.")
    kind, part_of, number = text("kind") or "prov", text("part_of"), (text("number") or "").replace(" ", "") or None
    if kind not in KINDS:
        problems.append(f"{where}: kind is one of {', '.join(KINDS)}.")
    if number is not None and not is_organization_number(number):
        problems.append(f"{where}: number is no organisation number: a digit is wrong.")
    if number is None and part_of is None:
        problems.append(f"{where}: an organisation that is part of none has a number.")
    for name in ("resh", "her"):
        if (value := text(name)) and not value.isdecimal():
            problems.append(f"{where}: {name} has digits alone.")
    since = table.get("shared_from")
    if since is not None and (not isinstance(since, date) or isinstance(since, datetime)):
        problems.append(f"{where}: shared_from is a day such as 2026-12-01, without quotation marks.")
        since = None
    approval = text("approval")
    if approval is not None and approval not in ASKS:
        problems.append(f"{where}: approval is one of {', '.join(ASKS)}.")
    address = table.get("address", {})
    if (
        not isinstance(address, dict)
        or address.keys() - _ADDRESS
        or not all(isinstance(v, str) for v in address.values())
    ):
        problems.append(f"{where}: address has {', '.join(sorted(_ADDRESS))}, each text.")
        address = {}
    codes = [code for code in ROLES if code != "citizen"]
    places = table.get("places", [])
    if not isinstance(places, list):
        problems.append(f"{where}: places are [[organisation.places]].")
        places = []
    return Unit(
        id_, text("name", needed=True) or "", kind, part_of, number, text("resh"), text("her"), text("phone"), address,
        since, several("receives", MESSAGES, MESSAGES), several("roles", codes, ()), approval,
        tuple(_place(one, where, problems) for one in places),
    )  # fmt: skip


def _place(table: Any, where: str, problems: list[str]) -> Place:
    if not isinstance(table, dict) or table.keys() - _PLACE or not all(isinstance(v, str) for v in table.values()):
        problems.append(f"{where}: a place has {', '.join(sorted(_PLACE))}, each text.")
        return Place("", "", "si", None)
    if not _ID.fullmatch(table.get("id", "")) or not table.get("name") or table.get("kind", "si") not in PLACES:
        problems.append(f"{where}: a place has an id, a name, and a kind of {', '.join(PLACES)}.")
    return Place(table.get("id", ""), table.get("name", ""), table.get("kind", "si"), table.get("part_of"))


def _ordered(units: list[Unit], problems: list[str]) -> list[Unit]:
    """What something is part of comes before it."""
    left, made, known = list(units), list[Unit](), {one.id for one in units}
    while left:
        ready = [one for one in left if one.part_of not in known or one.part_of in {each.id for each in made}]
        if not ready:
            problems.append(f"{left[0].id} is part of itself, by others.")
            return units
        made += ready
        left = [one for one in left if one not in ready]
    return made
