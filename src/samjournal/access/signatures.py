"""Who may sign what: a signature stands for what was signed, and is given by nobody else. Requirements 7.10, 7.11

    refuse_signature(permit, before, note)      raises Forbidden: nobody signs for another

Composition.attester holds the signatures: `professional` the author's, `legal` the countersigner's. It is asked of
every write of a Composition by a person, by whatever way it comes, but for named actions, which see to it themselves;
systems and loads bring what was signed elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from samjournal.access.permits import Permit
from samjournal.fhir.errors import Forbidden

AUTHOR, COUNTERSIGNER = "professional", "legal"
SIGNED = frozenset({"final", "amended"})
_SAID = ("title", "section", "date", "author", "subject", "type", "encounter")
"""What a signature vouches for."""

Resource = Mapping[str, Any]


def refuse_signature(permit: Permit, before: Resource, note: Resource) -> None:
    """Refuse a signature that the writer may not give, and a changed text under the signatures of others. Raises
    Forbidden."""
    if permit.kind != "staff" or permit.changes_access:
        return
    own = f"PractitionerRole/{permit.practitioner_role}"
    stood = before.get("attester", [])
    new = [one for one in note.get("attester", []) if one not in stood]
    for one in new:
        _refuse_one(permit, one, own, note)
    if note["status"] in SIGNED and not permit.signs:
        raise Forbidden(f"The role {permit.role} signs no notes: prepare it, and let its author sign.")
    changed = before and any(before.get(name) != note.get(name) for name in _SAID)
    if changed and note.get("attester") and not new:
        raise Forbidden("This text was signed. Whoever changes it signs the change, or takes the signatures away.")


def _refuse_one(permit: Permit, signature: Resource, own: str, note: Resource) -> None:
    mode, party = signature.get("mode"), (signature.get("party") or {}).get("reference")
    if mode not in (AUTHOR, COUNTERSIGNER):
        return
    if not permit.signs:
        raise Forbidden(f"The role {permit.role} signs no notes: prepare it, and let its author sign.")
    if party != own:
        raise Forbidden("Nobody signs for somebody else: a signature is the signer's own PractitionerRole.")
    authors = {one.get("reference") for one in note.get("author", ())}
    if mode == COUNTERSIGNER and authors == {own}:
        raise Forbidden("Nobody countersigns what he wrote himself.")
