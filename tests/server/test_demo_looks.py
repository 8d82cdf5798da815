"""The demo's own people: who opens the record of a colleague, a neighbour or himself is asked why.

Over a whole site, from the sign-in page to the privacy officer's list. access/anomalies.py has the rules.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpx
import pytest

from portal.site import as_, opened
from samjournal import accounts
from samjournal.db.pool import Pool
from samjournal.demo.staff import accounts as demo_accounts
from samjournal.fhir.identifiers import FNR
from samjournal.record import anomalies, open_door
from samjournal.server.demo import make_demo

pytestmark = pytest.mark.anyio
TRUST = "helse-nord-trondelag"
REASON = {"reason": "other", "words": "Ringte avdelingen og spurte om prøvene sine"}


@pytest.fixture(scope="module")
async def site(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[httpx.Client]:
    await accounts.create(pool, kind="demo")
    await make_demo(pool, inhabitants=200, depth="register", tell=lambda _line: None)
    with opened(database) as client:
        yield client


class Region:
    """The people of the demo, as any system reads them over the API."""

    def __init__(self, site: httpx.Client, token: str) -> None:
        self._site, self._token = site, token
        self.patients = self._all("Patient")
        self.practitioners = {one["id"]: one for one in self._all("Practitioner")}
        self.units = {one["id"]: one for one in self._all("Organization")}
        self.workplaces = {
            _id(one["practitioner"]): _id(one["organization"]) for one in self._all("PractitionerRole")
        }  # fmt: skip

    def _all(self, type_: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        address: str | None = f"/fhir/{type_}?_count=1000"
        while address:
            page = self._site.get(address, headers={"authorization": f"Bearer {self._token}"}).json()
            found += [entry["resource"] for entry in page.get("entry", ())]
            address = next((link["url"] for link in page["link"] if link["relation"] == "next"), None)
        return found

    def at_home(self, login: str) -> dict[str, Any] | None:
        """Somebody at work as an inhabitant."""
        number = _number(self.practitioners[login])
        return next((one for one in self.patients if _number(one) == number), None)

    def neighbours(self, patient: dict[str, Any]) -> list[str]:
        street = _street(patient)
        return [one["id"] for one in self.patients if street and _street(one) == street and one["id"] != patient["id"]]

    def works_in(self, login: str) -> str:
        """The organisation that somebody works in, by the register."""
        unit = self.workplaces[login]
        while "partOf" in self.units[unit]:
            unit = _id(self.units[unit]["partOf"])
        return unit


def _id(reference: dict[str, str]) -> str:
    return reference["reference"].partition("/")[2]


def _number(resource: dict[str, Any]) -> str | None:
    return next((one["value"] for one in resource.get("identifier", ()) if one["system"] == FNR), None)


def _street(patient: dict[str, Any]) -> tuple[str, str] | None:
    for one in patient.get("address", ()):
        return re.sub(r" \d+[A-Z]?$", "", one["line"][0]), one["postalCode"]
    return None


def open_with_reason(site: httpx.Client, patient: str) -> None:
    answer = site.post(f"/workspace/patients/{patient}/reason", data=REASON)
    assert answer.status_code == 303, answer.text[:300]
    assert site.get(f"/workspace/patients/{patient}").status_code == 200


def look(site: httpx.Client, token: str) -> tuple[str, dict[str, str]]:
    """Somebody at the hospital opens his own record, a neighbour's, a colleague's, and a stranger's: who, and whose."""
    region = Region(site, token)
    can_sign_in = {one.login for one in demo_accounts() if any(role.code in ("nurse", "doctor") for role in one.roles)}
    people = {login: home for login in region.practitioners if (home := region.at_home(login)) is not None}
    trust = [login for login in people if region.works_in(login) == TRUST]
    reader = next(one for one in trust if one in can_sign_in and region.neighbours(people[one]))
    mine = people[reader]
    near = region.neighbours(mine)
    colleague = next(one for one in trust if one != reader and people[one]["id"] not in near)
    others = {people[one]["id"] for one in trust} | {*near}
    stranger = next(
        one
        for one in region.patients
        if one["id"] not in others and _street(one) and _number(one) and one["active"]
        and one["name"][0]["family"] not in (mine["name"][0]["family"],) and "security" not in one.get("meta", {})
    )  # fmt: skip
    whose = {"own": mine["id"], "near": near[0], "colleague": people[colleague]["id"], "stranger": stranger["id"]}
    as_(site, reader)
    for patient in whose.values():
        open_with_reason(site, patient)
    return reader, whose


async def test_a_colleague_a_neighbour_and_ones_own_record_ask_for_a_question(site: httpx.Client, pool: Pool) -> None:
    token = await accounts.for_system(pool, "people", None)
    reader, whose = await anyio.to_thread.run_sync(look, site, token)
    installation = await accounts.installation(pool)
    assert installation is not None
    door = await open_door(pool, secret=installation.secret)
    while await anomalies.judge_new(door):
        pass
    rows = await pool.fetch(
        "SELECT p.id, f.rule FROM access.finding f JOIN access.person p USING (patient) WHERE actor = $1", reader
    )
    asked = {kind: {row["rule"] for row in rows if row["id"] == id_} for kind, id_ in whose.items()}
    assert asked["own"] == {"himself"}
    assert "neighbour" in asked["near"]
    assert "colleague" in asked["colleague"]
    assert asked["stranger"] == set()
    page = await anyio.to_thread.run_sync(lambda: as_(site, "berit").get("/workspace/oversight").text)
    said = [row for row in re.findall(r"<tr>(.*?)</tr>", page, re.S) if "Oppslag som reiser spørsmål" in row]
    assert all(any(words in row and reader in row for row in said) for words in ("Egen journal", "Nabo", "Kollega"))
