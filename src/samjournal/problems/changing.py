"""A problem that stands: what it is called, how sure one is of it, when it is over, that it is back, that it never was.

Every change keeps the rest of the Condition as it was written, and names the version that the reader saw: what somebody
else changed meanwhile is not written over (VersionMoved). hl7.org/fhir/R4/condition.html#invs
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, Invalid, Unprocessable, VersionMoved
from samjournal.patients.linking import changed
from samjournal.problems.adding import LONGEST, Coded, now, status
from samjournal.problems.listing import CERTAINTIES, is_ended, stands
from samjournal.record import Door, Stored, change, read

WRONG: Final = "entered-in-error"
NO_DAY: Final = "over"
"""That it is over, and since when is not known."""


async def change_certainty(
    door: Door, permit: Permit, patient: str, id_: str, *, certainty: str, version: int, coded: Coded | None = None
) -> Stored:
    """Say how sure one is: one of CERTAINTIES; and what it is called, where that was made more exact (`coded`). What is
    ruled out is no longer active; what was ruled out and is likely after all is."""
    if certainty not in CERTAINTIES:
        raise Invalid(f"“{certainty}” says nothing of how sure one is. Choose one of {', '.join(CERTAINTIES)}.")
    was = await standing(door, permit, patient, id_, version)
    resource = was.resource()
    becoming: dict[str, Any] = {"verificationStatus": status("condition-ver-status", certainty)}
    if certainty == "refuted":
        becoming["clinicalStatus"] = status("condition-clinical", "inactive")
    elif certainty_of(resource) == "refuted":
        becoming |= {"clinicalStatus": status("condition-clinical", "active"), "abatementDateTime": None}
    if coded is not None:
        if not coded.text.strip() or len(coded.text) > LONGEST:
            raise Invalid("A problem must be called something short. Write what it is.")
        becoming["code"] = coded.concept()
    return await _stored(door, permit, was, becoming)


async def rename(
    door: Door, permit: Permit, patient: str, id_: str, coded: Coded, *, version: int, keeps_code: bool = False
) -> Stored:
    """Call a problem something else, from then on: what it was called stands in its history. `keeps_code`: the words
    alone are others. Raises Conflict when it is called so already."""
    if not coded.text.strip() or len(coded.text) > LONGEST:
        raise Invalid("A problem must be called something short. Write what it is.")
    was = await standing(door, permit, patient, id_, version)
    code = was.resource().get("code") or {}
    becoming = {**code, "text": coded.text} if keeps_code else coded.concept()
    if becoming == code:
        raise Conflict("The problem is called so already.")
    return await _stored(door, permit, was, {"code": becoming})


async def close(door: Door, permit: Permit, patient: str, id_: str, *, version: int, on: str = "") -> Stored:
    """A problem is over, since a FHIR date or today. Raises Conflict when it is already."""
    was = await standing(door, permit, patient, id_, version)
    resource = was.resource()
    if is_ended(resource):
        raise Conflict("The problem is over already.")
    day = on or now()
    _check_day(resource, day)
    becoming = {"clinicalStatus": status("condition-clinical", "resolved"), "abatementDateTime": day}
    return await _stored(door, permit, was, becoming)


async def reopen(door: Door, permit: Permit, patient: str, id_: str, *, version: int) -> Stored:
    """A problem that was over goes on, or was closed by a slip. When it was over stands in its history."""
    was = await standing(door, permit, patient, id_, version)
    resource = was.resource()
    if not is_ended(resource):
        raise Conflict("The problem is not over.")
    becoming: dict[str, Any] = {"clinicalStatus": status("condition-clinical", "active")}
    becoming |= {name: None for name in resource if name.startswith(("abatement", "_abatement"))}
    if certainty_of(resource) == "refuted":
        becoming["verificationStatus"] = status("condition-ver-status", "provisional")
    return await _stored(door, permit, was, becoming)


async def entered_in_error(door: Door, permit: Permit, patient: str, id_: str, *, version: int) -> Stored:
    """It was never so: it stands in the history, and on no list."""
    was = await standing(door, permit, patient, id_, version)
    becoming = {"clinicalStatus": None, "verificationStatus": status("condition-ver-status", WRONG)}
    return await _stored(door, permit, was, becoming)


async def settle(
    door: Door,
    permit: Permit,
    patient: str,
    id_: str,
    *,
    certainty: str,
    over: str,
    version: int,
    called: Coded | None = None,
) -> Stored:
    """How sure one is, since when it is over and what it is called, all as they shall be: what two people came to
    between them. `over` is a FHIR date, '' while it goes on, NO_DAY when it is over and nobody has said since when."""
    if certainty == WRONG:
        return await entered_in_error(door, permit, patient, id_, version=version)
    was = await standing(door, permit, patient, id_, version)
    resource = was.resource()
    if certainty not in CERTAINTIES and certainty != certainty_of(resource):
        raise Invalid(f"“{certainty}” says nothing of how sure one is. Choose one of {', '.join(CERTAINTIES)}.")
    becoming: dict[str, Any] = {}
    stands_as = called_of(resource)
    if called is not None and called != stands_as:
        if not called.text.strip() or len(called.text) > LONGEST:
            raise Invalid("A problem must be called something short. Write what it is.")
        keeps_code = (called.system, called.code) == (stands_as.system, stands_as.code)
        becoming["code"] = {**resource.get("code", {}), "text": called.text} if keeps_code else called.concept()
    if certainty != certainty_of(resource):
        becoming["verificationStatus"] = status("condition-ver-status", certainty)
    stood = over_since(resource)
    if over and over not in (stood, NO_DAY):
        _check_day(resource, over)
        becoming["abatementDateTime"] = over
    if not over and stood:
        becoming |= {name: None for name in resource if name.startswith(("abatement", "_abatement"))}
    clinical = "inactive" if certainty == "refuted" else "resolved" if over else "active"
    if clinical == "active" or not is_ended(resource) or certainty == "refuted":
        becoming["clinicalStatus"] = status("condition-clinical", clinical)
    return await _stored(door, permit, was, becoming)


def called_of(condition: Mapping[str, Any]) -> Coded:
    """What a problem is called, with the first of its codes."""
    concept: Mapping[str, Any] = condition.get("code") or {}
    coding: Mapping[str, Any] = next(iter(concept.get("coding") or ()), {})
    code = str(coding.get("code", ""))
    return Coded(str(concept.get("text") or coding.get("display") or code), code, str(coding.get("system", "")))


def over_since(condition: Mapping[str, Any]) -> str:
    """Since when a problem is over: a FHIR date, NO_DAY, or '' while it goes on or was ruled out."""
    if not is_ended(condition):
        return ""
    period: Mapping[str, Any] = condition.get("abatementPeriod") or {}
    unknown = "" if certainty_of(condition) == "refuted" else NO_DAY
    return str(condition.get("abatementDateTime") or period.get("end") or period.get("start") or unknown)


def _check_day(resource: Mapping[str, Any], day: str) -> None:
    """Raises Invalid for a day in the future, or before the problem began."""
    if day[:10] > datetime.now(UTC).date().isoformat():
        raise Invalid("The day lies in the future. Write when it was over.")
    began = str(resource.get("onsetDateTime", ""))
    if began and day[: min(len(began), len(day), 10)] < began[: min(len(began), len(day), 10)]:
        raise Invalid("It was over before it began. Look at the days again.")


async def standing(door: Door, permit: Permit, patient: str, id_: str, version: int = 0) -> Stored:
    """A Condition of a patient, in the version that was seen (0: any). Raises Unprocessable, VersionMoved, NotFound."""
    permit.demand("u", "Condition")
    stored = await read(door, permit, "Condition", id_)
    resource = stored.resource()
    whose = str(resource.get("subject", {}).get("reference", "")).rpartition("Patient/")[2]
    if door.persons.stays(whose) != door.persons.stays(patient):
        raise Unprocessable(f"Condition/{id_} is about another patient.")
    if not stands(resource):
        raise Conflict(f"Condition/{id_} is marked as an error.")
    if version and stored.version != version:
        raise VersionMoved(f"Condition/{id_} was changed since you opened the page. Look at it again.")
    return stored


def certainty_of(resource: Mapping[str, Any]) -> str:
    """The code of how sure one is; '' where nobody said."""
    return next((one.get("code", "") for one in resource.get("verificationStatus", {}).get("coding", ())), "")


async def _stored(door: Door, permit: Permit, was: Stored, becoming: dict[str, Any]) -> Stored:
    (stored,) = await change(door, permit, [changed(was, becoming)])
    return stored
