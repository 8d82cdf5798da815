"""Acting for somebody else, as the named actions that it takes: kept as Consents. access/representing.py

    may_act_for(door, permit) -> list[Acting]           for whom the citizen may act
    who_acts(door, permit) -> list[Mandated]            who may act for the citizen
    act_for(door, session, patient_id, request=)        act for one of them from now on, or for oneself again (None)
    give(door, permit, number, family, ...)             a power of attorney, or parts of the record for a next of kin
    agree_to_login(door, permit)                        a parent agrees that a child of 13–15 has a login of its own
    register(door, permit, patient_id, number, ...)     a doctor, for somebody without capacity; on the review list
    who_acts_for(door, permit, patient_id)              the patient, who may act for him, and what may be a form
    withdraw(door, permit, source)                      by both sides; what a doctor registered by a doctor too

Nobody gives a power on behalf of another. All is logged with both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from samjournal import access, accounts
from samjournal.access import LEVELS, Permit, Refusal
from samjournal.access import representing as rules
from samjournal.accounts import Session
from samjournal.fhir.errors import Forbidden, Invalid, NotFound, Unprocessable
from samjournal.fhir.folding import fold
from samjournal.fhir.identifiers import DNR, FNR
from samjournal.fhir.keys import local, patient_key
from samjournal.record.change import Change, change
from samjournal.record.door import Door, Stored, look_of
from samjournal.record.find import Card, refuse_too_many, represented_cards
from samjournal.record.read import absent, read
from samjournal.record.search import query_of, search
from samjournal.store import people, reading
from samjournal.store.search.sql import everything

SHORTEST_REASON = 10
REGISTERS = ("doctor", "gp")
"""The roles that judge that somebody has no capacity to consent."""
_NOBODY = "Nobody by this number and family name can be given a power here. Look at both once more."


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody whom the citizen may act for, as what and at which level."""

    id: str
    name: str
    kind: str
    level: str
    source: str


@dataclass(frozen=True, slots=True)
class Mandated:
    """Somebody who may act for the citizen: `name` is '' where the record does not know him. `refusal` says why it
    does not hold just now; `withdrawable` whether the reader can take it back. `ends` None: open."""

    source: str
    name: str
    kind: str
    level: str
    types: tuple[str, ...]
    ends: datetime | None
    refusal: Refusal | None
    withdrawable: bool


async def may_act_for(door: Door, permit: Permit) -> list[Acting]:
    """For whom the citizen himself may act now, by name. Raises Forbidden for others than citizens, Busy."""
    found = await access.held(door.pool, _himself(permit), at=datetime.now(UTC))
    names = {card.id: _name(card) for card in await represented_cards(door, permit, [one.id for one in found])}
    made = [Acting(one.id, names.get(one.id, ""), one.kind, one.level.code, one.source) for one in found]
    return sorted(made, key=lambda one: one.name)


async def who_acts(door: Door, permit: Permit) -> list[Mandated]:
    """Who may act for the citizen, those that hold first. Raises Forbidden for who represents somebody, Busy."""
    _own(permit)
    made = await _mandated(door, permit, permit.own)
    return [replace(one, withdrawable=one.kind in rules.BY_CONSENT) for one in made]


async def who_acts_for(
    door: Door, permit: Permit, patient_id: str
) -> tuple[Stored, list[Mandated], list[tuple[str, str]]]:
    """The patient, who may act for him, and the documents in the record that may be the form, by reference and title:
    for a doctor who judges that he cannot consent. Logged. Raises Forbidden, ReasonNeeded, NotFound, Busy."""
    _judges(permit)
    patient = await read(door, permit, "Patient", patient_id)
    made = await _mandated(door, permit, [patient_key(id_) for id_ in door.persons.ids(patient_id)])
    asked = query_of("DocumentReference", [("patient", f"Patient/{patient_id}"), ("_sort", "-date"), ("_count", "50")])
    found = [(one.reference, one.resource()) for one in (await search(door, permit, asked)).matches]
    forms = [(reference, _title(document)) for reference, document in found]
    return patient, [replace(one, withdrawable=one.kind == "without-capacity") for one in made], forms


def _title(document: dict[str, Any]) -> str:
    titles = [one.get("attachment", {}).get("title") for one in document.get("content", ())]
    named = document.get("description") or next((title for title in titles if title), None)
    return " ".join(str(one) for one in (named, document.get("date", "")[:10]) if one) or str(document.get("id", ""))


async def _mandated(door: Door, permit: Permit, theirs: Sequence[int]) -> list[Mandated]:
    found = await access.given(door.pool, theirs, at=datetime.now(UTC))
    ids = sorted({one.holder for one in found if one.holder})
    names = {card.id: _name(card) for card in await represented_cards(door, permit, ids)}
    return [
        Mandated(
            one.source,
            names.get(one.holder or "", ""),
            one.kind,
            one.level,
            one.types,
            one.ends if one.ends < access.blocks.FOREVER else None,
            one.refusal,
            withdrawable=False,
        )
        for one in found
    ]


async def act_for(door: Door, session: Session, patient_id: str | None, *, request: str) -> Session:
    """Act for somebody from now on, on all open pages of the session; None: for oneself again. Logged with both.
    Raises NotRepresenting, Forbidden, Busy."""
    alone = await access.for_session(door.pool, replace(session, acts_for=None), request=request)
    if alone is None or alone.kind != "citizen":
        raise Forbidden("Citizens act for others; staff have roles.")
    if patient_id is None:
        return await accounts.act_for(door.pool, session, None)
    permit = await access.for_session(door.pool, replace(session, acts_for=patient_id), request=request)
    assert permit is not None
    await door.looks.write(look_of(permit, "act-for", patient=permit.own[0], why=permit.bond))
    await door.looks.write(look_of(alone, "act-for-other", patient=alone.own[0], why="self"))
    return await accounts.act_for(door.pool, session, patient_id)


async def give(
    door: Door,
    permit: Permit,
    number: str,
    family: str,
    *,
    level: str = "",
    types: Sequence[str] = (),
    until: date | None = None,
) -> Stored:
    """Give a power of attorney at a level, or a next of kin parts of the record (`types`), to somebody by his official
    number and family name, until a day (that day included) or with no end.

    Raises Invalid (no such level or part), Unprocessable (no such person, too young, confidential address), Forbidden,
    Busy.
    """
    _own(permit)
    kind = "next-of-kin" if types else "power-of-attorney"
    if not types and level not in rules.POWERS:
        raise Invalid(f"A power is one of {', '.join(rules.POWERS)}.")
    if types and not set(types) <= _parts():
        raise Invalid(f"The parts that can be shown are {', '.join(sorted(_parts()))}.")
    if until is not None and until < datetime.now(rules.OSLO).date():
        raise Invalid("The last day has passed. Choose one that comes.")
    holder_id, name = await _holder(door, permit, number, family)
    consent = _consent(permit.patient or "", holder_id, name, kind, "" if types else level, types, until)
    await _refuse_hindered(door, permit.own, consent)
    return await _put(door, permit, consent, holder_id, "give-power")


async def agree_to_login(door: Door, permit: Permit) -> Stored:
    """A parent, acting for a child, agrees that it has a login of its own from 13. Raises Forbidden."""
    if permit.represents is None or permit.represents.kind != "parent" or permit.patient is None:
        raise Forbidden("A parent who acts for a child agrees to a login of its own.")
    consent = _consent(permit.patient, permit.patient, "", rules.AGREED, "", (), None)
    (stored,) = await change(door, access.acting(permit, "Consent"), [Change.create(consent)], action="agree-login")
    return stored


async def register(
    door: Door,
    permit: Permit,
    patient_id: str,
    number: str,
    family: str,
    *,
    level: str,
    form: str,
    reason: str,
    until: date | None,
) -> Stored:
    """Let somebody act for a patient who has no capacity to consent: a doctor's judgement, on a form that lies in the
    record (`DocumentReference/7`), with a reason. It goes on the review list.

    Raises Forbidden, Invalid (level, reason), ReasonNeeded (no relation to the patient), NotFound (patient, form),
    Unprocessable (who may not represent).
    """
    _judges(permit)
    said = " ".join(reason.split())[:500]
    if len(said) < SHORTEST_REASON:
        raise Invalid("Say in a sentence what the judgement rests on. It is looked over, and both sides can see it.")
    if level not in rules.POWERS:
        raise Invalid(f"A power is one of {', '.join(rules.POWERS)}.")
    type_, _, form_id = form.partition("/")
    if type_ not in ("DocumentReference", "QuestionnaireResponse") or local(form) != form:
        raise Invalid("The form is a DocumentReference or a QuestionnaireResponse in the patient's record.")
    patient = (await read(door, permit, "Patient", patient_id)).resource()
    formed = (await read(door, permit, type_, form_id)).resource()
    if formed.get("subject", {}).get("reference") not in {f"Patient/{id_}" for id_ in door.persons.ids(patient_id)}:
        raise absent(type_, form_id)
    holder_id, name = await _holder(door, permit, number, family)
    if await _is_himself(door, permit, "".join(number.split())):
        raise Forbidden("Nobody registers a power for himself: another doctor judges it.")
    consent = _consent(patient["id"], holder_id, name, "without-capacity", level, (), until)
    consent |= {
        "performer": [{"reference": f"Practitioner/{permit.practitioner}"}],
        "sourceReference": {"reference": form},
        "extension": [{"url": rules.REASON, "valueString": said}],
    }
    await _refuse_hindered(door, [patient_key(id_) for id_ in door.persons.ids(patient_id)], consent)
    return await _put(door, permit, consent, holder_id, "give-power")


async def withdraw(door: Door, permit: Permit, source: str) -> None:
    """Take back what was given, or give up what one holds (`Consent/7`). What a doctor registered, a doctor of the
    patient takes back as well. Raises NotFound for what is not there for this person, Forbidden, Busy."""
    if permit.represents is not None:
        raise Forbidden("Act for yourself again to give up a power.")
    type_, _, id_ = source.partition("/")
    if local(source) != source:
        raise NotFound("There is no such Consent here.")
    async with door.pool.lane() as db:
        found = [one for one in await access.mandates_from(db, source) if one.kind in rules.BY_CONSENT]
        may = [one for one in found if {one.patient, one.holder} & set(permit.own)]
        if not may and permit.role in REGISTERS:
            open_ = await access.decide(db, permit, {one.patient for one in found})
            may = [one for one in found if one.kind == "without-capacity" and one.patient in open_]
        text, values = reading.one("Consent", id_, why=permit.why, may=everything)
        row = await db.fetchrow(text, *values) if may and type_ == "Consent" else None
    if row is None or row["body"] is None:
        raise NotFound(f"There is no {source} here.")
    consent: dict[str, Any] = msgspec.json.decode(row["body"])
    consent.pop("meta", None)
    sides = {key for one in may for key in (one.patient, one.holder)}
    rights = access.acting(permit, "Consent", beside=sides)
    ended = Change.update({**consent, "status": "inactive"}, if_match=row["version"])
    await change(door, rights, [ended], action="withdraw-power")
    await _tell(door, permit, "withdraw-power", sides - {row["patient"]})


def _himself(permit: Permit) -> Sequence[int]:
    """The keys of the citizen himself, whomever he acts for."""
    if permit.kind != "citizen":
        raise Forbidden("Citizens act for others; staff have roles.")
    return permit.represents.holder if permit.represents else permit.own


def _own(permit: Permit) -> None:
    if permit.kind != "citizen" or permit.represents is not None:
        raise Forbidden("Only for oneself: nobody gives a power on behalf of another.")


def _parts() -> frozenset[str]:
    """The parts of the record that a next of kin may be shown."""
    return LEVELS["full"].reads - {"Patient"}


async def _holder(door: Door, permit: Permit, number: str, family: str) -> tuple[str, str]:
    """The id and name of whoever has an official number, if the family name fits. Raises TooMany for who tries many."""
    refuse_too_many(permit.actor)
    digits = "".join(number.split())
    ids = await access.with_number(door.pool, [rules.number_key(system, digits) for system in (FNR, DNR)])
    for card in await represented_cards(door, permit, ids):
        if fold(card.family) == fold(family) and card.family:
            return card.id, _name(card)
    raise Unprocessable(_NOBODY)


async def _refuse_hindered(door: Door, theirs: Sequence[int], consent: dict[str, Any]) -> None:
    """Say at once what would hinder a mandate from ever holding."""
    (made,) = rules.mandates({**consent, "id": "new"})
    told = await access.would_hold(door.pool, theirs, made._replace(starts=access.blocks.ALWAYS), at=datetime.now(UTC))
    if told.refusal == "under-age":
        raise Unprocessable("Who gives and who gets a power must be 16 or older.")
    if told.refusal is not None:
        raise Unprocessable(_NOBODY)


def _consent(
    patient_id: str,
    holder_id: str,
    name: str,
    kind: str,
    level: str,
    types: Sequence[str],
    until: date | None,
) -> dict[str, Any]:
    """The Consent that keeps a mandate."""
    now = datetime.now(UTC)
    category = [{"coding": [{"system": rules.KINDS, "code": kind}]}]
    if level:
        category.append({"coding": [{"system": rules.LEVEL_CODES, "code": level}]})
    holder = {"reference": f"Patient/{holder_id}", **({"display": name} if name else {})}
    period = {"start": now.isoformat(timespec="seconds"), **({"end": until.isoformat()} if until else {})}
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [rules.SCOPE]},
        "category": category,
        "patient": {"reference": f"Patient/{patient_id}"},
        "dateTime": now.isoformat(timespec="seconds"),
        "performer": [{"reference": f"Patient/{patient_id}"}],
        "policyRule": {"text": "pasient- og brukerrettighetsloven kapittel 3 og 4"},
        "provision": {
            "type": "permit",
            "period": period,
            "actor": [{"role": {"text": kind}, "reference": holder}],
            **({"class": [{"system": rules.TYPES, "code": one} for one in sorted(set(types))]} if types else {}),
        },
    }


async def _put(door: Door, permit: Permit, consent: dict[str, Any], holder_id: str, action: str) -> Stored:
    """Store a mandate, and log it with both."""
    holder = patient_key(holder_id)
    rights = access.acting(permit, "Consent", beside={holder})
    (stored,) = await change(door, rights, [Change.create(consent)], action=action)
    await _tell(door, permit, action, {holder})
    return stored


async def _tell(door: Door, permit: Permit, action: str, others: set[int]) -> None:
    for other in others:
        await door.looks.write(look_of(permit, f"{action}-other", patient=other, why="representation"))


def _judges(permit: Permit) -> None:
    if permit.role not in REGISTERS:
        raise Forbidden("A doctor judges whether somebody has the capacity to consent.")


async def _is_himself(door: Door, permit: Permit, number: str) -> bool:
    """Whether an official number is that of the practitioner behind a permit, who does not see it himself."""
    text, values = people.identified("Practitioner", [f"{system}|{number}" for system in (FNR, DNR)])
    return any(row["id"] == permit.practitioner for row in await door.pool.fetch(text, *values))


def _name(card: Card) -> str:
    return f"{card.given} {card.family}".strip()
