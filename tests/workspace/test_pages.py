"""The workspace over HTTP, on a real record: who gets in, what is saved, and what is said when it is not."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from samjournal import accounts, workspace
from samjournal.accounts import Session
from samjournal.db.pool import BAD_VALUE
from samjournal.fhir.errors import FhirError
from samjournal.server.app import problem
from samjournal.ui import pages
from samjournal.ui.errors import error_page
from world import HIDDEN_ADDRESS, World, patient, stay

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]


class AtTheDesk:
    """Puts a signed-in person into each request, as the server's session middleware does."""

    def __init__(self, app: ASGIApp, world: World, login: str | None) -> None:
        self.app, self.world, self.login = app, world, login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})
        state["session"] = state["permit"] = None
        if self.login:
            who = await accounts.account(self.world.pool, self.login)
            assert who is not None
            state["session"] = Session(
                "00", who.login, who.name, who.kind, who.roles[0], who.roles, who.patient_id, who.practitioner_id
            )
            state["permit"] = await self.world.permit(self.login)
        await self.app(scope, receive, send)


@pytest.fixture
async def enter(world: World) -> Enter:
    site = Starlette(
        routes=[*pages.routes(), *workspace.routes()],
        exception_handlers={FhirError: error_page, 404: error_page, **dict.fromkeys(BAD_VALUE, problem)},
    )
    site.state.door = world.door

    def browser(login: str | None) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=AtTheDesk(site, world, login))
        return httpx.AsyncClient(transport=transport, base_url="http://samjournal.test")

    return browser


async def test_who_is_not_signed_in_is_sent_to_sign_in(enter: Enter) -> None:
    answer = await enter(None).get("/workspace/patients/kari")
    assert answer.headers["location"] == "/signin?next=/workspace/patients/kari"


async def test_a_citizen_is_sent_to_the_portal(enter: Enter) -> None:
    assert (await enter("kari").get("/workspace")).headers["location"] == "/portal"


async def test_the_first_page_has_those_in_our_care(enter: Enter) -> None:
    page = await enter("nurse").get("/workspace")
    assert "NORDMANN, Kari" in page.text
    assert "NORDMANN, Ola" not in page.text


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("VIKAN STRAND, Odin", True),
        ("Vikan Strand", True),
        ("odin vikan stra", True),
        ("Odin Vikan", True),
        ("Vikan Odin Strand", False),
        ("Vikan Strander", False),
        ("Ukjent mann fra E6", True),
        ("ukjent mann", True),
    ],
)
async def test_a_name_of_several_words_is_found_as_it_is_written(
    enter: Enter, world: World, typed: str, is_found: bool
) -> None:
    two, unknown = patient("odin", "Vikan Strand"), patient("e6", "Ukjent mann fra E6")
    await world.put({**two, "name": [{"family": "Vikan Strand", "given": ["Odin"]}]}, {**unknown, "name": [
        {"family": "Ukjent mann fra E6"}]})  # fmt: skip
    page = (await enter("nurse").get("/workspace", params={"q": typed})).text
    assert ("/workspace/patients/odin" in page or "/workspace/patients/e6" in page) == is_found


async def test_a_search_that_finds_nobody_says_what_to_try(enter: Enter) -> None:
    page = await enter("nurse").get("/workspace", params={"q": "Finnesikke"})
    assert "Ingen pasienter passer" in page.text


async def test_the_search_text_is_escaped(enter: Enter) -> None:
    page = await enter("nurse").get("/workspace", params={"q": '"><script>x</script>'})
    assert "<script>x" not in page.text


async def test_a_chart_opens_for_who_has_the_patient(enter: Enter) -> None:
    page = await enter("nurse").get("/workspace/patients/kari")
    assert page.status_code == 200
    for heading in ("Historikk", "Nå", "Videre plan", "Allergi: ikke spurt"):
        assert heading in page.text


async def test_a_refresh_is_answered_with_the_changing_part_alone(enter: Enter) -> None:
    part = await enter("nurse").get("/workspace/patients/kari", headers={"hx-request": "true"})
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "Videre plan" in part.text


async def test_without_a_relation_nothing_is_shown_and_a_reason_is_asked_for(enter: Enter) -> None:
    page = await enter("nurse").get("/workspace/patients/ola")
    assert page.status_code == 403
    assert "Hvorfor må du lese nå?" in page.text
    assert "Nordmann" not in page.text
    assert "NORDMANN" not in page.text


async def test_why_a_record_is_open_or_closed_is_told_on_a_page_that_names_nobody(enter: Enter, world: World) -> None:
    page = await enter("nurse").get("/workspace/patients/kari/access")
    assert page.status_code == 200
    for said in ("Journalen er åpen for deg", "innlagt hos dere", "åpner journalen", "ingen slutt"):
        assert said in page.text
    ended = {**stay("ola-was", "ola", status="finished"), "period": {"start": "2020-01-01", "end": "2020-01-05"}}
    await world.put(ended)
    for path in ("/workspace/patients/ola/access", "/workspace/patients/ola"):
        page = await enter("nurse").get(path)
        for said in ("innlagt hos dere", "er gått ut", "05.02.2020"):
            assert said in page.text, path
        assert "Nordmann" not in page.text
    page = await enter("homenurse").get("/workspace/patients/ola/access")
    assert "Ingenting i journalen knytter deg" in page.text
    assert (await enter("nurse").get("/workspace/patients/never/access")).status_code == 404


async def test_a_reason_must_be_chosen_or_written(enter: Enter) -> None:
    for form in ({}, {"reason": "other"}, {"reason": "other", "words": "kort"}):
        page = await enter("doctor").post("/workspace/patients/ola/reason", data=form)
        assert page.status_code == 422
        assert "formerror" in page.text


async def test_a_stated_reason_opens_the_chart(enter: Enter) -> None:
    desk = enter("doctor")
    words = "Vakthavende på Ortopedi ringte og ba om råd"
    answer = await desk.post("/workspace/patients/ola/reason", data={"reason": "other", "words": words})
    assert answer.status_code == 303
    assert "NORDMANN, Ola" in (await desk.get("/workspace/patients/ola")).text


async def test_a_patient_who_does_not_exist_is_not_found(enter: Enter) -> None:
    assert (await enter("nurse").get("/workspace/patients/nobody")).status_code == 404


async def test_a_blood_pressure_is_saved_and_seen_by_the_next_reader(enter: Enter) -> None:
    answer = await enter("nurse").post(
        "/workspace/patients/kari/blood-pressure", data={"systolic": "131", "diastolic": "77"}
    )
    assert answer.headers["location"] == "/workspace/patients/kari?saved=blood-pressure"
    assert "131/77" in (await enter("doctor").get("/workspace/patients/kari")).text


@pytest.mark.parametrize(
    ("systolic", "diastolic", "told"),
    [
        ("", "", "må være et helt tall"),
        ("12o", "80", "Overtrykk må være et helt tall"),
        ("1300", "80", "Overtrykk må være mellom 40 og 300"),
        ("80", "120", "Undertrykket må være lavere enn overtrykket"),
        ("١٢٠", "80", "må være et helt tall"),
    ],
)
async def test_a_slip_of_the_finger_is_told_and_kept(enter: Enter, systolic: str, diastolic: str, told: str) -> None:
    page = await enter("nurse").post(
        "/workspace/patients/kari/blood-pressure", data={"systolic": systolic, "diastolic": diastolic}
    )
    assert page.status_code == 422
    assert told in page.text
    assert f'value="{systolic}"' in page.text


async def test_a_note_is_saved_as_plain_text(enter: Enter) -> None:
    desk = enter("nurse")
    text = "Sov godt.\r\n\r\n<b>Ikke</b> smerter & ingen feber."
    answer = await desk.post("/workspace/patients/kari/notes", data={"title": "Natt", "text": text})
    assert answer.headers["location"] == "/workspace/patients/kari?saved=note"
    page = (await desk.get("/workspace/patients/kari")).text
    assert "&lt;b&gt;Ikke&lt;/b&gt; smerter &amp; ingen feber." in page


async def test_what_was_saved_is_told_still_when_the_page_is_drawn_anew(enter: Enter) -> None:
    desk = enter("nurse")
    page = (await desk.get("/workspace/patients/kari?saved=note")).text
    again = html.unescape(re.findall(r'id="chart"[^>]* hx-get="([^"]*)" hx-trigger="live"', page)[0])
    drawn = await desk.get(again, headers={"hx-request": "true"})
    assert "<html" not in drawn.text
    assert "Notatet er signert" in drawn.text
    odd = (await desk.get("/workspace/patients/kari", params={"saved": '"><script>'})).text
    assert '<script>"' not in odd
    assert "saved=" not in re.findall(r'id="chart"[^>]* hx-get="([^"]*)" hx-trigger="live"', odd)[0]


async def test_an_empty_note_is_not_saved_and_the_heading_is_kept(enter: Enter) -> None:
    page = await enter("nurse").post("/workspace/patients/kari/notes", data={"title": "Natt", "text": "  "})
    assert page.status_code == 422
    assert "Notatet er tomt" in page.text
    assert 'value="Natt"' in page.text


async def test_what_could_not_be_saved_is_not_lost(enter: Enter) -> None:
    page = await enter("nurse").post("/workspace/patients/ola/notes", data={"title": "Natt", "text": "Lang tekst"})
    assert page.status_code in (403, 404)
    assert "Notatet ble ikke lagret" in page.text
    assert "Lang tekst</textarea>" in page.text


async def test_the_foot_of_the_chart_leads_to_why_and_to_who_acts_for_the_patient(enter: Enter) -> None:
    # The head has no room for the first on a phone.
    page = (await enter("doctor").get("/workspace/patients/kari")).text
    foot = page[page.index('class="chartfoot"') :]
    assert "/workspace/patients/kari/access" in foot
    assert "/workspace/patients/kari/representation" in foot
    page = (await enter("nurse").get("/workspace/patients/kari")).text
    assert "/workspace/patients/kari/representation" not in page, "it is the doctor's to judge"


async def test_a_note_of_a_kind_says_who_reads_it_and_is_read_by_them(enter: Enter, world: World) -> None:
    await world.put(
        {
            "resourceType": "EpisodeOfCare",
            "id": "kari-home",
            "status": "active",
            "patient": {"reference": "Patient/kari"},
            "managingOrganization": {"reference": "Organization/homecare"},
        }
    )
    desk, other = enter("nurse"), enter("homenurse")
    page = (await desk.get("/workspace/patients/kari/notes/new")).text
    # Who reads it stands in full beside each kind: in a list of choices it was cut where it mattered.
    assert "<b>Notat fra psykisk helsehjelp</b> forbeholdt enheten; pasienten ser det etter 7 dager</span>" in page
    assert "<b>Løpende notat</b> pasienten ser det straks</span>" in page
    assert page.count('name="kind"') == 4
    assert 'value="progress" checked' in page
    assert "Noe i journalen vises ikke for deg" not in page
    sent = {"title": "Samtale", "text": "Snakket om det som er vanskelig.", "kind": "mental-health"}
    answer = await desk.post("/workspace/patients/kari/notes", data=sent)
    assert answer.headers["location"] == "/workspace/patients/kari?saved=reserved"
    page = (await desk.get("/workspace/patients/kari?saved=reserved")).text
    assert "Notatet er signert. Det er forbeholdt enheten." in page
    assert "Snakket om det som er vanskelig." in page
    assert "Særlig sensitivt" in page
    assert "Pasienten ser notatet fra" in page
    page = (await other.get("/workspace/patients/kari")).text
    assert "vanskelig" not in page
    assert "Noe i journalen vises ikke for deg." in page
    asked = await other.get("/workspace/patients/kari/reason")
    assert asked.status_code == 200
    assert "Resten av journalen er åpen for deg som før." in asked.text
    said = {"reason": "other", "words": "Skal lage plan for hjelpen hjemme"}
    assert (await other.post("/workspace/patients/kari/reason", data=said)).status_code == 303
    page = (await other.get("/workspace/patients/kari")).text
    assert "Snakket om det som er vanskelig." in page
    assert "Noe i journalen vises ikke for deg." not in page
    closed = await other.get("/workspace/patients/kari/reason")
    assert closed.headers["location"] == "/workspace/patients/kari"


async def test_a_note_of_no_kind_is_not_saved(enter: Enter) -> None:
    sent = {"title": "Natt", "text": "Sov godt.", "kind": "hemmelig"}
    page = await enter("nurse").post("/workspace/patients/kari/notes", data=sent)
    assert page.status_code == 422
    assert "Velg hva slags notat det er." in page.text
    assert ">Sov godt.</textarea>" in page.text


async def test_a_note_is_held_back_from_the_patient_by_decision_and_shown_again(enter: Enter, world: World) -> None:
    desk = enter("nurse")
    await desk.post("/workspace/patients/kari/notes", data={"title": "Uro", "text": "Pårørende ringte og var redd."})
    (note,) = [
        row["id"]
        for row in await world.pool.fetch(
            "SELECT c.id FROM store.current c JOIN store.version v USING (type, id, version) "
            "WHERE position('redd'::bytea IN v.body) > 0"
        )
    ]
    kari = await world.client("kari")
    assert (await kari.get(f"/Composition/{note}")).status_code == 200
    address = f"/workspace/patients/kari/notes/{note}"
    refused = await desk.post(f"{address}/hold-back", data={"reason": "kort"})
    assert refused.status_code == 422
    assert "Skriv litt mer" in refused.text
    assert 'value="kort"' in refused.text, "what was written is kept"
    held = await desk.post(f"{address}/hold-back", data={"reason": "Det kan sette pårørende i fare"})
    assert held.headers["location"] == "/workspace/patients/kari?saved=held#notes"
    assert "Pasienten ser ikke notatet" in (await desk.get("/workspace/patients/kari")).text
    assert (await kari.get(f"/Composition/{note}")).status_code == 404
    matter = await world.pool.fetchrow("SELECT actor, source, reason FROM access.review WHERE kind = 'held-back'")
    assert tuple(matter) == ("nurse", f"Composition/{note}", "Det kan sette pårørende i fare")
    assert (await enter("secretary").post(f"{address}/release")).status_code == 403
    shown = await desk.post(f"{address}/release")
    assert shown.headers["location"] == "/workspace/patients/kari?saved=released#notes"
    logged = await world.pool.fetch(
        "SELECT action FROM audit.look WHERE actor = 'nurse' AND action IN ('hold-back', 'release') ORDER BY at"
    )
    assert [row["action"] for row in logged] == ["hold-back", "release"], "the patient reads what it was"
    assert (await kari.get(f"/Composition/{note}")).status_code == 200


async def test_a_secretary_sees_the_chart_and_is_offered_nothing_she_may_not_do(enter: Enter) -> None:
    page = (await enter("secretary").get("/workspace/patients/kari")).text
    assert "Videre plan" in page
    assert "blood-pressure" not in page
    assert "hold-back" not in page, "what the patient reads is for who signs to decide"


async def test_a_protected_address_is_nowhere_on_the_page(enter: Enter) -> None:
    page = (await enter("nurse").get("/workspace/patients/elias")).text
    assert "Beskyttet adresse" in page
    assert not HIDDEN_ADDRESS.search(page)


@pytest.mark.parametrize(("code", "word"), [("nn", "Vidare plan"), ("en", "Further plan")])
async def test_the_chart_is_in_the_reader_s_language(enter: Enter, code: str, word: str) -> None:
    page = await enter("nurse").get("/workspace/patients/kari", headers={"accept-language": code})
    assert word in page.text


async def test_a_blocked_record_says_so_and_opens_in_an_emergency_only(enter: Enter, world: World) -> None:
    await world.put(
        {
            "resourceType": "Consent",
            "id": "kari-block",
            "status": "active",
            "scope": {"coding": [{"code": "patient-privacy"}]},
            "category": [{"text": "sperring"}],
            "policyRule": {"text": "norsk lov"},
            "patient": {"reference": "Patient/kari"},
            "provision": {"type": "deny"},
        }
    )
    page = await enter("nurse").get("/workspace/patients/kari")
    assert page.status_code == 403
    for said in ("Pasienten har sperret denne journalen for deg", "sperret av pasienten", "Hva haster?"):
        assert said in page.text
    assert "Hvorfor må du lese nå?" not in page.text
    assert "NORDMANN, Kari" not in page.text
    page = await enter("secretary").get("/workspace/patients/kari")
    assert "Rollen din kan ikke åpne en sperret journal" in page.text
    refused = await enter("nurse").post(
        "/workspace/patients/kari/reason", data={"reason": "other", "words": "Jeg må lese litt"}
    )
    assert refused.status_code == 403
    for words in ("", "kort"):
        page = await enter("nurse").post(
            "/workspace/patients/kari/reason", data={"reason": "emergency", "words": words}
        )
        assert page.status_code == 422
    opened = await enter("nurse").post(
        "/workspace/patients/kari/reason", data={"reason": "emergency", "words": "Bevisstløs, må vite om allergi"}
    )
    assert opened.status_code == 303
    page = await enter("nurse").get("/workspace/patients/kari")
    assert page.status_code == 200
    assert "åpnet i en nødsituasjon" in page.text
    assert (await enter("doctor").get("/workspace/patients/kari")).status_code == 403


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ("notes", {"title": "Kveld", "text": "Skrevet i en annen rolle", "kind": "mental-health"}),
        ("blood-pressure", {"systolic": "127", "diastolic": "77"}),
    ],
)
async def test_a_form_that_was_opened_in_another_role_is_not_saved_unseen(
    enter: Enter, form: str, sent: dict[str, str]
) -> None:
    desk = enter("nurse")
    address = f"/workspace/patients/kari/{form}"
    answer = await desk.post(address, data={**sent, "role": "the-role-of-another-tab"})
    assert answer.status_code == 409
    assert "Du byttet rolle etter at du åpnet skjemaet." in answer.text
    assert all(value in answer.text for value in sent.values()), "what was typed and chosen stands there"
    (own,) = set(re.findall(r'name="role" value="([^"]+)"', answer.text))
    assert (await desk.post(address, data={**sent, "role": own})).status_code == 303


@pytest.mark.parametrize(
    ("site", "encoding"), [("same-origin", "gzip"), ("none", "gzip"), ("cross-site", None), ("same-site", None)]
)
async def test_a_page_is_sent_packed_but_not_to_who_comes_from_another_site(
    enter: Enter, site: str, encoding: str | None
) -> None:
    """The length of a packed page would tell whether it has a word that is in its address."""
    page = await enter("nurse").get(
        "/workspace/patients/kari", headers={"sec-fetch-site": site, "accept-encoding": "gzip"}
    )
    assert page.headers.get("content-encoding") == encoding
    assert page.headers["vary"] == "accept-encoding"
    assert "NORDMANN, Kari" in page.text
