"""What the others are told: letters that patient and referrer read in the record, messages to those outside, and work
for the unit on the other side.

    letter(...) -> dict                         a Communication to the patient and to whoever referred him
    work(...) -> Change                         something for a unit to do about a referral, due in some days
    answered(door, permit, ...) -> list[Change] the referrer outside is sent what was decided, or a person sees to it
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from samjournal.access import Permit
from samjournal.fhir.identifiers import HER
from samjournal.fhir.parsing import compact_of
from samjournal.messages import Outgoing, receivers, sending
from samjournal.record import Change, Door, new_id, query_of, search
from samjournal.referrals.states import Referral
from samjournal.tasks import SYSTEM, himself, written
from samjournal.tasks.calendar import after
from samjournal.tasks.saying import team
from samjournal.ui.formats import full_date

Resource = dict[str, Any]
DIALOG: Final = ("DIALOG_HELSEFAGLIG", "Helsefaglig dialog")
REFERRAL: Final = ("HENVISNING", "Henvisning")
"""The kinds of message, by code system 8279."""


def letter(
    permit: Permit, one: Referral, *, topic: str, text: str, now: datetime, to_referrer: bool = True
) -> Resource:
    """What was decided, to the patient and to whoever referred him: both read it in the record."""
    parties = [{"reference": one.patient}]
    if to_referrer and one.requester.startswith(("PractitionerRole/", "Practitioner/", "Organization/")):
        parties.append({"reference": one.requester, **({"display": one.requester_name} if one.requester_name else {})})
    return {
        "resourceType": "Communication",
        "id": new_id(),
        "basedOn": [{"reference": f"ServiceRequest/{one.id}"}],
        "status": "completed",
        "category": [{"text": "Brev"}],
        "subject": {"reference": one.patient},
        "topic": {"text": topic},
        "about": [{"reference": f"ServiceRequest/{one.id}"}],
        "sent": now.isoformat(timespec="milliseconds"),
        "recipient": parties,
        "sender": himself(permit),
        "payload": [{"contentString": text}],
    }


def made(resource: Resource) -> Change:
    """A new resource whose id our own code chose."""
    return Change("create", resource["resourceType"], resource["id"], resource, compact_of(resource))


def work(
    one: Referral,
    *,
    owner: Resource,
    words: str,
    now: datetime,
    days: int = 1,
    requester: Resource | None = None,
    urgent: bool = False,
) -> Change:
    """Something for a unit to do about a referral."""
    task = written(
        kind="do",
        patient=one.patient.partition("/")[2],
        owner=owner,
        at=now,
        due=after(now, days),
        words=words,
        focus=f"ServiceRequest/{one.id}",
        requester=requester,
        urgent=urgent,
    )
    return Change.create(task)


def unit(reference: str, name: str) -> Resource:
    return {"reference": reference, **({"display": name} if name else {})}


async def answered(
    door: Door, permit: Permit, one: Referral, request: Resource, *, letter_id: str, text: str, now: datetime
) -> list[Change]:
    """What goes to a referrer outside, who does not read in this record: a message by his own way, or, where there is
    none, work for the own unit to send it on paper. Nothing for a referrer who reads here."""
    if one.requester or one.sender:
        return []
    way = await _way_back(door, permit, request, now)
    name = one.requester_name or "henviseren"
    if way is None:
        words = f"Send svaret på henvisningen til {name} på papir: det er ingen vei for meldinger dit"
        return [work(one, owner=team(permit), words=words, now=now, days=2, requester=himself(permit))]
    receiver, endpoint = way
    outgoing = Outgoing(
        kind=DIALOG,
        about=f"Communication/{letter_id}",
        patient=one.patient.partition("/")[2],
        sender=team(permit),
        by=himself(permit),
        receiver=receiver,
        endpoint=endpoint,
        document=str(uuid4()),
        status="N",
        answers="",
        text=text,
    )
    return sending(outgoing, now)


async def _way_back(door: Door, permit: Permit, request: Resource, now: datetime) -> tuple[Resource, str] | None:
    """Where the organisation that a referral came from takes messages."""
    number = (request.get("requester") or {}).get("identifier") or {}
    if number.get("system") != HER or not number.get("value"):
        return None
    found = await search(door, permit, query_of("Organization", [("identifier", f"{HER}|{number['value']}")]))
    units = [each.id for each in found.matches]
    if not units:
        return None
    ready = [one for one in await receivers(door, permit, DIALOG[0], now, units=units) if not one.why]
    outside = [one for one in ready if one.way != "shared"]
    return (outside[0].organisation, outside[0].endpoint) if outside else None


def assessed_text(one: Referral, unit_name: str, *, right: bool, until: str, words: str) -> str:
    """The letter when a referral was assessed."""
    about = str(one.about.get("text") or "henvisningen")
    lines = [f"{unit_name} har vurdert henvisningen om {about[:1].lower()}{about[1:]}."]
    if right:
        lines.append(
            f"Du har rett til nødvendig helsehjelp. Den skal begynne senest {full_date(until)}. "
            "Du får et nytt brev når timen er satt opp."
        )
        lines.append("Er du uenig i vurderingen eller fristen, kan du klage til Statsforvalteren innen fire uker.")
    else:
        lines.append("Det er vurdert at du ikke har rett til helsehjelp hos oss nå.")
        lines.append("Er du uenig, kan du klage til Statsforvalteren innen fire uker.")
    return "\n".join([*lines, *([words] if words else [])])


__all__ = ["DIALOG", "REFERRAL", "SYSTEM", "answered", "assessed_text", "letter", "made", "unit", "work"]
