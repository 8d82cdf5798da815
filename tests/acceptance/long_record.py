"""Somebody with very many contacts and observations and long notes, for pages that must bear such a record."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from acceptance.running import WARD, Program, admitted

ID: Final = "long"
NOTES, DIAGNOSES = 60, 80
WORDS: Final = 400
"""Of each note, no two of them alike: such text packs as badly as what people write."""
MEASURED: Final = (
    ("8867-4", 55, 110, "/min"), ("8867-4", 55, 110, "/min"), ("9279-1", 12, 24, "/min"), ("2708-6", 91, 99, "%"),
    ("3151-8", 0, 6, "L/min"), ("8310-5", 35, 39, "Cel"), ("72514-3", 0, 10, "{score}"), ("29463-7", 60, 66, "kg"),
    ("718-7", 9, 14, "g/dL"),
)  # fmt: skip
"""What is measured at each contact besides a blood pressure: LOINC's code, from and to, in which unit."""
_RESULTS: Final = ("718-7",)
_BY: Final = [{"reference": "PractitionerRole/ayla-nurse-medisin-3", "display": "Ayla Demir"}]
_SUBJECT: Final = {"reference": f"Patient/{ID}"}
Resource = dict[str, Any]


def load_long_record(program: Program, folder: Path, *, contacts: int) -> None:
    """Put the patient in the record, as the command line loads a file. Of each contact there are ten observations."""
    file, rng, now = folder / "long.ndjson", random.Random(2026), datetime.now(UTC).replace(microsecond=0)
    resources = [*admitted(ID, "Lang", "Lise"), *_contacts(contacts, now, rng), *_notes(now, rng), *_diagnoses(now)]
    file.write_text("\n".join(map(json.dumps, resources)), encoding="utf-8")
    done = program.run("load", str(file))
    assert done.returncode == 0, done.stdout + done.stderr


def _contacts(many: int, now: datetime, rng: random.Random) -> Iterator[Resource]:
    """One every other day, the last one yesterday."""
    for number in range(many):
        at = now - timedelta(days=1 + 2 * number, minutes=rng.randrange(300))
        yield {
            "resourceType": "Encounter",
            "id": f"{ID}-{number}",
            "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "type": [{"text": "Dialyse"}],
            "subject": _SUBJECT,
            "serviceProvider": {"reference": f"Organization/{WARD}"},
            "period": {"start": at.isoformat(), "end": (at + timedelta(hours=4)).isoformat()},
        }
        upper = rng.randint(100, 170)
        parts = [("8480-6", upper), ("8462-4", upper - rng.randint(30, 60))]
        components = [{"code": _code(code), "valueQuantity": _quantity(value, "mm[Hg]")} for code, value in parts]
        yield {**_observation(number, 0, "85354-9", at), "component": components}
        for place, (code, low, high, unit) in enumerate(MEASURED, 1):
            value = _quantity(rng.randint(low, high), unit)
            yield {**_observation(number, place, code, at + timedelta(minutes=place)), "valueQuantity": value}


def _observation(number: int, place: int, code: str, at: datetime) -> Resource:
    category = "laboratory" if code in _RESULTS else "vital-signs"
    system = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "id": f"{ID}-{number}-{place}",
        "status": "final",
        "category": [{"coding": [{"system": system, "code": category}]}],
        "code": _code(code),
        "subject": _SUBJECT,
        "encounter": {"reference": f"Encounter/{ID}-{number}"},
        "effectiveDateTime": at.isoformat(),
        "performer": _BY,
    }


def _code(code: str) -> Resource:
    return {"coding": [{"system": "http://loinc.org", "code": code}]}


def _quantity(value: int, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def _notes(now: datetime, rng: random.Random) -> Iterator[Resource]:
    words = ["".join(rng.choices("abdefghijklmnoprstuvyæøå", k=rng.randint(2, 11))) for _ in range(4_000)]
    for number in range(NOTES):
        text = "Dialyse " + " ".join(rng.choices(words, k=WORDS))
        div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}.</p></div>'
        yield {
            "resourceType": "Composition",
            "id": f"{ID}-note-{number}",
            "status": "final",
            "type": {**_code("34746-8"), "text": "Sykepleienotat"},
            "title": "Sykepleienotat",
            "subject": _SUBJECT,
            "date": (now - timedelta(hours=1 + number)).isoformat(),
            "author": _BY,
            "section": [{"title": "Notat", "text": {"status": "generated", "div": div}}],
        }


def _diagnoses(now: datetime) -> Iterator[Resource]:
    clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    for number in range(DIAGNOSES):
        yield {
            "resourceType": "Condition",
            "id": f"{ID}-problem-{number}",
            "clinicalStatus": {"coding": [{"system": clinical, "code": "active"}]},
            "code": {
                "coding": [
                    {"system": "http://hl7.org/fhir/sid/icd-10", "code": f"{'CDEGHIJKLMN'[number % 11]}{number}"}
                ],
                "text": f"Sykdom nummer {number}",
            },
            "subject": _SUBJECT,
            "onsetDateTime": (now - timedelta(days=40 * number)).date().isoformat(),
        }
