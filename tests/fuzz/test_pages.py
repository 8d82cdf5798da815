"""Whatever is asked of a page or sent in a form, the answer is a page in words, and leads nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import event, given, settings

from fuzz.http import Call, judge, send
from fuzz.pages import PEOPLE, ROUTES, calls
from fuzz.profiles import LONG, SHORT, only_when_asked_for
from fuzz.site import Site
from samjournal import accounts
from samjournal.signin.pages import COOKIE
from world import World

pytestmark = pytest.mark.anyio


async def _judged(site: Site, world: World, call: Call) -> int:
    cookies = {}
    if call.who in PEOPLE and "cookie" not in dict(call.headers):
        _, cookie = await accounts.sign_in_demo(world.pool, call.who)
        cookies[call.who] = f"{COOKIE}={cookie}"
    sent = call.by("cookie", cookies)
    answer = await send(site, sent)
    judge(sent, answer)
    return answer.status


@given(call=calls())
@settings(SHORT, max_examples=200)
async def test_every_page_and_form_is_answered_in_words(site: Site, world: World, call: Call) -> None:
    event(f"answered {await _judged(site, world, call)}")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
async def test_every_address_answers_every_method(site: Site, world: World, method: str) -> None:
    for route in ROUTES:
        for who in ("nobody", "doctor", "kari"):
            target = route.path.replace("{", "").replace("}", "").encode()
            await _judged(site, world, Call(method, target, who=who))


@pytest.mark.parametrize("path", ["/workspace/", "/portal/results//", "//evil.example/", "/\\evil.example/"])
async def test_a_slash_too_many_leads_to_an_address_on_this_server(site: Site, path: str) -> None:
    call = Call("GET", path.encode(), (("host", "evil.example"),))
    answer = await send(site, call)
    judge(call, answer)
    assert answer.status == 307


@pytest.fixture(scope="module")
def asked_for(request: pytest.FixtureRequest) -> None:
    only_when_asked_for(request.config)


@pytest.mark.drill
@pytest.mark.usefixtures("asked_for")
@given(call=calls())
@settings(LONG)
async def test_long_run_over_all_pages(site: Site, world: World, call: Call) -> None:
    event(f"answered {await _judged(site, world, call)}")
