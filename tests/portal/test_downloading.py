"""«Last ned journalen min» over HTTP. samjournal.portal.downloading"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import AsyncIterator

import httpx
import pytest

from extracts.ips_rules import broken
from portal.site import as_, make_region, opened
from samjournal.db.pool import Pool

PLACE = "/portal/download"
FILES = ("record.zip", "summary.json", "record.pdf")


@pytest.fixture(scope="module")
async def site(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[httpx.Client]:
    await make_region(pool)
    with opened(database) as client:
        yield client


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
