"""A sign-in from beginning to end, with a strict provider and with one that lies. samjournal.openid.party"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey, RSAKey

from openid.provider import ISSUER, NOW, THEIRS, Claims, Provider, by_hand, signed_in, token
from samjournal.openid import Away, Declined, Party, Problem, Unproven, Web, key_of

pytestmark = pytest.mark.anyio
ANOTHER = RSAKey.generate_key(2048, private=True)


async def test_who_agrees_is_signed_in_by_a_request_that_the_browser_does_not_carry() -> None:
    provider = Provider(claims={"pid": "11834826226"})
    party = provider.party()
    begun = await party.begin(language="nn")
    carried = parse_qs(urlsplit(begun.address).query)
    (pushed,) = provider.pushed.values()
    assert carried.keys() == {"client_id", "request_uri"}
    assert (pushed["acr_values"], pushed["ui_locales"], pushed["scope"]) == ("high", "nn", "openid profile")
    proven = await party.finish(begun, provider.authorize(begun.address))
    assert (proven.subject, proven.level, proven.session, proven.text("pid")) == (
        "pairwise", "high", "session-1", "11834826226",
    )  # fmt: skip


async def test_what_names_a_person_is_not_shown_when_values_are_printed() -> None:
    provider = Provider(claims={"pid": "11834826226"})
    proven = await signed_in(provider, provider.party())
    assert "11834826226" not in repr(proven)
    assert "ey" not in repr(proven)
    assert provider.party().client.key.key.as_dict(private=True)["d"] not in repr(provider.party().client)


async def test_a_proof_of_possession_is_made_anew_with_the_providers_nonce_and_a_new_assertion() -> None:
    provider = Provider(dpop=True)
    party = provider.party()
    await signed_in(provider, party)
    assert provider.asked.count("/token") == 2
    assert (len(provider.proofs), len(provider.assertions)) == (2, 3)
    await signed_in(provider, party)
    assert provider.asked.count("/token") == 3, "the nonce is remembered"


async def test_a_token_that_is_not_bound_to_the_key_is_not_taken_where_it_was_agreed_on() -> None:
    provider = Provider()
    with pytest.raises(Unproven, match="not bound"):
        await signed_in(provider, provider.party(dpop=True))


# Keys that change.


async def test_keys_that_are_changed_in_the_middle_are_fetched_anew() -> None:
    provider = Provider()
    party = provider.party()
    await signed_in(provider, party)
    provider.key, provider.kid = ANOTHER, "second"
    assert (await signed_in(provider, party)).subject == "pairwise"
    assert provider.asked.count("/keys") == 2


async def test_made_up_keys_do_not_make_us_ask_again_and_again() -> None:
    provider = Provider(made=lambda claims: token(claims, key=ANOTHER, kid="made up"))
    party = provider.party()
    for _ in range(5):
        with pytest.raises(Unproven, match="key"):
            await signed_in(provider, party)
    assert provider.asked.count("/keys") == 2
    provider.now += 11
    provider.key, provider.kid, provider.made = ANOTHER, "second", None
    assert (await signed_in(provider, party)).subject == "pairwise"


async def test_a_key_that_the_provider_has_withdrawn_proves_nothing_after_an_hour() -> None:
    provider = Provider()
    party = provider.party()
    await signed_in(provider, party)
    provider.kid, provider.now = "second", NOW + 3601
    provider.made = lambda claims: token(claims, kid="first")
    with pytest.raises(Unproven, match="key"):
        await signed_in(provider, party)


# Tokens that prove nothing.


def otherwise(**changed: Any) -> Callable[[Claims], str]:
    def made(claims: Claims) -> str:
        told = {name: value for name, value in {**claims, **changed}.items() if value is not None}
        return token(told, kid="first")

    return made


def forged(claims: Claims) -> str:
    head, _, signature = token(claims, kid="first").split(".")
    body = token({**claims, "pid": "13916900281"}, kid="first").split(".")[1]
    return f"{head}.{body}.{signature}"


FALSE: dict[str, tuple[Callable[[Claims], str], str]] = {
    "no signature": (lambda claims: token(claims, alg="none", kid="first"), "algorithm"),
    "the public key as a secret": (
        lambda claims: by_hand(claims, alg="HS256", kid="first"),
        "algorithm",
    ),
    "an algorithm that was not agreed on": (lambda claims: token(claims, alg="RS512", kid="first"), "algorithm"),
    "another kind of key": (
        lambda claims: token(claims, key=ECKey.generate_key("P-256", private=True), alg="ES256", kid="first"),
        "key",
    ),
    "another key by the same name": (lambda claims: token(claims, key=ANOTHER, kid="first"), "signature"),
    "other claims": (forged, "signature"),
    "a critical header that we do not know": (
        lambda claims: by_hand(claims, alg="RS256", kid="first", crit=["more"], more=1),
        "signature",
    ),
    "no token": (lambda _: "", "no token"),
    "another issuer": (otherwise(iss="https://elsewhere.example"), "issuer"),
    "an issuer that only looks alike": (otherwise(iss=f"{ISSUER}/"), "issuer"),
    "another client": (otherwise(aud="somebody"), "client"),
    "several clients without a word on whose it is": (otherwise(aud=["samjournal", "somebody"]), "client"),
    "made for another client": (otherwise(aud=["samjournal", "somebody"], azp="somebody"), "client"),
    "another nonce": (otherwise(nonce="another"), "nonce"),
    "no nonce": (otherwise(nonce=None), "nonce"),
    "run out": (otherwise(exp=int(NOW) - 31), "run out"),
    "no end": (otherwise(exp=None), "exp"),
    "from the future": (otherwise(iat=int(NOW) + 31), "future"),
    "not yet": (otherwise(nbf=int(NOW) + 31), "future"),
    "an old one": (otherwise(iat=int(NOW) - 3600), "old"),
    "another access token": (otherwise(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "access token"),
    "nobody": (otherwise(sub=""), "nobody"),
    "a lower level": (otherwise(acr="substantial"), "level"),
    "no level": (otherwise(acr=None), "level"),
    "a logout token": (
        lambda claims: token(claims, kid="first", typ="logout+jwt"),
        "kind",
    ),
}


@pytest.mark.parametrize(("made", "reason"), FALSE.values(), ids=list(FALSE))
async def test_a_token_in_which_anything_is_wrong_signs_nobody_in(made: Callable[[Claims], str], reason: str) -> None:
    provider = Provider(made=made)
    with pytest.raises(Unproven, match=reason) as raised:
        await signed_in(provider, provider.party())
    assert raised.value.is_level == ("level" in reason)


async def test_a_token_made_by_hand_is_as_good_as_any_when_all_is_right() -> None:
    provider = Provider(made=lambda claims: by_hand(claims, alg="RS256", kid="first", more=1))
    assert (await signed_in(provider, provider.party())).subject == "pairwise"


@pytest.mark.parametrize("skew", [-29, 29])
async def test_a_clock_that_is_a_little_wrong_is_no_reason(skew: int) -> None:
    provider = Provider(made=otherwise(iat=int(NOW) + skew, nbf=int(NOW) + skew, exp=int(NOW) + min(skew, 0) + 1))
    assert (await signed_in(provider, provider.party())).subject == "pairwise"


async def test_a_level_may_be_asked_for_in_one_word_and_told_in_another_claim() -> None:
    provider = Provider(claims={"acr": None, "level": "4"})
    party = provider.party(acr=("Level4",), acr_claim="level", accepted=("4",))
    assert (await signed_in(provider, party)).level == "4"
    provider.claims["level"] = "3"
    with pytest.raises(Unproven, match="level"):
        await signed_in(provider, party)


@pytest.mark.parametrize("told", [{"auth_time": None}, {"auth_time": int(NOW) - 60}, {"auth_time": "now"}])
async def test_a_proof_that_must_be_a_new_one_is_asked_for_and_checked(told: Claims) -> None:
    provider = Provider()
    party = provider.party()
    begun = await party.begin(anew=True)
    (pushed,) = provider.pushed.values()
    assert (pushed["prompt"], pushed["max_age"]) == ("login", "0")
    await party.finish(begun, provider.authorize(begun.address))
    provider.claims = told
    begun = await party.begin(anew=True)
    with pytest.raises(Unproven):
        await party.finish(begun, provider.authorize(begun.address))


# Answers that are somebody else's.


@pytest.mark.parametrize("answer", [{"iss": "https://elsewhere.example"}, {"iss": ""}, {"state": "another"}])
async def test_an_answer_of_another_provider_or_sign_in_never_gets_to_the_token_endpoint(
    answer: dict[str, str],
) -> None:
    provider = Provider()
    with pytest.raises(Unproven):
        await signed_in(provider, provider.party(), **answer)
    assert "/token" not in provider.asked


async def test_an_answer_that_does_not_say_from_whom_it_is_counts_only_where_the_provider_never_says() -> None:
    provider, party = Provider(), None
    for says in (True, False):
        provider.metadata = {"authorization_response_iss_parameter_supported": says}
        party = provider.party()
        begun = await party.begin()
        answer = provider.authorize(begun.address)
        del answer["iss"]
        if says:
            with pytest.raises(Unproven, match="issuer"):
                await party.finish(begun, answer)
        else:
            assert (await party.finish(begun, answer)).subject == "pairwise"


async def test_a_stolen_code_is_worth_nothing_in_another_sign_in() -> None:
    provider = Provider()
    party = provider.party()
    stolen = provider.authorize((await party.begin()).address)
    mine = await party.begin()
    with pytest.raises(Declined, match="invalid_grant"):
        await party.finish(mine, {**stolen, "state": mine.state})


async def test_a_code_counts_once() -> None:
    provider = Provider()
    party = provider.party()
    begun = await party.begin()
    answer = provider.authorize(begun.address)
    await party.finish(begun, answer)
    with pytest.raises(Declined, match="invalid_grant"):
        await party.finish(begun, answer)


@pytest.mark.parametrize(("said", "repeated"), [("access_denied", "access_denied"), ("<b>x</b>", "another reason")])
async def test_a_no_is_told_in_known_words_only(said: str, repeated: str) -> None:
    provider = Provider()
    party = provider.party()
    begun = await party.begin()
    with pytest.raises(Declined) as raised:
        await party.finish(begun, {"error": said, "state": begun.state, "iss": ISSUER})
    assert raised.value.code == repeated


# A provider that is away, slow, endless or elsewhere.


def never(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no", request=request)


AWAY: dict[str, Callable[[httpx.Request], httpx.Response]] = {
    "away": never,
    "broken": lambda _: httpx.Response(502, text="<html>"),
    "elsewhere": lambda _: httpx.Response(302, headers={"location": "http://169.254.169.254/"}),
    "endless": lambda _: httpx.Response(200, content=b"[" * 300_000),
    "no metadata": lambda _: httpx.Response(200, text="hello"),
    "of another issuer": lambda _: httpx.Response(200, json={"issuer": "https://elsewhere.example"}),
}


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/par", "/token", "/keys"])
@pytest.mark.parametrize("how", [name for name in AWAY if name not in ("no metadata", "of another issuer")])
async def test_a_provider_that_is_away_is_told_apart_from_a_no(path: str, how: str) -> None:
    provider = Provider(told={path: AWAY[how]})
    with pytest.raises(Away):
        await signed_in(provider, provider.party())
    assert all(asked.startswith("/") for asked in provider.asked), "nobody is followed elsewhere"


@pytest.mark.parametrize("how", ["no metadata", "of another issuer"])
async def test_metadata_of_somebody_else_is_not_believed(how: str) -> None:
    with pytest.raises(Away):
        await Provider(told={"/.well-known/openid-configuration": AWAY[how]}).party().begin()


@pytest.mark.parametrize(
    "metadata",
    [
        {"token_endpoint": "http://provider.example/token"},
        {"pushed_authorization_request_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "https://user:pw@provider.example/"},
        {"token_endpoint_auth_methods_supported": ["client_secret_basic"]},
        {"code_challenge_methods_supported": ["plain"]},
    ],
)
async def test_a_provider_that_offers_less_than_is_needed_is_not_used(metadata: Claims) -> None:
    with pytest.raises(Away):
        await Provider(metadata=metadata).party().begin()


async def test_a_provider_that_never_answers_is_not_waited_for_for_ever() -> None:
    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

    party = Party(Provider().party().client, web=Web(transport=Silent(), seconds=0.05))
    with pytest.raises(Away, match="in time"):
        await party.begin()


async def test_metadata_is_used_for_a_day_while_the_provider_does_not_give_it_anew() -> None:
    provider = Provider()
    party = provider.party()
    await signed_in(provider, party)
    provider.told["/.well-known/openid-configuration"] = never
    provider.now += 3 * 3600
    assert (await signed_in(provider, party)).subject == "pairwise"
    provider.now += 24 * 3600
    with pytest.raises(Away):
        await party.begin()


# Leaving.


async def test_a_logout_token_names_the_session_that_ended_and_counts_once() -> None:
    provider = Provider()
    party = provider.party()
    raw = provider.logout_token()
    assert (await party.ended(raw)).session == "session-1"
    with pytest.raises(Unproven, match="before"):
        await party.ended(raw)


@pytest.mark.parametrize(
    "claims",
    [
        {"events": {}},
        {"nonce": "n"},
        {"iss": "https://elsewhere.example"},
        {"aud": "somebody"},
        {"sid": None},
        {"jti": None},
        {"iat": int(NOW) - 3600},
        {"exp": int(NOW) - 60},
    ],
)
async def test_a_logout_token_in_which_anything_is_wrong_ends_nothing(claims: Claims) -> None:
    provider = Provider()
    with pytest.raises(Unproven):
        await provider.party().ended(provider.logout_token(**claims))


async def test_an_id_token_does_not_do_as_a_logout_token() -> None:
    provider = Provider()
    proven = await signed_in(provider, provider.party())
    with pytest.raises(Unproven):
        await provider.party().ended(proven.raw)


async def test_leaving_tells_the_provider_who_leaves_and_where_to_lead() -> None:
    provider = Provider()
    party = provider.party()
    address = await party.leave(id_token="raw", after="https://journal.example/signout")
    assert address is not None
    asked = parse_qs(urlsplit(address).query)
    assert asked["id_token_hint"] == ["raw"]
    assert asked["post_logout_redirect_uri"] == ["https://journal.example/signout"]
    provider.metadata = {"end_session_endpoint": None}
    assert await provider.party().leave(id_token="raw", after="https://journal.example/signout") is None


# Our own key.


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
def test_a_key_is_read_from_jwk_and_pem(algorithm: str) -> None:
    assert key_of(THEIRS.as_pem(private=True).decode(), algorithm=algorithm).algorithm == algorithm
    assert key_of(json.dumps({**ANOTHER.as_dict(private=True), "kid": "ours"})).id == "ours"
    assert key_of(ECKey.generate_key("P-384", private=True).as_pem(private=True).decode()).algorithm == "ES384"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "neither"),
        ("{}", "neither"),
        (json.dumps(THEIRS.as_dict(private=False)), "public"),
        (json.dumps(RSAKey.generate_key(1024, private=True).as_dict(private=True)), "2048"),
    ],
    ids=["text", "empty", "public", "short"],
)
def test_a_key_that_will_not_do_is_told_in_words(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        key_of(text)
    with pytest.raises(ValueError, match="does not sign by ES256"):
        key_of(json.dumps(THEIRS.as_dict(private=True)), algorithm="ES256")


def test_every_problem_is_one() -> None:
    assert all(issubclass(kind, Problem) for kind in (Away, Declined, Unproven))
