"""Signing in by a provider over a whole site; it is strict, and lies when told. samjournal.signin.by_provider"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from openid.provider import ISSUER, NOW, Provider, token
from portal.site import opened
from samjournal import accounts
from samjournal.accounts import Account
from samjournal.fhir.identifiers import DNR, FNR, HPR, ORGANIZATION
from samjournal.signin import Identity
from samjournal.signin import Provider as Way
from samjournal.ui.cookies import SESSION as COOKIE
from world import World, organization, patient

pytestmark = pytest.mark.anyio
ADDRESS = "https://journal.example"
KARI, OLA, GONE = "11834826226", "13916900281", "17854026607"
CHILD, NURSE, NOBODY, MOVED = "02911880140", "03889012373", "20858043353", "11834820031"
CHOSEN = "helseid://claims/client/claims/orgnr"


@dataclass
class Site:
    """The site, and the two providers that people come back from."""

    client: httpx.Client
    idporten: Provider
    helseid: Provider
    world: World
    seen: list[str] = field(default_factory=list)

    @contextmanager
    def telling(self, provider: Provider, **claims: Any) -> Iterator[None]:
        before = provider.claims
        provider.claims = {**before, **claims}
        yield
        provider.claims = before

    def leave(self, after: str = "", by: str = "idporten") -> str:
        """To the provider: the address at which the browser is back."""
        begun = self.client.get(f"/signin/{by}", params={"next": after} if after else {})
        assert begun.status_code == 303, begun.text
        provider = self.idporten if by == "idporten" else self.helseid
        back = provider.authorize(begun.headers["location"])
        return str(httpx.URL(f"/signin/{by}/return", params=back))

    def arrive(self, after: str = "", by: str = "idporten", **claims: Any) -> httpx.Response:
        """To the provider and back, as somebody with these claims."""
        self.client.cookies.clear()
        provider = self.idporten if by == "idporten" else self.helseid
        with self.telling(provider, **claims):
            return self.client.get(self.leave(after, by))

    @property
    def is_in(self) -> bool:
        return self.client.get("/portal").status_code == 200


@pytest.fixture(scope="module")
async def site(anyio_backend: str, world: World, database: str) -> AsyncIterator[Site]:
    await people(world)
    idporten, helseid = Provider(), Provider(issuer="https://staff.example", dpop=True)
    ways = [
        Way("idporten", "ID-porten", "citizen", idporten.party(redirect=f"{ADDRESS}/signin/idporten/return")),
        Way("helseid", "HelseID", "staff", helseid.party(redirect=f"{ADDRESS}/signin/helseid/return")),
    ]
    with opened(database, identity=Identity("http://127.0.0.1", tuple(ways))) as client:
        yield Site(client, idporten, helseid, world)


async def people(world: World) -> None:
    """Some who are known already, some who are in the record alone, some who must not get in."""
    pool = world.pool
    await world.put(
        {**organization("ward", part_of="hospital"), "identifier": [{"system": ORGANIZATION, "value": "312345670"}]},
        {**organization("hospital"), "identifier": [{"system": ORGANIZATION, "value": "312345671"}]},
        patient("ola", "Nordmann", number=OLA),
        {**patient("gone", "Borte", number=GONE), "deceasedDateTime": "2026-01-01"},
        {**patient("child", "Barn", number=CHILD), "birthDate": "2018-11-02"},
    )
    await accounts.know_as(pool, "doctor", [(HPR, "123456789"), (FNR, NURSE)])
    async with pool.transaction() as db:
        other = (await accounts.account(db, "doctor")).roles[0]  # type: ignore[union-attr]
        elsewhere = type(other)("doctor", "homecare", "doctor-elsewhere", "Homecare")
        await accounts.add(db, [Account("doctor", "Doctor", "staff", (other, elsewhere), practitioner_id="doctor")])


# Citizens.


def test_a_citizen_comes_back_to_the_very_page_and_is_who_the_number_says(site: Site) -> None:
    answer = site.arrive("/portal/log?show=all", pid=KARI)
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/log?show=all")
    assert "Kari" in site.client.get("/portal").text


async def test_who_is_in_the_record_alone_gets_an_account_at_the_first_time_and_the_same_at_the_next(
    site: Site,
) -> None:
    assert await accounts.known_as(site.world.pool, FNR, OLA) is None
    for _ in range(2):
        assert site.arrive(pid=OLA).headers["location"] == "/portal"
        known = await accounts.known_as(site.world.pool, FNR, OLA)
        assert known is not None
        assert (known.kind, known.patient_id, known.name) == ("citizen", "ola", "Ola Nordmann")
    assert [one.login for one in await accounts.list_accounts(site.world.pool)].count("citizen-ola") == 1


async def test_a_number_that_stood_in_a_wrong_record_leads_there_no_longer(site: Site) -> None:
    """Hazard: who was once given another's record by a wrong number reads it for ever."""
    await site.world.put(patient("wrong", "Feil", number=MOVED))
    assert "Wrong" in site.client.get(site.arrive(pid=MOVED).headers["location"]).text
    await site.world.put(patient("wrong", "Feil"), patient("right", "Rett", number=MOVED))
    assert "Right" in site.client.get(site.arrive(pid=MOVED).headers["location"]).text
    await site.world.put(patient("right", "Rett"))
    assert site.arrive(pid=MOVED).status_code == 403


async def test_the_providers_own_name_for_somebody_is_no_key(site: Site) -> None:
    site.arrive(pid=KARI, sub="changed at a migration")
    assert "Kari" in site.client.get("/portal").text


async def test_whoever_works_here_is_a_citizen_too_by_the_same_number(site: Site) -> None:
    await site.world.put(patient("privately", "Lege", number=NURSE))
    assert site.arrive(pid=NURSE).headers["location"] == "/portal"
    staff = site.arrive(by="helseid", **{"helseid://claims/identity/pid": NURSE})
    assert staff.headers["location"] == "/workspace"


@pytest.mark.parametrize(
    ("pid", "said"),
    [
        (None, "Vi fant ikke noe fødselsnummer"),
        ("", "Vi fant ikke noe fødselsnummer"),
        ("11834826227", "Vi fant ikke noe fødselsnummer"),
        (["11834826226"], "Vi fant ikke noe fødselsnummer"),
        (NOBODY, "Du har ingen journal her ennå"),
        (GONE, "Personen er registrert som død"),
        (CHILD, "Du er for ung"),
    ],
)
def test_who_does_not_get_in_is_told_why_and_can_leave_the_provider(site: Site, pid: Any, said: str) -> None:
    answer = site.arrive(pid=pid)
    assert answer.status_code == 403
    assert said in answer.text
    assert COOKIE not in site.client.cookies
    leave = re.search(r'href="(https://provider.example/logout[^"]*)"', answer.text)
    assert leave is not None


async def test_a_number_that_was_replaced_lets_nobody_in_as_whoever_had_it(site: Site) -> None:
    old = {"system": DNR, "value": "53889012338", "use": "old"}
    await site.world.put({**patient("moved", "Ny"), "identifier": [old]})
    assert "ingen journal" in site.arrive(pid="53889012338").text


async def test_two_records_with_one_number_let_nobody_in(site: Site) -> None:
    number = "01815012352"
    await site.world.put(patient("twice", "En", number=number), patient("again", "To", number=number))
    assert "står flere steder" in site.arrive(pid=number).text


async def test_an_account_that_was_closed_is_not_opened_by_signing_in(site: Site) -> None:
    site.arrive(pid=OLA)
    await site.world.as_owner("UPDATE accounts.account SET active = false WHERE login = 'citizen-ola'")
    assert "stengt" in site.arrive(pid=OLA).text
    await site.world.as_owner("UPDATE accounts.account SET active = true WHERE login = 'citizen-ola'")


# Staff.


def staffed(site: Site, **claims: str) -> httpx.Response:
    return site.arrive(
        "/workspace", by="helseid", **{f"helseid://claims/{name}": told for name, told in claims.items()}
    )


@pytest.mark.parametrize(
    ("chosen", "units"),
    [
        ({}, {"Ward", "Homecare"}),
        ({"orgnr_parent": "312345671"}, {"Ward"}),
        ({"orgnr_child": "312345670", "orgnr_parent": "312345671"}, {"Ward"}),
        ({"orgnr_child": "399999999", "orgnr_parent": "312345671"}, {"Ward"}),
    ],
)
async def test_staff_have_the_roles_of_the_organisation_that_they_chose(
    site: Site, chosen: dict[str, str], units: set[str]
) -> None:
    claims = {f"client/claims/{name}": value for name, value in chosen.items()}
    answer = staffed(site, **{"hpr/hpr_number": "123456789"}, **claims)
    assert answer.headers["location"] == "/workspace"
    session = await accounts.session_of(site.world.pool, site.client.cookies[COOKIE])
    assert session is not None
    assert {role.unit_name for role in session.roles} == units
    assert session.role == (session.roles[0] if len(units) == 1 else None)


async def test_a_role_outside_the_chosen_organisation_cannot_be_taken(site: Site) -> None:
    staffed(site, **{"hpr/hpr_number": "123456789", "client/claims/orgnr_parent": "312345671"})
    site.client.post("/workspace/role", data={"role": "doctor-elsewhere"})
    session = await accounts.session_of(site.world.pool, site.client.cookies[COOKIE])
    assert session is not None
    assert session.role is not None
    assert session.role.practitioner_role_id == "doctor-role"


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({}, "ikke tilgang til Samjournal ennå"),
        ({"hpr/hpr_number": "999999999"}, "ikke tilgang til Samjournal ennå"),
        ({"identity/pid": KARI}, "ikke tilgang til Samjournal ennå"),
        ({"hpr/hpr_number": "123456789", "client/claims/orgnr_parent": "399999999"}, "ingen rolle i den virksomheten"),
    ],
)
def test_who_has_no_role_is_told_who_gives_one(site: Site, claims: dict[str, str], said: str) -> None:
    answer = staffed(site, **claims)
    assert (answer.status_code, said in answer.text) == (403, True)


def test_a_number_of_staff_does_not_count_at_the_provider_of_citizens(site: Site) -> None:
    assert site.arrive(**{"helseid://claims/hpr/hpr_number": "123456789"}).status_code == 403


# Answers that are not what was asked for.


def test_an_answer_counts_once(site: Site) -> None:
    site.client.cookies.clear()
    with site.telling(site.idporten, pid=KARI):
        back = site.leave()
        assert site.client.get(back).status_code == 303
        cookie = site.client.cookies[COOKIE]
        site.client.cookies.clear()
        again = site.client.get(back)
    assert (again.status_code, "gammel eller brukt" in again.text) == (400, True)
    site.client.cookies.set(COOKIE, cookie)
    assert site.is_in, "whoever was signed in stays so"


def test_a_stolen_answer_is_worth_nothing_in_another_browser_and_after_that_in_none(site: Site) -> None:
    site.client.cookies.clear()
    back = site.leave()
    own = dict(site.client.cookies)
    site.client.cookies.clear()
    assert site.client.get(back).status_code == 400
    site.client.cookies.update(own)
    assert site.client.get(back).status_code == 400
    assert COOKIE not in site.client.cookies


def test_somebody_elses_answer_signs_nobody_in_as_him(site: Site) -> None:
    # Login CSRF: the thief begins, and sends the victim the address at which he would be back.
    site.client.cookies.clear()
    thiefs = site.leave()
    site.client.cookies.clear()
    site.leave()
    assert site.client.get(thiefs).status_code == 400
    assert COOKIE not in site.client.cookies


def test_an_answer_of_one_provider_is_not_taken_at_the_address_of_another(site: Site) -> None:
    site.client.cookies.clear()
    back = site.leave()
    path = f"/signin/helseid/return?{urlsplit(back).query}"
    assert site.client.get(path).status_code == 400
    assert site.client.get(back).status_code == 400


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"iss": "https://elsewhere.example"}, 403, "kunne ikke stole på svaret"),
        ({"error": "access_denied"}, 200, "Du avbrøt innloggingen"),
        ({"error": "server_error"}, 403, "logget deg ikke inn"),
        ({"code": "made-up"}, 403, "logget deg ikke inn"),
        ({"code": ""}, 403, "kunne ikke stole på svaret"),
        ({"state": "made-up"}, 400, "gammel eller brukt"),
        ({"code": "x" * 5000}, 400, "gammel eller brukt"),
    ],
)
def test_a_changed_answer_signs_nobody_in(site: Site, changed: dict[str, str], status: int, said: str) -> None:
    site.client.cookies.clear()
    back = dict(parse_qsl(urlsplit(site.leave("/portal/log")).query))
    answer = site.client.get("/signin/idporten/return", params={**back, **changed})
    assert (answer.status_code, said in answer.text) == (status, True)
    assert COOKIE not in site.client.cookies
    if said != "gammel eller brukt":
        assert 'href="/signin/idporten?next=/portal/log"' in answer.text, "trying again leads to the page asked for"


def test_an_answer_that_says_something_twice_is_none(site: Site) -> None:
    site.client.cookies.clear()
    assert site.client.get(f"{site.leave()}&code=another").status_code == 400


def test_a_level_that_is_too_low_is_told_as_such(site: Site) -> None:
    answer = site.arrive(pid=KARI, acr="substantial")
    assert (answer.status_code, "høyere nivå" in answer.text) == (403, True)


def test_an_unsigned_token_signs_nobody_in(site: Site) -> None:
    site.idporten.made = lambda claims: token(claims, alg="none")
    answer = site.arrive(pid=KARI)
    site.idporten.made = None
    assert (answer.status_code, "kunne ikke stole på svaret" in answer.text) == (403, True)


@pytest.mark.parametrize("path", ["/par", "/token"])
def test_a_provider_that_is_away_is_told_as_such(site: Site, path: str) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("", request=request)

    site.client.cookies.clear()
    back = site.leave() if path == "/token" else "/signin/idporten"
    site.idporten.told[path] = away
    answer = site.client.get(back)
    del site.idporten.told[path]
    assert (answer.status_code, "svarer ikke akkurat nå" in answer.text) == (424, True)


async def test_a_sign_in_that_took_too_long_is_over(site: Site) -> None:
    site.client.cookies.clear()
    back = site.leave()
    await site.world.as_owner("UPDATE accounts.attempt SET expires = now() - interval '1 second'")
    assert site.client.get(back).status_code == 400


def test_there_is_no_page_for_a_provider_that_is_not_set_up(site: Site) -> None:
    for path in ("/signin/nobody", "/signin/nobody/return", "/signout/nobody/front"):
        assert site.client.get(path).status_code == 404


@pytest.mark.parametrize(
    "after", ["//elsewhere.example", "https://elsewhere.example/portal", "/workspace", "/portalen"]
)
def test_nobody_is_led_elsewhere(site: Site, after: str) -> None:
    assert site.arrive(after, pid=KARI).headers["location"] == "/portal"


# Cookies and what is written down.


def test_the_cookie_is_a_new_one_and_the_session_before_has_ended(site: Site) -> None:
    site.arrive(pid=KARI)
    first = site.client.cookies[COOKIE]
    with site.telling(site.idporten, pid=KARI):
        site.client.get(site.leave())
    assert site.client.cookies[COOKIE] != first
    site.client.cookies.clear()
    site.client.cookies.set(COOKIE, first)
    assert not site.is_in


def test_a_cookie_that_was_put_into_the_browser_before_opens_nothing_after(site: Site) -> None:
    site.client.cookies.clear()
    site.client.cookies.set(COOKIE, "planted" * 6)
    with site.telling(site.idporten, pid=KARI):
        answer = site.client.get(site.leave())
    assert "planted" not in answer.headers["set-cookie"]


def test_the_cookie_of_a_sign_in_goes_nowhere_else_and_ends_with_it(site: Site) -> None:
    site.client.cookies.clear()
    begun = site.client.get("/signin/idporten").headers["set-cookie"]
    assert all(part in begun for part in ("HttpOnly", "SameSite=lax", "Path=/;", "Max-Age=600"))
    with site.telling(site.idporten, pid=KARI):
        answer = site.client.get(site.leave())
    assert any("Max-Age=0" in each for each in answer.headers.get_list("set-cookie"))


async def test_no_number_and_no_token_is_written_in_a_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        site.arrive(pid=KARI)
        site.arrive(pid=NOBODY)
        site.arrive(pid=KARI, acr="low")
    written = "\n".join(str(vars(record)) for record in caplog.records)
    assert "signed in" in written
    assert not any(secret in written for secret in (KARI, NOBODY, "eyJ", "pairwise"))


def test_the_page_offers_the_providers_and_keeps_the_page_that_was_asked_for(site: Site) -> None:
    site.client.cookies.clear()
    page = site.client.get("/signin?next=/portal/log").text
    assert page.index("/signin/idporten?next=/portal/log") < page.index("/signin/helseid?next=/portal/log")


# Showing again that it is oneself.


def prove_again(site: Site, **claims: Any) -> httpx.Response:
    """The way of who is signed in to the provider and back."""
    way = site.client.get("/signin/again?next=/portal/log").headers["location"]
    assert way == "/signin/idporten?again=1&next=%2Fportal%2Flog"
    begun = site.client.get(way)
    with site.telling(site.idporten, **claims):
        back = site.idporten.authorize(begun.headers["location"])
        return site.client.get("/signin/idporten/return", params=back)


async def test_who_proves_again_that_it_is_him_goes_on_with_the_same_session_and_another_cookie(site: Site) -> None:
    site.arrive(pid=KARI)
    cookie = site.client.cookies[COOKIE]
    before = await accounts.session_of(site.world.pool, cookie)
    answer = prove_again(site, pid=KARI, sid="another")
    assert answer.headers["location"] == "/portal/log"
    after = await accounts.session_of(site.world.pool, site.client.cookies[COOKIE])
    assert before is not None
    assert after is not None
    assert (after.id, after.proof.provider_session) == (before.id, "another")
    assert after.proven > before.proven  # type: ignore[operator]
    assert await accounts.session_of(site.world.pool, cookie) is None


@pytest.mark.parametrize(
    ("claims", "said"),
    [({"pid": OLA}, "en annen enn du"), ({"pid": KARI, "auth_time": 1}, "kunne ikke stole på svaret")],
)
async def test_neither_another_person_nor_an_old_proof_proves_it_again(
    site: Site, claims: dict[str, Any], said: str
) -> None:
    site.arrive(pid=KARI)
    cookie = site.client.cookies[COOKIE]
    before = await accounts.session_of(site.world.pool, cookie)
    answer = prove_again(site, **claims)
    assert (answer.status_code, said in answer.text) == (403, True)
    after = await accounts.session_of(site.world.pool, cookie)
    assert before is not None
    assert after is not None
    assert (after.login, after.proven) == ("kari", before.proven)


# Leaving.


def test_who_signs_out_here_is_sent_on_to_the_provider(site: Site) -> None:
    site.arrive(pid=KARI)
    answer = site.client.post("/signout")
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.text)
    assert found is not None
    asked = parse_qs(urlsplit(found[1].replace("&amp;", "&")).query)
    assert asked["post_logout_redirect_uri"] == ["http://127.0.0.1/signout"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert not site.is_in


def test_who_came_without_a_provider_is_not(site: Site) -> None:
    site.client.cookies.clear()
    site.client.post("/signin/demo", data={"login": "kari"})
    assert site.client.post("/signout").headers["location"] == "/signin"


def test_what_ends_at_the_provider_ends_here(site: Site) -> None:
    site.arrive(pid=KARI, sid="at-the-front")
    wrong = {"iss": "https://elsewhere.example", "sid": "at-the-front"}
    assert site.client.get("/signout/idporten/front", params=wrong).status_code == 400
    assert site.client.get("/signout/idporten/front", params={"iss": ISSUER, "sid": "another"}).status_code == 200
    assert site.is_in
    with httpx.Client(base_url=site.client.base_url) as frame:
        frame.get("/signout/idporten/front", params={"iss": ISSUER, "sid": "at-the-front"})
    assert not site.is_in


@pytest.mark.parametrize("named", [{"sid": "at-the-back"}, {"sid": None, "sub": "somebody"}])
def test_the_provider_itself_ends_a_session_by_a_signed_token(site: Site, named: dict[str, Any]) -> None:
    site.arrive(pid=KARI, sid="at-the-back", sub="somebody")
    with httpx.Client(base_url=site.client.base_url) as provider:
        forged = token({"iss": ISSUER, "aud": "samjournal", "iat": NOW, "jti": "1", "sid": "at-the-back"}, alg="none")
        for said in (forged, "", site.helseid.logout_token(**named)):
            assert provider.post("/signout/idporten/back", data={"logout_token": said}).status_code == 400
        assert site.is_in
        told = site.idporten.logout_token(**named)
        assert provider.post("/signout/idporten/back", data={"logout_token": told}).status_code == 200
    assert not site.is_in
