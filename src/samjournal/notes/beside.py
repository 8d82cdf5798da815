"""What a note says in codes, beside its text: Observations that its sections refer to. Row 1.4

    problems(written, template)                        by field: why a value cannot be
    with_codes(permit, patient_id, written, template)  the note with the same in words, and the resources beside it

They are stored in one transaction with the note. What is measured counts from when it was taken (`written.at`), not
from when the note was signed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from samjournal.access import Permit
from samjournal.notes.fields import FIELDS, About, problem, resource, words
from samjournal.notes.kinds import KINDS
from samjournal.notes.templates import Template
from samjournal.notes.text import Section, Written
from samjournal.record import new_id
from samjournal.tasks import himself
from samjournal.ui.formats import OSLO

OLDEST = timedelta(days=7)
"""What was taken longer ago is recorded on its own, with its time, not as part of a note of today."""


def problems(written: Written, template: Template) -> dict[str, str]:
    """By the code of the field: `form`, `range`, `choice`; `at` when the time cannot be (`form`, `future`, `old`)."""
    found = {code: what for code in template.fields if (what := problem(FIELDS[code], written.values.get(code, "")))}
    if any(written.values.get(code, "").strip() for code in template.fields):
        at, now = moment(written.at), datetime.now(UTC)
        if at is None:
            found["at"] = "form"
        elif at > now + timedelta(minutes=1):
            found["at"] = "future"
        elif now - at > OLDEST:
            found["at"] = "old"
    return found


def moment(text: str) -> datetime | None:
    """A time as a page sends it, in Oslo: `2026-11-29T04:10`."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=OSLO)


def with_codes(
    permit: Permit, patient_id: str, written: Written, template: Template
) -> tuple[Written, list[dict[str, Any]]]:
    """The note with its coded values in words under their headings and references to the Observations, and those. A
    role that writes no Observations has the words alone. What is beside a reserved note is reserved as it is."""
    labels = KINDS[written.kind].security
    by = (
        {**himself(permit)},
        {"reference": f"Organization/{permit.organization}", "display": permit.unit},
    )
    at = moment(written.at) or datetime.now(UTC)
    about = About(patient_id, by, at.isoformat(timespec="seconds"))
    made: list[dict[str, Any]] = []
    sections: list[Section] = []
    for place, section in enumerate(written.sections):
        heading = template.heading[place] if place < len(template.heading) else None
        said, entries = [], list(section.entries)
        for name in heading.fields if heading else ():
            typed = written.values.get(name, "").strip()
            if not typed:
                continue
            said.append(words(FIELDS[name], typed, written.tongue))
            if permit.may("c", "Observation"):
                one = {**resource(FIELDS[name], typed, about, written.tongue), "id": new_id()}
                made.append({**one, "meta": {"security": labels}} if labels else one)
                entries.append(f"Observation/{one['id']}")
        text = "\n".join(part for part in (section.text.strip(), *said) if part)
        sections.append(msgspec.structs.replace(section, text=text, entries=tuple(entries)))
    return msgspec.structs.replace(written, sections=tuple(sections)), made
