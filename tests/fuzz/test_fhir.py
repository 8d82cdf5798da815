"""Whatever is asked of the FHIR face, the answer says what is wrong, and nothing is broken by it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from urllib.parse import quote

import pytest
from hypothesis import event, given, settings

from fuzz.fhir import ODD, PEOPLE, TYPES, VALUES, calls
from fuzz.http import Call, judge, send
from fuzz.profiles import LONG, SHORT, only_when_asked_for
from fuzz.site import Site
from samjournal import accounts
from samjournal.fhir import parameters
from samjournal.rest.routes import ROUTES
from world import World

pytestmark = pytest.mark.anyio
READING = [route for route in ROUTES if route.method == "GET"]
BUNDLES = [route for route in ROUTES if not route.shape]
WRITING = [route for route in ROUTES if route not in READING + BUNDLES]


@pytest.fixture(scope="module")
async def tokens(world: World) -> dict[str, str]:
    given = {login: await accounts.for_user(world.pool, login) for login in PEOPLE}
    given["scoped"] = await accounts.for_system(world.pool, "scoped", "system/Observation.rs")
    given["system"] = await accounts.for_system(world.pool, "fuzz", None)
    return {who: f"Bearer {token}" for who, token in {**given, "slip": "x"}.items()}


async def _judged(site: Site, tokens: dict[str, str], call: Call) -> int:
    sent = call.by("authorization", tokens)
    answer = await send(site, sent)
    judge(sent, answer)
    return answer.status


@given(call=calls(READING))
@settings(SHORT, max_examples=150)
async def test_every_read_and_search_is_answered_in_words_of_fhir(
    site: Site, tokens: dict[str, str], call: Call
) -> None:
    event(f"answered {await _judged(site, tokens, call)}")


@given(call=calls(WRITING))
@settings(SHORT, max_examples=150)
async def test_every_write_is_answered_in_words_of_fhir(site: Site, tokens: dict[str, str], call: Call) -> None:
    event(f"answered {await _judged(site, tokens, call)}")


@given(call=calls(BUNDLES))
@settings(SHORT, max_examples=150)
async def test_every_bundle_is_answered_in_words_of_fhir(site: Site, tokens: dict[str, str], call: Call) -> None:
    event(f"answered {await _judged(site, tokens, call)}")


async def _asked_by_each_parameter(site: Site, tokens: dict[str, str], types: Sequence[str]) -> None:
    odd = itertools.cycle([quote(value, errors="surrogatepass") for value in ODD])
    line = await site.open()
    for type_ in types:
        for one in parameters.for_type(type_).values():
            fitting = quote(VALUES[one.type][len(one.code) % len(VALUES[one.type])])
            for value in (next(odd), fitting):
                call = Call("GET", f"/fhir/{type_}?{one.code}={value}&_count=1".encode(), who="system")
                await line.send(call.by("authorization", tokens).bytes("127.0.0.1", keep=True))
                status, told = await line.answer()
                assert status in (200, 400), (call, told)
    line.close()


async def test_every_parameter_takes_a_value_or_says_what_is_wrong_with_it(site: Site, tokens: dict[str, str]) -> None:
    await _asked_by_each_parameter(site, tokens, TYPES[::4])


@pytest.mark.parametrize(
    "path", ["metadata", "", "/", "Patient/kari/$everything", "$export", "%2e%2e/workspace", "Patient//kari", "x?y#z"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "PROPFIND"])
async def test_addresses_that_are_no_interaction_are_answered_too(
    site: Site, tokens: dict[str, str], method: str, path: str
) -> None:
    for headers in ((), (("authorization", f"Bearer {tokens['system']}"),)):
        call = Call(method, f"/fhir/{path}".encode(), headers)
        judge(call, await send(site, call))


@pytest.fixture(scope="module")
def asked_for(request: pytest.FixtureRequest) -> None:
    only_when_asked_for(request.config)


@pytest.mark.drill
@pytest.mark.usefixtures("asked_for")
@given(call=calls())
@settings(LONG)
async def test_long_run_over_all_interactions(site: Site, tokens: dict[str, str], call: Call) -> None:
    event(f"answered {await _judged(site, tokens, call)}")


@pytest.mark.drill
@pytest.mark.usefixtures("asked_for")
async def test_long_run_over_the_parameters_of_all_types(site: Site, tokens: dict[str, str]) -> None:
    await _asked_by_each_parameter(site, tokens, TYPES)
