"""A note or a result held back from the patient, or shown before its time: a decision, and what law asks of it.

    hold_back(door, permit, id, reason, type_)   the patient does not see it; a decision under pbrl § 5-1 takes a reason
    release(door, permit, id, type_)             the patient sees it at once, when it is signed

Both are new versions. What is held back goes on the review list with the reason.
"""

from __future__ import annotations

from samjournal.access import Permit, acting
from samjournal.fhir.errors import Forbidden, Invalid
from samjournal.fhir.release import NOPAT, RELEASED
from samjournal.record import Decision, Door, Labels, change_labels

SHORTEST_REASON = 10
HELD_BACK = "held-back"
_HELD = Labels(security=(NOPAT,))
_EARLY = Labels(tags=(RELEASED,))


def decides(permit: Permit, type_: str) -> bool:
    """Whether somebody decides when the patient reads a note, or a result: who signs notes and writes the type."""
    return permit.signs and permit.may("u", type_)


def _demand(permit: Permit, type_: str) -> None:
    permit.demand("u", type_)
    if not decides(permit, type_):
        raise Forbidden(f"The role {permit.role} does not decide when the patient reads it.")


async def hold_back(door: Door, permit: Permit, id_: str, reason: str, type_: str = "Composition") -> None:
    """Hold a note or a result back from the patient. Raises Invalid (no real reason), Forbidden, and what `read` and
    `change` raise."""
    _demand(permit, type_)
    said = " ".join(reason.split())[:500]
    if len(said) < SHORTEST_REASON:
        raise Invalid("Say in a sentence why the patient should not read this. Somebody looks it over.")
    await change_labels(
        door,
        acting(permit, type_),
        type_,
        id_,
        lambda labels: labels.without(_EARLY).and_(_HELD),
        action="hold-back",
        decision=Decision(HELD_BACK, said),
    )


async def release(door: Door, permit: Permit, id_: str, type_: str = "Composition") -> None:
    """Show a note or a result to the patient at once. Raises Forbidden, and what `read` and `change` raise."""
    _demand(permit, type_)
    await change_labels(
        door,
        acting(permit, type_),
        type_,
        id_,
        lambda labels: labels.without(_HELD).and_(_EARLY),
        action="release",
    )
