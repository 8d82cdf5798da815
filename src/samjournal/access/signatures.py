"""Who may sign what: a signature stands for what was signed, and is given by nobody else. Requirements 7.10, 7.11

    refuse_signature(permit, before, note)      raises Forbidden: nobody signs for another
    refuse_deleting(permit, before)             nobody deletes what is signed
    refuse_asking_himself(permit, before, task) nobody makes himself the countersigner
    refuse_vouching(permit, before, resource)   nobody authenticates or interprets in the name of another
    is_now(text) -> bool                        whether a signature that is given now may bear this time

Composition.attester holds the signatures: `professional` the author's, `legal` the countersigner's. It is asked of
every write of a Composition by a person, by whatever way it comes, but for named actions, which see to it themselves;
systems and loads bring what was signed elsewhere. So do DocumentReference.authenticator and
DiagnosticReport.resultsInterpreter. Who performed, asserted or requested something is no signature: a colleague writes
it down for whoever did it, and the version says who wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from samjournal.access.permits import Permit
from samjournal.fhir.dates import span
from samjournal.fhir.errors import Forbidden

AUTHOR, COUNTERSIGNER = "professional", "legal"
SIGNED = frozenset({"final", "amended"})
WRONG = "entered-in-error"
_SAID = ("title", "section", "date", "author", "subject", "type", "encounter", "text")
"""What a signature vouches for; `text` is how others show it."""
_ASKING = "urn:samjournal:task"
CLOCK = timedelta(minutes=5)
"""So far the clock of whoever signs may be from ours."""
_VOUCHED = {
    "DocumentReference": ("authenticator", ("content", "date", "author", "subject", "type", "description", "context")),
    "DiagnosticReport": (
        "resultsInterpreter",
        ("conclusion", "conclusionCode", "result", "presentedForm", "media", "subject", "code", "text"),
    ),
}
"""Where somebody vouches for what others wrote, and for what of it."""
_NO_PERSON = ("Organization/", "CareTeam/")
_UNDONE = frozenset({"registered", "partial", "preliminary"})
"""States of a DiagnosticReport that nobody has vouched for yet: whoever is named there is asked to."""

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
    if not is_now(str(signature.get("time") or "")):
        raise Forbidden("A signature bears the time at which it is given (attester.time): now.")
    authors = {one.get("reference") for one in note.get("author", ())}
    if mode == COUNTERSIGNER and authors == {own}:
        raise Forbidden("Nobody countersigns what he wrote himself.")


def is_now(text: str) -> bool:
    """Whether a dateTime is the moment of writing, as exactly as it says; what says none is stored with its own."""
    if not text:
        return True
    said, now = span(text), datetime.now(UTC)
    return said.lo - CLOCK <= now <= said.hi + CLOCK


def refuse_vouching(permit: Permit, before: Resource, resource: Resource) -> None:
    """Refuse that somebody says that another authenticated a document or interpreted a result, and that he changes
    what another vouched for under his name. Raises Forbidden."""
    where = _VOUCHED.get(str(resource.get("resourceType")))
    if where is None or permit.kind != "staff" or permit.changes_access:
        return
    name, vouched = where
    if name == "resultsInterpreter" and resource.get("status") in _UNDONE:
        return
    asked = name == "resultsInterpreter" and before.get("status") in _UNDONE
    stood = [] if asked else _each(before.get(name))
    stands = _each(resource.get(name))
    mine = (f"PractitionerRole/{permit.practitioner_role}", f"Practitioner/{permit.practitioner}")
    new = [one for one in stands if one not in stood]
    for one in new:
        if str(one.get("reference") or "").startswith(_NO_PERSON):
            continue
        if one.get("reference") not in mine or one.get("display", permit.name) != permit.name:
            raise Forbidden(f"Nobody vouches for something in the name of another ({name}): name yourself, or nobody.")
        if not permit.signs:
            raise Forbidden(f"The role {permit.role} signs nothing: leave {name} to who does.")
    others = [one for one in stands if not str(one.get("reference") or "").startswith((*mine, *_NO_PERSON))]
    if others and not new and any(before.get(each) != resource.get(each) for each in vouched):
        raise Forbidden(
            f"Another vouches for this ({name}). Whoever changes it takes that away, or puts his own there."
        )


def _each(value: Any) -> Sequence[Resource]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
