"""A mother sees for whom she may act, acts for her child, and is herself again; a citizen gives a power and
takes it back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from portal.site import as_, make_region, opened
from samjournal.db.pool import Pool
from samjournal.portal import headings, representing

PAGE = "/portal/representation"


@pytest.fixture(scope="module")
async def site(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[httpx.Client]:
    await make_region(pool)
    with opened(database) as client:
        yield client


@pytest.fixture
async def number(anyio_backend: str, database: str) -> str:
    """Mina's birth number, as Odin's RelatedPerson tells it."""
    db = await asyncpg.connect(database)
    try:
        body = await db.fetchval(
            "SELECT convert_from(v.body, 'UTF8') FROM store.version v WHERE v.id = 'mina' ORDER BY version DESC LIMIT 1"
        )
    finally:
        await db.close()
    return re.findall(r'"value":"(\d{11})"', body)[0]


NONE = (
    "Du står ikke på noen medisiner",
    "Ingen sykdommer er skrevet",
    "Ingen har skrevet noe",
    "Du har ingen svar",
    "Du har ingen prøvesvar",
    "Ingen målinger er skrevet",
    "Du har ingen timer",
    "Ingen henvisninger venter",
    "Ingenting venter på deg",
    "Ingen planer er laget",
    "Ingen opphold eller besøk",
    "Ingen fastlege eller hjelp",
    "Ingen pårørende er skrevet",
)


def act(site: httpx.Client, id_: str = "") -> httpx.Response:
    return site.post(f"{PAGE}/act", data={"id": id_})


def give(site: httpx.Client, number: str, family: str = "Vikan", **more: object) -> str:
    answer = site.post(PAGE, data={"number": number, "family": family, "level": "read-only", **more})
    return answer.text if answer.status_code != 303 else site.get(answer.headers["location"]).text


def withdraw(site: httpx.Client) -> None:
    for source in re.findall(r'name="source" value="([^"]+)"', site.get(PAGE).text):
        assert site.post(f"{PAGE}/withdraw", data={"source": source}).status_code == 303


def test_a_mother_acts_for_her_child_and_is_herself_again(site: httpx.Client) -> None:
    page = as_(site, "mina").get(PAGE).text
    assert "Opptre for Odin" in page
    assert "<span>forelder til barn under 12 år</span>" in page
    assert act(site, "odin").headers["location"] == "/portal"
    record = site.get("/portal/record").text
    assert "Du opptrer for Odin" in record
    assert "Peanøtt" in record or "peanøtt" in record
    for path in ("/portal", "/portal/results", "/portal/medicines", "/portal/notes", "/portal/appointments", PAGE):
        page = site.get(path).text
        assert "Du opptrer for Odin" in page, path
        for own, _of_another in headings.HEADINGS.values():
            assert own not in page, path
    assert "Som forelderen din." in site.get("/portal/log").text
    assert act(site).status_code == 303
    assert "Du opptrer for" not in site.get("/portal/record").text
    assert "Begynte å opptre for en annen." in site.get("/portal/log?show=own").text
    act(site, "odin")
    assert "<h1>Journalen til Odin" in site.get("/portal/record").text
    act(site)


def test_nobody_acts_for_whom_he_may_not(site: httpx.Client) -> None:
    for login, id_ in (
        ("mina", "ragnhild"),
        ("ragnhild", "odin"),
        ("elias", "mina"),
        ("mina", "nobody"),
        ("mina", "mina"),
    ):
        answer = as_(site, login)
        told = act(answer, id_)
        assert told.status_code == 403, (login, id_)
        assert "Du kan ikke opptre for denne personen nå" in told.text
        assert "Du opptrer for" not in site.get("/portal").text
    assert as_(site, "ayla").post(f"{PAGE}/act", data={"id": "odin"}).headers["location"] == "/workspace"


def test_a_power_is_given_used_and_ends_in_the_middle_of_a_session(site: httpx.Client, number: str) -> None:
    page = give(as_(site, "ragnhild"), number)
    assert "Gitt. Det gjelder fra nå." in page
    assert "<b>Mina Vikan</b><span>fullmakt fra deg: bare lese" in page
    as_(site, "mina")
    assert act(site, "ragnhild").status_code == 303
    mina = dict(site.cookies)
    assert "Du opptrer for Ragnhild" in site.get("/portal").text
    for path in ("/portal/log", "/portal/blocks"):
        assert site.get(path).status_code in (403, 404), path
        for page in ("/portal", "/portal/record", "/portal/notes"):
            shown = site.get(page)
            assert shown.status_code == 200, page
            assert f'"{path}"' not in shown.text, f"{page} leads to a refusal"
    assert "Innkomstnotat" in site.get("/portal/notes").text
    assert site.post("/portal/blocks", data={"whom": "everybody"}).status_code == 403
    assert site.post(PAGE, data={"number": number, "family": "Vikan", "level": "full"}).status_code == 403
    withdraw(as_(site, "ragnhild"))
    log = site.get("/portal/log").text
    assert "Mina Vikan" in log
    assert "Fordi du har gitt fullmakt til det." in log
    assert "Ga noen rett til å opptre for deg." in site.get("/portal/log?show=own").text
    site.cookies.clear()
    site.cookies.update(mina)
    closed = site.get("/portal/results")
    assert closed.status_code == 403
    assert "Du kan ikke opptre for denne personen nå" in closed.text
    again = site.get("/portal")
    assert again.status_code == 200
    assert "Du opptrer for" not in again.text
    assert "Ga deg rett til å opptre for noen." in site.get("/portal/log").text


def test_a_next_of_kin_sees_the_chosen_parts_and_gives_it_up_herself(site: httpx.Client, number: str) -> None:
    as_(site, "ragnhild")
    assert "Velg hvilke deler" in give(site, number, level="parts")
    page = give(site, number, level="parts", parts=["Immunization", "AllergyIntolerance"], until="2090-01-01")
    assert "pårørende: deler av journalen (" in page
    assert act(as_(site, "mina"), "ragnhild").status_code == 303
    told = site.get("/portal/record").text
    assert "Hjertesvikt" not in told
    assert "hjertesvikt" not in told
    assert "Penicillin" in told, "what was chosen is shown"
    # What she may not see is never told as if there were none of it.
    for page in ("", "/record", "/medicines", "/results", "/notes", "/appointments"):
        told = site.get(f"/portal{page}").text
        assert "Dette ser du ikke når du opptrer for Ragnhild" in told, page
        for none in NONE:
            assert none not in told, f"{page} says «{none}»"
    act(site)
    withdraw(site)
    assert "Ragnhild" not in site.get(PAGE).text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"family": "Feil"}, "Vi fant ingen"),
        ({"number": "00000000000"}, "Vi fant ingen"),
        ({"until": "i morgen"}, "Skriv siste dag som en dato"),
        ({"until": "2020-01-01"}, "Siste dag må være i dag eller senere"),
        ({"level": "child"}, "Noe i skjemaet"),
        ({"level": ""}, "Velg hva personen skal kunne gjøre"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_is_kept(
    site: httpx.Client, number: str, more: dict[str, str], said: str
) -> None:
    page = give(as_(site, "ragnhild"), **{"number": number, **more})  # type: ignore[arg-type]
    assert said in page
    assert f'value="{more.get("number", number)}"' in page
    assert "Ingen kan opptre for deg." in page


def test_what_each_level_lets_somebody_read_and_do_is_told_before_it_is_given(site: httpx.Client) -> None:
    page = as_(site, "ragnhild").get(PAGE).text
    for level in representing.CHOICES:
        assert f'value="{level}" required aria-describedby="means-{level}"' in page
        assert representing.MEANS[level] in page
    assert not re.search(r'name="level"[^>]* checked', page), "nobody gives what he has not chosen"


def test_parts_that_were_chosen_are_kept_when_the_form_is_refused(site: httpx.Client, number: str) -> None:
    page = give(as_(site, "ragnhild"), number, family="Feil", level="parts", parts=["Immunization"])
    assert re.findall(r'name="parts" value="([^"]+)" checked', page) == ["Immunization"]


def test_another_site_cannot_make_somebody_act_or_give(site: httpx.Client) -> None:
    as_(site, "mina")
    for path in (PAGE, f"{PAGE}/act", f"{PAGE}/withdraw"):
        answer = site.post(path, data={"id": "odin"}, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
