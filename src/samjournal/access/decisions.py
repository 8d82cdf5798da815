"""Decisions that some roles take alone, by whatever way they are written.

    refuse_decision(permit, before, flag)       raises Forbidden: a doctor decides it

By which scale the saturation counts in the early warning score is a doctor's decision, kept as a Flag: on the wrong one
somebody who gets worse is scored as well. Royal College of Physicians, 2017.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from samjournal.access.permits import Permit
from samjournal.fhir.errors import Forbidden

DOCTORS = ("doctor", "gp")
SCALE_2 = ("urn:samjournal:news2", "spo2-scale-2")


def refuse_decision(permit: Permit, before: Mapping[str, Any], flag: Mapping[str, Any] | None) -> None:
    """Refuse that who is no doctor takes or ends such a decision. Systems bring what was decided elsewhere."""
    if permit.kind != "staff" or permit.changes_access or permit.role in DOCTORS:
        return
    if _holds(before) != _holds(flag or {}):
        raise Forbidden("A doctor decides which scale is used.")


def _holds(flag: Mapping[str, Any]) -> bool:
    codes = {(one.get("system"), one.get("code")) for one in (flag.get("code") or {}).get("coding", ())}
    return flag.get("status") == "active" and SCALE_2 in codes
