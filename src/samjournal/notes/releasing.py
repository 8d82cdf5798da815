"""A note held back from the patient, or shown before its time: a decision, and what law asks of it.

    hold_back(door, permit, id, reason)      the patient does not see it; a decision under pbrl § 5-1 takes a reason
    release(door, permit, id)                the patient sees it at once, when it is signed

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


def _decides(permit: Permit) -> None:
    """What the patient reads when is for who signs notes to decide. Raises Forbidden."""
    permit.demand("u", "Composition")
    if not permit.signs:
        raise Forbidden(f"The role {permit.role} does not decide when the patient reads a note.")


async def hold_back(door: Door, permit: Permit, id_: str, reason: str) -> None:
    """Hold a note back from the patient. Raises Invalid (no real reason), and what `read` and `change` raise."""
    _decides(permit)
    said = " ".join(reason.split())[:500]
    if len(said) < SHORTEST_REASON:
        raise Invalid("Say in a sentence why the patient should not read this. Somebody looks it over.")
    await change_labels(
        door,
        acting(permit, "Composition"),
        "Composition",
        id_,
        lambda labels: labels.without(_EARLY).and_(_HELD),
        action="hold-back",
        decision=Decision(HELD_BACK, said),
    )


async def release(door: Door, permit: Permit, id_: str) -> None:
    """Show a note to the patient at once. Raises what `read` and `change` raise."""
    _decides(permit)
    await change_labels(
        door,
        acting(permit, "Composition"),
        "Composition",
        id_,
        lambda labels: labels.without(_HELD).and_(_EARLY),
        action="release",
    )
