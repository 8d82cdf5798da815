"""The citizen blocks her record, and lets in again, on her own pages; nobody else does it for her."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from portal.site import as_, make_region, opened
from samjournal import accounts
from samjournal.db.pool import Pool

CHART = "/workspace/patients/ragnhild"
EVERYBODY = "everybody"


@pytest.fixture(scope="module")
async def site(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[httpx.Client]:
    await make_region(pool)
    with opened(database) as client:
        yield client


@pytest.fixture(autouse=True)
def nobody_blocked(site: httpx.Client) -> None:
    page = as_(site, "ragnhild").get("/portal/blocks").text
    for id_ in re.findall(r'name="id" value="([^"]+)"', page):
        site.post("/portal/blocks/remove", data={"id": id_})


def block(site: httpx.Client, whom: str) -> str:
    """Ragnhild blocks somebody; the page that she then sees."""
    answer = as_(site, "ragnhild").post("/portal/blocks", data={"whom": whom})
    assert answer.status_code == 303
    return site.get(answer.headers["location"]).text


def chart(site: httpx.Client, login: str) -> int:
    return as_(site, login).get(CHART).status_code


def test_those_who_have_to_do_with_her_can_be_chosen_by_name(site: httpx.Client) -> None:
    page = as_(site, "ragnhild").get("/portal/blocks").text
    assert "Du har ikke sperret for noen" in page
    for whom, name in (
        ("Organization/medisin-3", "Medisin 3, Sykehuset Levanger"),
        ("Organization/egge-hjemmesykepleie", "Egge hjemmesykepleie"),
    ):
        assert f'<option value="{whom}">{name}</option>' in page
    assert page.count(">Henrik Aasen</option>") == 1
    assert "/portal/blocks" in as_(site, "ragnhild").get("/portal/record").text


def test_a_unit_is_kept_out_at_once_and_let_in_again(site: httpx.Client) -> None:
    assert chart(site, "ayla") == 200
    page = block(site, "Organization/medisin-3")
    assert "Sperret. Det gjelder fra nå." in page
    assert "Medisin 3, Sykehuset Levanger" in page
    assert '<option value="Organization/medisin-3">' not in page, "it is blocked already"
    assert (chart(site, "ayla"), chart(site, "solveig")) == (403, 200)
    assert "Pasienten har sperret denne journalen for deg" in as_(site, "ayla").get(CHART).text
    (id_,) = re.findall(r'name="id" value="([^"]+)"', page)
    answer = as_(site, "ragnhild").post("/portal/blocks/remove", data={"id": id_})
    assert "Sperringen er tatt bort" in site.get(answer.headers["location"]).text
    assert chart(site, "ayla") == 200


def test_everybody_is_kept_out_but_herself(site: httpx.Client) -> None:
    page = block(site, EVERYBODY)
    assert "<b>Alle som arbeider i helsetjenesten</b>" in page
    assert [chart(site, login) for login in ("ayla", "turid", "solveig", "magnus")] == [403] * 4
    assert as_(site, "ragnhild").get("/portal/record").status_code == 200
    block(site, EVERYBODY)
    assert len(re.findall(r'name="id" value="', site.get("/portal/blocks").text)) == 1, "twice is once"


def test_an_emergency_is_in_her_log_and_the_block_too(site: httpx.Client) -> None:
    page = as_(site, "ragnhild").get("/portal/blocks").text
    (whom,) = re.findall(r'value="([^"]+)">Henrik Aasen<', page)
    assert "Henrik Aasen" in block(site, whom)
    doctor = as_(site, "henrik")
    doctor.post("/workspace/role", data={"role": "henrik-doctor-medisin-3"})
    assert doctor.get(CHART).status_code == 403
    doctor.post("/workspace/role", data={"role": "henrik-doctor-legevakt"})
    assert "Pasienten har sperret" in doctor.get(CHART).text, "the person is kept out, in whatever role"
    doctor.post("/workspace/role", data={"role": "henrik-doctor-medisin-3"})
    words = "Bevisstløs, må vite om allergi"
    assert doctor.post(f"{CHART}/reason", data={"reason": "emergency", "words": words}).status_code == 303
    assert doctor.get(CHART).status_code == 200
    log = as_(site, "ragnhild").get("/portal/log?show=without").text
    assert "Åpnet journalen du har sperret, i en nødsituasjon." in log
    assert words in log
    assert "Sperret journalen for noen." in site.get("/portal/log?show=own").text


@pytest.mark.parametrize("whom", ["", "Organization/st-olavs-hospital", "Patient/mina", "Practitioner/../x", "x" * 500])
def test_only_those_in_the_record_are_taken(site: httpx.Client, whom: str) -> None:
    page = block(site, whom)
    assert "Du har ikke sperret for noen" in page
    assert "Ingen ble sperret. Velg noen fra listen." in page


@pytest.fixture
async def token(pool: Pool) -> str:
    """A system's, which may write the Consents of everybody."""
    return await accounts.for_system(pool, "t", None)


def test_what_no_block_can_hold_is_shown_as_not_enforced(site: httpx.Client, token: str) -> None:
    consent = {
        "resourceType": "Consent",
        "id": "part",
        "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"text": "sperring"}],
        "policyRule": {"text": "pasientjournalloven § 17"},
        "patient": {"reference": "Patient/ragnhild"},
        "provision": {"type": "deny", "code": [{"text": "psykiatri"}]},
    }
    answer = site.put("/fhir/Consent/part", json=consent, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code in (200, 201), answer.text
    page = as_(site, "ragnhild").get("/portal/blocks").text
    assert "Den kan ikke håndheves slik den er skrevet. Noen ser på den." in page
    assert "<b>Alle som arbeider i helsetjenesten</b>" not in page
    assert chart(site, "ayla") == 200


def test_nobody_takes_away_the_block_of_another(site: httpx.Client) -> None:
    (id_,) = re.findall(r'name="id" value="([^"]+)"', block(site, "Organization/medisin-3"))
    for login in ("mina", "elias"):
        assert as_(site, login).post("/portal/blocks/remove", data={"id": id_}).status_code == 404
    assert as_(site, "ayla").post("/portal/blocks/remove", data={"id": id_}).headers["location"] == "/workspace"
    assert chart(site, "ayla") == 403
    assert as_(site, "ragnhild").post("/portal/blocks/remove", data={"id": "never"}).status_code == 404


def test_staff_and_strangers_have_no_such_page(site: httpx.Client) -> None:
    assert as_(site, "ayla").get("/portal/blocks").headers["location"] == "/workspace"
    site.cookies.clear()
    assert site.get("/portal/blocks").headers["location"] == "/signin?next=/portal/blocks"


def test_one_note_is_blocked_and_the_rest_stays_open(site: httpx.Client) -> None:
    page = as_(site, "ragnhild").get("/portal/notes").text
    id_, title = re.findall(r'id="note-([^"]+)".*?<h2[^>]*>([^<]+)</h2>', page, re.DOTALL)[0]
    read = f"/notes/{id_}"
    assert read in as_(site, "ayla").get(CHART).text
    answer = as_(site, "ragnhild").post("/portal/blocks", data={"whom": "Organization/medisin-3", "note": id_})
    assert answer.status_code == 303
    standing = site.get("/portal/blocks").text
    assert f"Gjelder bare «{title}»" in standing
    assert '<option value="Organization/medisin-3">' in standing, "she can still block all of it for the ward"
    assert "Sperret for Medisin 3, Sykehuset Levanger" in site.get("/portal/notes").text
    page = as_(site, "ayla").get(CHART)
    assert (page.status_code, read in page.text, "/notes/ragnhild-note-" in page.text) == (200, False, True)
    assert "Noe i journalen vises ikke for deg." in page.text
    assert "Åpne i nødsituasjon" in page.text
    asked = site.get(f"{CHART}/reason").text
    assert "Hva haster?" in asked
    assert "Pasienten har sperret denne journalen" not in asked
    site.post(f"{CHART}/reason", data={"reason": "emergency", "words": "Bevisstløs, må vite hva som er skrevet"})
    assert read in site.get(CHART).text
    assert as_(site, "ragnhild").post("/portal/blocks", data={"whom": "everybody", "note": "never"}).status_code == 404
