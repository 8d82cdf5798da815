"""Who somebody is here, whom a provider knows: by official numbers, never by the provider's own names.

    citizen(door, proven) -> Found       fødselsnummer or D-number: the Patient who has it now, and his account
    staff(door, proven) -> Found         HPR number, else the same: the account, within the organisation that was chosen

Both raise Refused, whose `why` says what to do next. docs/decisions/0054
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from samjournal import access, accounts
from samjournal.access import representing
from samjournal.accounts import Account, RoleAt
from samjournal.fhir.identifiers import DNR, FNR, HPR, ORGANIZATION, SYSTEMS, read
from samjournal.fhir.keys import patient_key
from samjournal.openid import Proven
from samjournal.record import Door, criterion, look_up

Why = Literal["no-number", "unknown", "several", "closed", "dead", "young", "no-account", "no-role"]
PID: Final = "pid"
_HELSEID: Final = "helseid://claims"
_JOB: Final = "sign-in"
_CITIZEN: Final = RoleAt("citizen", "", "citizen", "")


@dataclass(frozen=True, slots=True)
class Found:
    """An account, and the units that it is for in this session; all of its own where none are named."""

    account: Account
    units: tuple[str, ...] = ()


class Refused(Exception):
    """Somebody proved who he is, and does not get in."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


async def citizen(door: Door, proven: Proven) -> Found:
    """The citizen with the number that ID-porten tells. Raises Refused."""
    number = read(proven.text(PID))
    if number is None or SYSTEMS[number.kind] not in (FNR, DNR):
        # European identities have none.
        raise Refused("no-number")
    system = SYSTEMS[number.kind]
    who = await accounts.known_as(door.pool, system, number.value, "citizen")
    # A number that stood in a wrong record leads there no longer once the record is right.
    now = await access.with_number(door.pool, [representing.number_key(system, number.value)])
    if who is None or who.patient_id is None or door.persons.stays(who.patient_id) not in now:
        who = await _first_time(door, system, number.value)
    assert who.patient_id is not None
    keys = [patient_key(id_) for id_ in door.persons.ids(who.patient_id)]
    if await access.is_dead(door.pool, keys[0]):
        raise Refused("dead")
    if not await access.has_own_login(door.pool, keys, at=datetime.now(UTC)):
        raise Refused("young")
    return Found(who)


async def _first_time(door: Door, system: str, value: str) -> Account:
    """The account of whoever has that number in the record, made if there is none, and known by it from now on."""
    patient = await _patient(door, system, value)
    ids = door.persons.ids(patient["id"])
    known = await accounts.login_of_patient(door.pool, ids)
    if known is not None and not known[1]:
        raise Refused("closed")
    login = known[0] if known is not None else f"citizen-{patient['id']}"
    async with door.pool.transaction() as db:
        if known is None:
            made = Account(login, _name(patient), "citizen", (_CITIZEN,), patient_id=patient["id"])
            await accounts.add(db, [made])
        await accounts.know_as(db, login, [(system, value)])
    who = await accounts.account(door.pool, login)
    if who is None:
        raise Refused("closed")
    return who


async def _patient(door: Door, system: str, value: str) -> dict[str, Any]:
    """The one person who has a number now, by the record that stays."""
    found = [one for one in await _with(door, "Patient", system, value) if _has(one, system, value)]
    staying = {door.persons.stays(one["id"]) for one in found}
    if not staying:
        raise Refused("unknown")
    if len(staying) > 1:
        raise Refused("several")
    (id_,) = staying
    patient = next((one for one in found if one["id"] == id_), found[0])
    if patient["id"] == id_ and patient.get("active") is False:
        raise Refused("closed")
    return {**patient, "id": id_}


def _has(patient: dict[str, Any], system: str, value: str) -> bool:
    """Whether a number is somebody's still: one that was replaced may be another's by now."""
    return any(
        one.get("system") == system and one.get("value") == value and one.get("use") != "old"
        for one in patient.get("identifier", ())
    )


def _name(patient: dict[str, Any]) -> str:
    names = patient.get("name", ())
    official: dict[str, Any] = next((one for one in names if one.get("use") == "official"), next(iter(names), {}))
    told = (*official.get("given", ()), official.get("family", ""))
    return " ".join(part for part in told if part) or official.get("text", "") or "–"


async def _with(door: Door, type_: str, system: str, value: str) -> list[dict[str, Any]]:
    """Everything of a type that has an identifier, as a job of ours finds it; logged as such."""
    asked = criterion(type_, f"identifier={system}|{value}", many=True)
    return [one.resource() for one in await look_up(door, access.for_job(_JOB), asked)]


async def staff(door: Door, proven: Proven) -> Found:
    """Whoever works here under the numbers that HelseID tells. Raises Refused."""
    logins = {}
    for system, value in _numbers(proven):
        who = await accounts.known_as(door.pool, system, value, "staff")
        if who is not None:
            logins[who.login] = who
    if not logins:
        raise Refused("no-account")
    if len(logins) > 1:
        raise Refused("several")
    (who,) = logins.values()
    if not who.roles:
        raise Refused("no-role")
    orgs = [proven.text(f"{_HELSEID}/client/claims/orgnr_{which}") for which in ("child", "parent")]
    if not any(orgs):
        return Found(who)
    units = await _units(door, orgs)
    if not any(role.organization_id in units for role in who.roles):
        raise Refused("no-role")
    return Found(who, tuple(sorted(units)))


def _numbers(proven: Proven) -> Iterable[tuple[str, str]]:
    hpr = proven.text(f"{_HELSEID}/hpr/hpr_number")
    if hpr.isdecimal() and hpr.isascii():
        yield HPR, hpr
    number = read(proven.text(f"{_HELSEID}/identity/pid"))
    if number is not None and SYSTEMS[number.kind] in (FNR, DNR):
        yield SYSTEMS[number.kind], number.value


async def _units(door: Door, numbers: Iterable[str]) -> Collection[str]:
    """The units of the organisation that was chosen: of the narrower one, if it is here."""
    for number in numbers:
        if not (number.isdecimal() and number.isascii()):
            continue
        found = [one["id"] for one in await _with(door, "Organization", ORGANIZATION, number)]
        if found:
            under = await access.under(door.pool, found)
            lower = {id_.removeprefix("Organization/") for several in under.values() for id_ in several}
            return {*found, *lower}
    return ()
