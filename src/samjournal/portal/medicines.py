"""The medicines a citizen uses, has paused and has used before. hl7.org/fhir/R4/medicationrequest.html"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from samjournal.portal import facts
from samjournal.portal.doses import plain_dose
from samjournal.portal.facts import Resource
from samjournal.portal.words import capital, use_of
from samjournal.ui.language import Language


@dataclass(frozen=True, slots=True)
class Medicine:
    """One medicine: what it is called, how to take it, what it is for, and who decided it when.

    `state` is why it was paused or stopped; `as_needed` only where the dose does not say when.
    """

    name: str
    dose: str | None
    use: str | None
    reason: str | None
    state: str | None
    remarks: tuple[str, ...]
    by: str | None
    since: str | None
    as_needed: bool
    id: str = ""


@dataclass(frozen=True, slots=True)
class Medicines:
    using: tuple[Medicine, ...]
    paused: tuple[Medicine, ...]
    before: tuple[Medicine, ...]


def read(request: Resource, _: Language) -> Medicine:
    """One MedicationRequest as a citizen reads it."""
    concept = request.get("medicationCodeableConcept")
    dosages = request.get("dosageInstruction") or ()
    use = use_of(facts.code(concept, facts.ATC))
    texts = [str(text) for dosage in dosages if (text := dosage.get("patientInstruction") or dosage.get("text"))]
    return Medicine(
        name=capital(facts.words(concept) or facts.named(request.get("medicationReference")) or _("Uten navn")),
        dose=capital(". ".join(plain_dose(text, _) for text in texts)) or None,
        use=_(use) if use else None,
        reason=facts.words(next(iter(request.get("reasonCode") or ()), None))
        or facts.first_named(request.get("reasonReference") or ()),
        state=facts.words(request.get("statusReason")),
        remarks=tuple(plain_dose(str(note["text"]), _) for note in request.get("note") or () if note.get("text")),
        by=facts.named(request.get("requester")),
        since=facts.when(request, "authoredOn"),
        as_needed=any(dosage.get("asNeededBoolean") for dosage in dosages)
        and not any(" ved " in text for text in texts),
        id=str(request.get("id") or ""),
    )


def view(requests: Iterable[Resource], _: Language) -> Medicines:
    """Medicines in use by name; paused and earlier ones newest first. Drafts are left out."""
    found = facts.newest_first(requests, "authoredOn")

    def those(*states: str) -> list[Medicine]:
        return [read(request, _) for request in found if request.get("status") in states]

    return Medicines(
        using=tuple(sorted(those("active"), key=lambda medicine: medicine.name.casefold())),
        paused=tuple(those("on-hold")),
        before=tuple(those("stopped", "completed", "cancelled")),
    )
