"""Who may sign what: a signature stands for what was signed, and is given by nobody else. Requirements 7.10, 7.11

    refuse_signature(permit, before, note)      raises Forbidden: nobody signs for another
    refuse_deleting(permit, before)             nobody deletes what is signed
    refuse_asking_himself(permit, before, task) nobody makes himself the countersigner

Composition.attester holds the signatures: `professional` the author's, `legal` the countersigner's. It is asked of
every write of a Composition by a person, by whatever way it comes, but for named actions, which see to it themselves;
systems and loads bring what was signed elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from samjournal.access.permits import Permit
from samjournal.fhir.errors import Forbidden

AUTHOR, COUNTERSIGNER = "professional", "legal"
SIGNED = frozenset({"final", "amended"})
WRONG = "entered-in-error"
_SAID = ("title", "section", "date", "author", "subject", "type", "encounter", "text")
"""What a signature vouches for; `text` is how others show it."""
_ASKING = "urn:samjournal:task"

Resource = Mapping[str, Any]


def refuse_signature(permit: Permit, before: Resource, note: Resource) -> None:
    """Refuse a signature that the writer may not give, a note that is called signed and is not, and a changed text
    under the signatures of others. Raises Forbidden."""
    if permit.kind != "staff" or permit.changes_access:
        return
    own = f"PractitionerRole/{permit.practitioner_role}"
    stood, stands = before.get("attester", []), note.get("attester", [])
    new = [one for one in stands if one not in stood]
    for one in new:
        _refuse_one(permit, one, own, note)
    was_signed, is_signed = before.get("status") in SIGNED, note["status"] in SIGNED
    if is_signed and not permit.signs:
        raise Forbidden(f"The role {permit.role} signs no notes: prepare it, and let its author sign.")
    signs = any(one.get("mode") in (AUTHOR, COUNTERSIGNER) for one in new)
    if is_signed and not was_signed and not signs:
        raise Forbidden("A note is final when it is signed: whoever makes it so signs it (attester).")
    if is_signed and not was_signed:
        _refuse_unsigned_by_author(permit, new, note, own)
    if was_signed and not is_signed and not (permit.signs and note["status"] == WRONG):
        raise Forbidden("A note that was signed stays so: correct it, or who signs notes marks it as an error.")
    if is_signed and any(one not in stands and (one.get("party") or {}).get("reference") != own for one in stood):
        raise Forbidden("Nobody takes the signatures of others from a signed note.")
    changed = before and any(before.get(name) != note.get(name) for name in _SAID)
    if changed and (stands or is_signed) and not signs:
        raise Forbidden("This text was signed. Whoever changes it signs the change, or takes the signatures away.")


def _refuse_unsigned_by_author(permit: Permit, new: Sequence[Resource], note: Resource, own: str) -> None:
    """Refuse a note that becomes final without its author's signature, or with that of who is not its author."""
    if not any(one.get("mode") == AUTHOR for one in note.get("attester", ())):
        raise Forbidden("Its author has not signed this note: a countersignature comes after that.")
    authors = {one.get("reference") for one in note.get("author", ())}
    if any(one.get("mode") == AUTHOR for one in new) and not authors & {own, f"Practitioner/{permit.practitioner}"}:
        raise Forbidden("Only its author signs a note as such (attester.mode professional).")


def refuse_deleting(permit: Permit, before: Resource) -> None:
    """Refuse that a person deletes what somebody signed; helsepersonelloven sections 42 and 43. Raises Forbidden."""
    if permit.kind != "staff" or permit.changes_access:
        return
    if before.get("attester") or before.get("status") in (*SIGNED, WRONG):
        raise Forbidden("A signed note is not deleted: mark it as an error. Erasure is a decision of its own.")


def refuse_asking_himself(permit: Permit, before: Resource, task: Resource) -> None:
    """Refuse that somebody asks a countersignature of himself, so as to give it. Who takes it from his team, where it
    is since its deadline passed, was asked by others. Raises Forbidden."""
    if permit.kind != "staff" or permit.changes_access or permit.keeps_marks:
        return
    codes = {(one.get("system"), one.get("code")) for one in (task.get("code") or {}).get("coding", ())}
    if (_ASKING, "countersign") not in codes or not _waits_on(task, f"PractitionerRole/{permit.practitioner_role}"):
        return
    parties = ("PractitionerRole/" + permit.practitioner_role, f"Organization/{permit.organization}")
    if not any(_waits_on(before, one) for one in parties):
        raise Forbidden("Nobody asks a countersignature of himself: its author or a secretary chooses who gives it.")


def _waits_on(task: Resource, party: str) -> bool:
    owner = (task.get("owner") or {}).get("reference")
    also = [(one.get("valueReference") or {}).get("reference") for one in task.get("extension", ())]
    return party in (owner, *also)


def _refuse_one(permit: Permit, signature: Resource, own: str, note: Resource) -> None:
    mode, party = signature.get("mode"), signature.get("party") or {}
    if not permit.signs:
        raise Forbidden(f"The role {permit.role} signs no notes: prepare it, and let its author sign.")
    if party.get("reference") != own or party.get("display", permit.name) != permit.name:
        raise Forbidden("Nobody signs for somebody else: a signature is the signer's own PractitionerRole and name.")
    authors = {one.get("reference") for one in note.get("author", ())}
    if mode == COUNTERSIGNER and authors == {own}:
        raise Forbidden("Nobody countersigns what he wrote himself.")
