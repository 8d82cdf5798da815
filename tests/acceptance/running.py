"""The real program, started as a person starts it, and its door as another system sees it."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / ".venv" / "bin" / "samjournal"
WARD = "medisin-3"
START = "2026-01-01"


@dataclass(frozen=True, slots=True)
class Program:
    """`samjournal serve` of a demo region, and where it answers."""

    address: str
    data: Path
    process: subprocess.Popen[str]
    tokens: dict[tuple[str, ...], str] = field(default_factory=dict)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command of the program on the same record, while it is served."""
        command, *rest = arguments
        line = [str(PROGRAM), command, "--data-dir", str(self.data), *rest]
        return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)

    def door(self, *whom: str) -> httpx.Client:
        """A FHIR client with a bearer token; `whom` as the command line has it, a system when nobody is named."""
        if whom not in self.tokens:
            printed = self.run("token", *(whom or ("--system", "test")))
            assert printed.returncode == 0, printed.stderr
            self.tokens[whom] = printed.stdout.strip()
        headers = {"authorization": f"Bearer {self.tokens[whom]}", "content-type": "application/fhir+json"}
        return httpx.Client(base_url=f"{self.address}/fhir", headers=headers, timeout=30)

    def put(self, *resources: dict[str, Any]) -> None:
        """Store resources by their ids, all or none."""
        entries = [
            {"resource": each, "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"}}
            for each in resources
        ]
        with self.door() as door:
            answer = door.post("", json={"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert answer.status_code == 200, answer.text


@contextlib.contextmanager
def started(folder: Path, *, inhabitants: int) -> Iterator[Program]:
    """The program, ready; stopped by Ctrl-C, which must end it well."""
    line = [str(PROGRAM), "serve", "--data-dir", str(folder / "data"), "--port", "0", "--demo", str(inhabitants)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True, cwd=ROOT
        )
        hang = threading.Timer(120, process.kill)
        hang.start()
        try:
            address = _address(process)
            assert httpx.get(f"{address}/health/ready", timeout=10).json()["status"] == "ready"
            hang.cancel()
            yield Program(address, folder / "data", process)
        finally:
            hang.cancel()
            process.send_signal(signal.SIGINT)
            try:
                ended = process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                ended = process.wait()
    assert ended == 0, (folder / "log").read_text()[-4000:]


def _address(process: subprocess.Popen[str]) -> str:
    """What the program tells the person who started it, up to its last line."""
    told: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        told.append(line)
        if line.startswith("Ctrl-C"):
            break
    found = re.search(r"(http://\S+)/workspace", "".join(told))
    assert found, f"The program ended without being ready: {''.join(told)}"
    return found[1]


def admitted(id_: str, family: str, given: str, *, born: str = "1950-06-01", **more: Any) -> Sequence[dict[str, Any]]:
    """A person without a number who lies on the ward Medisin 3, and nothing else known."""
    return (
        {
            "resourceType": "Patient",
            "id": id_,
            "active": True,
            "name": [{"use": "official", "family": family, "given": [given]}],
            "gender": "female",
            "birthDate": born,
            **more,
        },
        {
            "resourceType": "Encounter",
            "id": f"{id_}-stay",
            "status": "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "subject": {"reference": f"Patient/{id_}"},
            "serviceProvider": {"reference": f"Organization/{WARD}"},
            "period": {"start": START},
        },
    )


def allergy(patient: str, text: str, *, code: str | None = None) -> dict[str, Any]:
    """An allergy, or with SNOMED's code for it the answer that there is none."""
    coding = {"coding": [{"system": "http://snomed.info/sct", "code": code}]} if code else {}
    return {
        "resourceType": "AllergyIntolerance",
        "id": f"{patient}-allergy",
        "clinicalStatus": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}
            ]
        },
        "code": {**coding, "text": text},
        "patient": {"reference": f"Patient/{patient}"},
        "recordedDate": START,
    }


def pressure(patient: str, systolic: int, diastolic: int, at: str) -> dict[str, Any]:
    """A blood pressure as another system sends it."""
    loinc = "http://loinc.org"

    def part(code: str, value: int) -> dict[str, Any]:
        quantity = {"value": value, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}
        return {"code": {"coding": [{"system": loinc, "code": code}]}, "valueQuantity": quantity}

    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "id": f"{patient}-pressure-{systolic}",
        "status": "final",
        "category": [{"coding": [{"system": category, "code": "vital-signs"}]}],
        "code": {"coding": [{"system": loinc, "code": "85354-9"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": at,
        "performer": [{"reference": "PractitionerRole/ayla-nurse-medisin-3"}],
        "component": [part("8480-6", systolic), part("8462-4", diastolic)],
    }
