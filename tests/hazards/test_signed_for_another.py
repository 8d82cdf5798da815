"""A note that stands as signed by somebody who never read it: others act on what he did not say.

The way to harm: a secretary, a colleague or an app puts the doctor's signature on a note, or changes what he signed.
A signature is given by the signer himself in his own role, whatever way the write comes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from world import World, observation

pytestmark = pytest.mark.anyio


def _signed_by(role: str, mode: str = "professional") -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"mode": mode, "time": now, "party": {"reference": f"PractitionerRole/{role}"}}


def _note(author: str, status: str = "final", *attesters: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Composition",
        "status": status,
        "type": {"text": "Notat"},
        "subject": {"reference": "Patient/kari"},
        "date": "2026-11-29T08:00:00+01:00",
        "author": [{"reference": f"PractitionerRole/{author}"}],
        "title": "Visitt",
        "section": [{"title": "Visitt", "text": {"status": "generated", "div": _div("Stabil.")}}],
        **({"attester": list(attesters)} if attesters else {}),
    }


def _div(text: str) -> str:
    return f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}</p></div>'


@pytest.fixture
async def clients(world: World) -> dict[str, httpx.AsyncClient]:
    return {login: await world.client(login) for login in ("doctor", "nurse", "secretary")}


async def test_nobody_signs_for_another(clients: dict[str, httpx.AsyncClient]) -> None:
    for login in ("nurse", "secretary"):
        forged = await clients[login].post(
            "/Composition", json=_note("doctor-role", "final", _signed_by("doctor-role"))
        )
        assert forged.status_code == 403, login


async def test_a_secretary_signs_nothing(clients: dict[str, httpx.AsyncClient]) -> None:
    desk = clients["secretary"]
    assert (await desk.post("/Composition", json=_note("secretary-role"))).status_code == 403
    own = _note("secretary-role", "preliminary", _signed_by("secretary-role"))
    assert (await desk.post("/Composition", json=own)).status_code == 403
    prepared = await desk.post("/Composition", json=_note("doctor-role", "preliminary"))
    assert prepared.status_code == 201
    finished = {**prepared.json(), "status": "final"}
    assert (await desk.put(f"/Composition/{finished['id']}", json=finished)).status_code == 403


async def test_what_somebody_signed_is_not_changed_under_his_name(clients: dict[str, httpx.AsyncClient]) -> None:
    signed = await clients["doctor"].post("/Composition", json=_note("doctor-role", "final", _signed_by("doctor-role")))
    assert signed.status_code == 201
    note = signed.json()
    other = {**note, "section": [{"title": "Visitt", "text": {"status": "generated", "div": _div("Kan reise.")}}]}
    assert (await clients["nurse"].put(f"/Composition/{note['id']}", json=other)).status_code == 403
    patched = [{"op": "replace", "path": "/title", "value": "Utskrivning"}]
    headers = {"content-type": "application/json-patch+json"}
    answer = await clients["nurse"].patch(f"/Composition/{note['id']}", json=patched, headers=headers)
    assert answer.status_code == 403
    own = {**other, "attester": [*note["attester"], _signed_by("nurse-role")]}
    assert (await clients["nurse"].put(f"/Composition/{note['id']}", json=own)).status_code == 200


async def test_nobody_countersigns_his_own_note(clients: dict[str, httpx.AsyncClient]) -> None:
    both = _note("doctor-role", "final", _signed_by("doctor-role"), _signed_by("doctor-role", "legal"))
    assert (await clients["doctor"].post("/Composition", json=both)).status_code == 403


async def test_what_is_called_signed_is_signed(clients: dict[str, httpx.AsyncClient]) -> None:
    nurse = clients["nurse"]
    assert (await nurse.post("/Composition", json=_note("doctor-role"))).status_code == 403
    named = _signed_by("nurse-role")
    named["party"]["display"] = "Dina Lege"
    assert (await nurse.post("/Composition", json=_note("doctor-role", "final", named))).status_code == 403
    for mode in ("personal", "official"):
        other = _note("nurse-role", "final", _signed_by("nurse-role"), _signed_by("doctor-role", mode))
        assert (await nurse.post("/Composition", json=other)).status_code == 403, mode
    for mode in ("professional", "legal"):
        in_his_name = _note("doctor-role", "final", _signed_by("nurse-role", mode))
        assert (await nurse.post("/Composition", json=in_his_name)).status_code == 403, mode
    waits = _note("doctor-role", "preliminary", _signed_by("doctor-role"))
    note = (await clients["doctor"].post("/Composition", json=waits)).json()
    done = await nurse.put(f"/Composition/{note['id']}", json={**note, "status": "final"})
    assert done.status_code == 403, "nobody countersigned it"


async def test_what_is_signed_stays_signed(clients: dict[str, httpx.AsyncClient]) -> None:
    signed = _note("doctor-role", "final", _signed_by("doctor-role"))
    note = (await clients["doctor"].post("/Composition", json=signed)).json()
    address = f"/Composition/{note['id']}"
    bare = {name: value for name, value in note.items() if name != "attester"}
    told = {"status": "generated", "div": _div("Kan reise.")}
    for changed in (
        {**bare, "section": [{"title": "Visitt", "text": told}]},
        {**note, "text": told},
        {**note, "status": "preliminary"},
        bare,
    ):
        assert (await clients["nurse"].put(address, json=changed)).status_code == 403
    wrong = {**note, "status": "entered-in-error"}
    assert (await clients["secretary"].put(address, json=wrong)).status_code == 403
    for login in ("nurse", "secretary", "doctor"):
        assert (await clients[login].delete(address)).status_code == 403, login
    assert (await clients["doctor"].get(address)).json()["meta"]["versionId"] == "1"


async def test_nobody_asks_a_countersignature_of_himself(clients: dict[str, httpx.AsyncClient]) -> None:
    waits = _note("doctor-role", "preliminary", _signed_by("doctor-role"))
    note = (await clients["doctor"].post("/Composition", json=waits)).json()
    task = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": "urn:samjournal:task", "code": "countersign"}]},
        "focus": {"reference": f"Composition/{note['id']}"},
        "for": {"reference": "Patient/kari"},
        "owner": {"reference": "PractitionerRole/nurse-role"},
    }
    assert (await clients["nurse"].post("/Task", json=task)).status_code == 403
    others = await clients["nurse"].post("/Task", json={**task, "owner": {"reference": "PractitionerRole/other-role"}})
    assert others.status_code == 201
    his = {**others.json(), "owner": task["owner"]}
    assert (await clients["nurse"].put(f"/Task/{his['id']}", json=his)).status_code == 403


@pytest.mark.parametrize("hours", [-30, -1, 1])
async def test_a_signature_bears_the_time_at_which_it_is_given(
    clients: dict[str, httpx.AsyncClient], hours: int
) -> None:
    then = (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="seconds")
    late = _note("doctor-role", "final", {**_signed_by("doctor-role"), "time": then})
    assert (await clients["doctor"].post("/Composition", json=late)).status_code == 403
    skewed = (datetime.now(UTC) + timedelta(minutes=2)).isoformat(timespec="seconds")
    near = _note("doctor-role", "final", {**_signed_by("doctor-role"), "time": skewed})
    assert (await clients["doctor"].post("/Composition", json=near)).status_code == 201


async def test_what_was_signed_elsewhere_at_its_time_is_brought_by_an_import(world: World) -> None:
    old = {**_signed_by("doctor-role"), "time": "2019-03-01T12:00:00+01:00"}
    importer = await world.client()
    assert (await importer.post("/Composition", json=_note("doctor-role", "final", old))).status_code == 201


async def test_nobody_authenticates_a_document_for_another(clients: dict[str, httpx.AsyncClient]) -> None:
    document = {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": "Patient/kari"},
        "description": "Brev",
        "content": [{"attachment": {"title": "Brev"}}],
    }
    his = {**document, "authenticator": {"reference": "PractitionerRole/doctor-role"}}
    for login in ("secretary", "nurse"):
        assert (await clients[login].post("/DocumentReference", json=his)).status_code == 403, login
    own = {**document, "authenticator": {"reference": "PractitionerRole/secretary-role"}}
    assert (await clients["secretary"].post("/DocumentReference", json=own)).status_code == 403
    signed = (await clients["doctor"].post("/DocumentReference", json=his)).json()
    other = {**signed, "content": [{"attachment": {"title": "Et annet brev"}}]}
    address = f"/DocumentReference/{signed['id']}"
    assert (await clients["nurse"].put(address, json=other)).status_code == 403
    without = {name: value for name, value in other.items() if name != "authenticator"}
    assert (await clients["nurse"].put(address, json=without)).status_code == 200


async def test_nobody_interprets_a_result_for_another(clients: dict[str, httpx.AsyncClient], world: World) -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "code": {"text": "CT thorax"},
        "subject": {"reference": "Patient/kari"},
        "conclusion": "Ingen infiltrater.",
        "resultsInterpreter": [{"reference": "PractitionerRole/nurse-role"}],
    }
    doctor = clients["doctor"]
    assert (await doctor.post("/DiagnosticReport", json=report)).status_code == 403
    asked = await doctor.post("/DiagnosticReport", json={**report, "status": "preliminary"})
    assert asked.status_code == 201, "who is to interpret it may be named"
    done = {**asked.json(), "status": "final"}
    assert (await doctor.put(f"/DiagnosticReport/{done['id']}", json=done)).status_code == 403
    own = {**done, "resultsInterpreter": [{"reference": "PractitionerRole/doctor-role"}]}
    assert (await doctor.put(f"/DiagnosticReport/{done['id']}", json=own)).status_code == 200
    (theirs,) = await world.put({**report, "id": "theirs"})
    changed = {**theirs.resource(), "conclusion": "Stort infiltrat."}
    assert (await doctor.put("/DiagnosticReport/theirs", json=changed)).status_code == 403


async def test_who_measured_is_named_by_a_colleague_who_writes(clients: dict[str, httpx.AsyncClient]) -> None:
    measured = {**observation("kari"), "performer": [{"reference": "PractitionerRole/nurse-role"}]}
    assert (await clients["doctor"].post("/Observation", json=measured)).status_code == 201
