"""What is fetched from the portal: the whole record, notes, vaccines, the log, and what was written of a visit.

samjournal.portal.downloading, .papers, .vaccines, .visits: one region for all of them.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import AsyncIterator

import httpx
import pytest

from extracts.ips_rules import broken
from portal.site import as_, make_region, opened
from samjournal.db.pool import Pool
from samjournal.portal import downloading
from samjournal.portal.papers import _safe

PLACE = "/portal/download"
FILES = ("record.zip", "summary.json", "record.pdf")


@pytest.fixture(scope="module")
async def site(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[httpx.Client]:
    await make_region(pool)
    with opened(database) as client:
        yield client


def test_each_note_that_is_read_is_there_on_paper_and_nobody_elses(site: httpx.Client) -> None:
    notes = re.findall(r'/portal/notes/[^"]+\.pdf', as_(site, "ragnhild").get("/portal/notes").text)
    answer = site.get(notes[0])
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["cache-control"] == "no-store"
    assert as_(site, "mina").get(notes[0]).status_code == 404
    assert site.get("/portal/notes/no-such-note.pdf").status_code == 404


def test_the_log_is_there_on_paper_and_as_a_table(site: httpx.Client) -> None:
    as_(site, "ayla").get("/workspace/patients/ragnhild")
    page = as_(site, "ragnhild").get("/portal/log").text
    assert ("/portal/log.pdf" in page, "/portal/log.csv" in page) == (True, True)
    assert site.get("/portal/log.pdf").content.startswith(b"%PDF-")
    rows = list(csv.DictReader(io.StringIO(site.get("/portal/log.csv").content.decode("utf-8-sig"))))
    assert any(row["Navn"] == "Ayla Demir" and row["Uten avtale"] == "nei" for row in rows)


def test_a_cell_is_never_a_formula() -> None:
    assert _safe("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert _safe("Leste notater") == "Leste notater"


def test_what_was_read_at_one_place_can_be_chosen(site: httpx.Client) -> None:
    as_(site, "ayla").get("/workspace/patients/ragnhild")
    as_(site, "solveig").get("/workspace/patients/ragnhild")
    page = as_(site, "ragnhild").get("/portal/log").text
    place = next(one for one in re.findall(r"/portal/log\?show=at[^\"]+", page) if "Egge" in one)
    shown = site.get(place.replace("&amp;", "&")).text
    assert "Solveig Haugan" in shown
    assert "Ayla Demir" not in shown


def test_a_parent_sees_the_childs_vaccines_what_comes_next_and_the_card(site: httpx.Client) -> None:
    as_(site, "mina").post("/portal/representation/act", data={"id": "odin"})
    page, card = site.get("/portal/vaccines").text, site.get("/portal/vaccines.pdf")
    site.post("/portal/representation/act", data={"id": ""})
    for words in ("Seksvalent vaksine", "Mot meslinger, kusma og røde hunder", "Neste: på skolen, 6. trinn", "parti"):
        assert words in page
    assert card.content.startswith(b"%PDF-")


def test_a_grown_up_has_no_programme(site: httpx.Client) -> None:
    page = as_(site, "ragnhild").get("/portal/vaccines").text
    assert "Mot influensa" in page
    assert "Barnevaksinasjonsprogrammet" not in page


def test_the_doctors_words_stand_under_the_verdict_and_a_question_can_be_asked(site: httpx.Client) -> None:
    page = as_(site, "ragnhild").get("/portal/results/59261-8").text
    verdict, words, by = (page.index(one) for one in ("Svaret er 55", "under målet vårt", "Skrevet til deg av Magnus"))
    assert verdict < words < by
    assert re.search(r"/portal/messages/new\?about=Observation/[a-z0-9-]+", page)


def test_a_note_prints_from_the_page_of_staff(site: httpx.Client) -> None:
    notes = as_(site, "ayla").get("/workspace/patients/ragnhild/notes").text
    address = re.findall(r"/workspace/patients/ragnhild/notes/ragnhild-note-\d+", notes)[0]
    assert 'data-key="p"' in site.get(address).text
    answer = site.get(f"{address}/paper")
    assert (answer.content[:5], answer.headers["content-disposition"][:6]) == (b"%PDF-", "inline")


def test_everything_comes_as_files_of_fhir_with_words_about_them(site: httpx.Client) -> None:
    answer = as_(site, "ragnhild").get(f"{PLACE}/record.zip")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        names = files.namelist()
        words = files.read("LESMEG.txt").decode()
    assert {"Patient.ndjson", "Composition.ndjson", "Observation.ndjson", "Organization.ndjson"} <= set(names)
    assert "FHIR R4" in words


def test_the_summary_is_one_by_the_ips(site: httpx.Client) -> None:
    answer = as_(site, "ragnhild").get(f"{PLACE}/summary.json", headers={"accept-language": "en"})
    assert broken(answer.json()) == []
    assert answer.json()["entry"][0]["resource"]["title"] == "International Patient Summary"


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_on_paper_it_is_an_accessible_pdf(site: httpx.Client, language: str) -> None:
    answer = as_(site, "ragnhild").get(f"{PLACE}/record.pdf", headers={"accept-language": language})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"pdfuaid:part" in answer.content


@pytest.mark.parametrize("file", FILES)
def test_a_file_says_when_it_was_made_is_kept_by_nobody_and_is_in_the_log(site: httpx.Client, file: str) -> None:
    answer = as_(site, "ragnhild").get(f"{PLACE}/{file}?ready=word1")
    assert re.search(r'filename="journal-[a-z]+-\d{4}-\d\d-\d\d-\d{4}\.', answer.headers["content-disposition"])
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["set-cookie"].startswith("ready=word1; Path=/portal;")
    assert "Hentet ut" in site.get("/portal/log?show=own").text


def test_a_word_that_is_none_sets_no_cookie(site: httpx.Client) -> None:
    as_(site, "ragnhild")
    assert "set-cookie" not in site.get(f"{PLACE}/summary.json?ready=a;%20Domain=evil").headers


def test_who_acts_for_another_gets_his_record_and_reads_what_is_in_it(site: httpx.Client) -> None:
    as_(site, "mina").post("/portal/representation/act", data={"id": "odin"})
    page = site.get(PLACE).text
    answer = site.get(f"{PLACE}/record.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        patients = files.read("Patient.ndjson").decode()
    site.post("/portal/representation/act", data={"id": ""})
    assert "Last ned journalen til Odin" in page
    assert '"id":"odin"' in patients
    assert '"id":"mina"' not in patients


@pytest.mark.parametrize("file", ["", *(f"/{one}" for one in FILES)])
def test_nobody_gets_a_file_without_signing_in(site: httpx.Client, file: str) -> None:
    site.cookies.clear()
    assert site.get(f"{PLACE}{file}").headers["location"] == f"/signin?next={PLACE}{file}"


def visits(site: httpx.Client) -> list[str]:
    return re.findall(r'href="(/portal/visits/[^"]+)"', site.get("/portal/record").text)


def test_each_stay_leads_to_what_was_written_found_and_decided_then(site: httpx.Client) -> None:
    as_(site, "ragnhild")
    page = next(text for one in visits(site) if "Årskontroll diabetes" in (text := site.get(one).text))
    assert "HbA1c 55, mål under 58 er nådd" in page
    assert "Langtidsblodsukker (HbA1c)" in page
    assert re.search(r'href="/portal/notes/[^"]+\.pdf"', page)
    paper = re.findall(r'href="(/portal/visits/[^"]+\.pdf)"', page)[0]
    assert site.get(paper).content.startswith(b"%PDF-")
    assert as_(site, "mina").get(paper).status_code == 404


def test_another_patients_visit_is_not_there_nor_is_nonsense(site: httpx.Client) -> None:
    as_(site, "ragnhild")
    hers = visits(site)[0]
    assert as_(site, "mina").get(hers).status_code == 404
    assert site.get("/portal/visits/x%26_include=*").status_code == 404


def test_a_record_that_is_too_large_for_paper_is_told_so(site: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "MOST_ON_PAPER", 5)
    answer = as_(site, "ragnhild").get(f"{PLACE}/record.pdf", follow_redirects=True)
    assert "Journalen er for stor til én PDF" in answer.text


def test_a_note_that_is_held_back_is_fetched_by_no_address(site: httpx.Client) -> None:
    at, paper = "/workspace/patients/ragnhild/notes/ragnhild-note-5", "/portal/notes/ragnhild-note-5.pdf"
    assert as_(site, "ragnhild").get(paper).status_code == 200
    reason = {"reason": "Det kan sette pårørende i fare"}
    assert as_(site, "ayla").post(f"{at}/hold-back", data=reason).status_code == 303
    assert as_(site, "ragnhild").get(paper).status_code == 404
    assert as_(site, "ayla").get(f"{at}/paper").status_code == 200
    site.post(f"{at}/release")
    assert as_(site, "ragnhild").get(paper).status_code == 200


def test_a_conversation_is_there_on_paper_and_nobody_elses(site: httpx.Client) -> None:
    found = re.findall(r'href="(/portal/messages/[^"/?]+)"', as_(site, "ragnhild").get("/portal/messages").text)
    thread = next(one for one in found if not one.endswith("/new"))
    assert f'href="{thread}.pdf"' in site.get(thread).text
    assert site.get(f"{thread}.pdf").content.startswith(b"%PDF-")
    assert as_(site, "mina").get(f"{thread}.pdf").status_code == 404
