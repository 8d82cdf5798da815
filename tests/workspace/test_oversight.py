"""Oversight: why others may read, and the review list, over HTTP on a real record."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from samjournal import accounts
from samjournal.accounts import Account, RoleAt
from samjournal.record import state_reason
from workspace.test_pages import enter  # noqa: F401
from world import World, appointment, organization, patient

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]


@pytest.fixture(scope="module", autouse=True)
async def officers(world: World) -> None:
    """One for the hospital, one for home care; a reason and a self-made relation at the ward, a label from a system."""
    await world.put(
        organization("other-trust"), patient("watched", "Vaktet"), patient("booked", "Bestilt"), patient("linked", "Ny")
    )
    async with world.pool.transaction() as db:
        await accounts.add(db, [_officer("berit", "hospital"), _officer("odd", "other-trust")])
    await state_reason(world.door, await world.permit("doctor"), "watched", "Ringt om råd av legevakten")
    await world.make(appointment("booked", "Practitioner/secretary"), by="secretary")
    await world.put({"resourceType": "Consent", "id": "c", "status": "active", **_CONSENT})


_CONSENT = {
    "scope": {"coding": [{"code": "patient-privacy"}]},
    "category": [{"text": "sperring"}],
    "patient": {"reference": "Patient/linked"},
    "policyRule": {"text": "norsk lov"},
}


def _officer(login: str, unit: str) -> Account:
    role = RoleAt("privacy-officer", unit, f"{login}-role", unit.title())
    return Account(login, f"{login.title()} Vakt", "staff", (role,), practitioner_id=login)


def matters(page: str) -> list[str]:
    body = page[page.index('id="list"') :]
    return [re.sub(r"<[^>]+>|\s+", " ", row) for row in re.findall(r"<tr>(<td .*?)</tr>", body, re.DOTALL)]


async def test_only_who_answers_for_access_gets_in(enter: Enter) -> None:  # noqa: F811
    for login in ("nurse", "doctor", "secretary"):
        assert (await enter(login).get("/workspace/oversight")).status_code == 403
        answer = await enter(login).post("/workspace/oversight/reviewed", data={"id": "0" * 32})
        assert answer.status_code == 403
    page = await enter("nurse").get("/workspace")
    assert "/workspace/oversight" not in page.text
    page = await enter("berit").get("/workspace")
    assert "/workspace/oversight" in page.text


async def test_an_officer_opens_no_record_by_his_unit(enter: Enter, world: World) -> None:  # noqa: F811
    desk = enter("berit")
    assert (await desk.get("/workspace/patients/kari")).status_code == 404
    answer = await desk.post("/workspace/patients/kari/reason", data={"reason": "other", "words": "Jeg må bare se"})
    assert answer.status_code in (403, 404)
    async with await world.client("berit") as client:
        assert (await client.get("/Patient/kari")).status_code == 404
        assert (await client.get("/Patient")).json()["total"] == 0
        assert (await client.get("/Observation?patient=kari")).status_code == 403
    first = (await desk.get("/workspace")).text
    assert "Rollen din ser hvem pasienten er, men åpner ingen journal." in first
    assert "I vår behandling nå" not in first
    found = (await desk.get("/workspace?q=Nordmann")).text
    assert "åpnes ikke av rollen din" in found
    assert "krever grunn" not in found, "a reason opens nothing for this role"


async def test_why_somebody_may_read_is_told_by_login_or_name(enter: Enter) -> None:  # noqa: F811
    for who in ("nurse", "Nurse"):
        page = await enter("berit").get("/workspace/oversight", params={"who": who, "id": "kari"})
        assert "journalen er åpen" in page.text, who
        assert "innleggelse" in page.text
        assert "Journalen til NORDMANN, Kari" in page.text, "the answer names whom it is about"
        assert 'href="/workspace/oversight?who=' in page.text, "another patient can be chosen"
    page = await enter("berit").get("/workspace/oversight", params={"who": "homenurse", "id": "kari"})
    assert "journalen er stengt" in page.text
    assert "Ingenting i journalen knytter denne rollen til pasienten" in page.text
    page = await enter("berit").get("/workspace/oversight", params={"who": "nurse", "patient": "Nordmann"})
    assert "Flere pasienter passer" in page.text
    page = await enter("berit").get("/workspace/oversight", params={"who": "s%_", "patient": "Finnesikke"})
    assert "Ingen ansatte passer" in page.text
    assert "Ingen pasienter passer" in page.text
    page = await enter("berit").get("/workspace/oversight", params={"who": "nurse", "id": "never"})
    assert "Det finnes ingen slik pasient" in page.text


async def test_what_was_asked_is_in_the_patients_log(enter: Enter, world: World) -> None:  # noqa: F811
    await enter("berit").get("/workspace/oversight", params={"who": "nurse", "id": "kari"})
    look = await world.pool.fetchrow("SELECT action, why FROM audit.look WHERE actor = 'berit' ORDER BY at LIMIT 1")
    assert look is not None
    asked = await world.pool.fetch("SELECT DISTINCT action, why FROM audit.look WHERE actor = 'berit'")
    assert ("explain", "oversight") in {tuple(row) for row in asked}


async def test_each_officer_has_the_list_of_his_own_organisation_and_what_systems_did(enter: Enter) -> None:  # noqa: F811
    told = matters((await enter("berit").get("/workspace/oversight")).text)
    assert len(told) == 4
    assert any(
        "oppgitt grunn" in one and "(doctor), lege" in one and "VAKTET" in one and "legevakten" in one for one in told
    )
    assert any("Laget et grunnlag selv" in one and "secretary" in one and "time" in one for one in told)
    assert any("datasystem" in one and "NY" in one for one in told)
    others = matters((await enter("odd").get("/workspace/oversight")).text)
    assert len(others) == 2
    assert all("datasystem" in one for one in others), "the label of Elias, the consent"


async def test_what_was_looked_over_leaves_the_list_and_the_patient_hears(enter: Enter, world: World) -> None:  # noqa: F811
    matter = await world.pool.fetchval("SELECT id FROM access.review WHERE kind = 'reason'")
    answer = await enter("odd").post("/workspace/oversight/reviewed", data={"id": str(matter)})
    assert answer.headers["location"].endswith("?done=no#list"), "it is not his organisation's"
    answer = await enter("berit").post("/workspace/oversight/reviewed", data={"id": str(matter)})
    assert answer.headers["location"].endswith("?done=yes#list")
    page = await enter("berit").get("/workspace/oversight?done=yes")
    assert "Gjennomgått. Pasienten ser det" in page.text
    assert len(matters(page.text)) == 3
    again = await enter("berit").post("/workspace/oversight/reviewed", data={"id": str(matter)})
    assert again.headers["location"].endswith("?done=no#list")
    wrong = await enter("berit").post("/workspace/oversight/reviewed", data={"id": "x"})
    assert wrong.headers["location"].endswith("?done=no#list")
    row = await world.pool.fetchrow("SELECT reviewer, reviewed FROM access.review WHERE id = $1", matter)
    assert row["reviewer"] == "berit"
    looks = await world.pool.fetch("SELECT actor, why FROM audit.look WHERE action = 'reviewed'")
    assert [tuple(look) for look in looks] == [("berit", "oversight")]


async def test_nobody_looks_over_what_he_did_himself(enter: Enter, world: World) -> None:  # noqa: F811
    matter = await world.pool.fetchval(
        "INSERT INTO access.review (kind, actor, role, source, organization)"
        " VALUES ('self-made', 'berit', 'privacy-officer', 'Task/1', 'hospital') RETURNING id"
    )
    assert "må gjennomgås av en annen" in (await enter("berit").get("/workspace/oversight")).text
    answer = await enter("berit").post("/workspace/oversight/reviewed", data={"id": str(matter)})
    assert answer.headers["location"].endswith("?done=no#list")


async def test_what_waits_too_long_is_marked(enter: Enter, world: World) -> None:  # noqa: F811
    await world.pool.execute("UPDATE access.review SET at = now() - interval '15 days' WHERE kind = 'access-changed'")
    assert "over 14 dager" in (await enter("berit").get("/workspace/oversight")).text


async def test_a_look_that_asks_for_a_question_stands_in_words(enter: Enter, world: World) -> None:  # noqa: F811
    for source in ("colleague,surname", "many 41 6"):
        await world.pool.execute(
            "INSERT INTO access.review (kind, actor, role, source, organization) VALUES"
            " ('anomaly', 'nurse', 'nurse', $1, 'ward')",
            source,
        )
    told = matters((await enter("berit").get("/workspace/oversight")).text)
    assert any("Oppslag som reiser spørsmål" in one and "Kollega; Samme etternavn" in one for one in told)
    assert any("Uvanlig mange pasienter: 41 på en time, vanlig er 6" in one for one in told)
    assert "Samme etternavn" not in (await enter("odd").get("/workspace/oversight")).text
