"""A citizen's own referrals: where each stands, as those who have it see it.

own(door, permit, requests) -> list[Referral]       of ServiceRequests that were shown to the citizen

A Task is work for people, and no type that citizens read. Of the Task of a referral that is shown to him the citizen is
told where it stands: this action reads those Tasks, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from samjournal.access import Permit, acting
from samjournal.fhir.errors import Forbidden
from samjournal.record import Door, query_of, search
from samjournal.referrals.listing import paired
from samjournal.referrals.states import Referral, is_referral
from samjournal.tasks import SYSTEM


async def own(door: Door, permit: Permit, requests: Sequence[dict[str, Any]]) -> list[Referral]:
    """Of those ServiceRequests that are referrals, as they stand, in the order in which they came. Raises Forbidden for
    who is no citizen."""
    if permit.kind != "citizen":
        raise Forbidden("Citizens read their own referrals in this way.")
    sent = {f"ServiceRequest/{one['id']}": one for one in requests if is_referral(one) and one["status"] != "draft"}
    if not sent:
        return []
    ids = [name.removeprefix("ServiceRequest/") for name in sent]
    asked = [("_id", ",".join(ids)), ("code", f"{SYSTEM}|assess"), ("_count", str(len(ids)))]
    page = await search(door, acting(permit, "Task"), query_of("Task", asked))
    found = {one.id: one for one in paired((one.resource() for one in page.matches), sent)}
    return [found[id_] for id_ in ids if id_ in found]
