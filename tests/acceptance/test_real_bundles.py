"""Real Synthea bundles, loaded while the program is served: one of their patients opens in the chart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from acceptance.reading import People, faults, picture
from acceptance.running import ROOT, Program

pytestmark = pytest.mark.browser

BUNDLES = ROOT.parent / "shared" / "data" / "synthea"
NEEDED = ("hospitalInformation*.json", "practitionerInformation*.json")


def files() -> list[Path]:
    """The hospitals, the practitioners, and the smallest patient: enough to open a chart."""
    people = [path for path in BUNDLES.glob("*_*-*.json") if path.stat().st_size]
    return [
        *(path for pattern in NEEDED for path in BUNDLES.glob(pattern)),
        *sorted(people, key=lambda path: path.stat().st_size)[:1],
    ]


def last_pressure(sent: list[dict[str, Any]]) -> str:
    """The newest blood pressure, by what it is made of: not everybody uses the same code for the whole."""
    found: list[tuple[str, str]] = []
    for each in sent:
        parts = {part["code"]["coding"][0]["code"]: part for part in each.get("component", ())}
        if {"8480-6", "8462-4"} <= set(parts):
            values = [round(parts[code]["valueQuantity"]["value"]) for code in ("8480-6", "8462-4")]
            found.append((each["effectiveDateTime"], "/".join(map(str, values))))
    return max(found)[1]


@pytest.mark.skipif(not BUNDLES.is_dir(), reason=f"no Synthea bundles at {BUNDLES}")
def test_a_synthea_patient_is_loaded_found_and_opened_with_a_reason(people: People, program: Program) -> None:
    loaded = program.run("load", *map(str, files()))
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    sent = [entry["resource"] for entry in json.loads(files()[-1].read_text())["entry"]]
    patient = next(each for each in sent if each["resourceType"] == "Patient")
    family = patient["name"][0]["family"]

    page = people.desk_of("henrik", unit="Innherred legevakt")
    page.goto(f"/workspace?q={family}")
    found = page.locator("section[aria-labelledby=found-heading]")
    found.get_by_role("link", name=family.upper()).first.click()
    page.locator("input[name=reason]").last.check()
    page.locator("#reason-words").fill("Akutt syk på reise, trenger tidligere sykdommer")
    page.get_by_role("button", name="Åpne med grunn").click()
    expect(page.locator(".banner h1")).to_contain_text(family.upper())
    expect(page.locator(".banner")).to_contain_text("åpnet med oppgitt grunn")
    condition = next(each for each in sent if each["resourceType"] == "Condition")
    expect(page.locator("#history")).to_contain_text(condition["code"]["text"])
    expect(page.locator("#vitals")).to_contain_text(last_pressure(sent))
    assert faults(page) == []
    picture(page, "chart-synthea-1366")
    with program.door() as door:
        query = {"identifier": patient["identifier"][0]["value"], "_summary": "count"}
        assert door.get("/Patient", params=query).json()["total"] == 1
