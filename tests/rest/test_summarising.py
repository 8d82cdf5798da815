"""`Patient/id/$summary` over HTTP. hl7.org/fhir/uv/ips/OperationDefinition-summary.html"""

from __future__ import annotations

import pytest

from extracts.ips_rules import broken
from samjournal.extracts import COMPOSITION
from world import World

pytestmark = pytest.mark.anyio
ASKED = "/Patient/kari/$summary"


async def test_it_is_a_summary_in_the_language_that_is_asked_for(world: World) -> None:
    async with await world.client("kari") as client:
        titles = {}
        for language in ("nb", "nn", "en"):
            answer = await client.get(ASKED, headers={"accept-language": language})
            assert (answer.status_code, broken(answer.json())) == (200, [])
            titles[language] = answer.json()["entry"][0]["resource"]["title"]
    assert titles == {"nb": "Pasientsammendrag", "nn": "Pasientsamandrag", "en": "International Patient Summary"}


async def test_it_is_made_by_post_too_and_for_the_profile_that_there_is(world: World) -> None:
    async with await world.client("doctor") as client:
        assert (await client.post(ASKED)).json()["type"] == "document"
        assert (await client.get(ASKED, params={"profile": f"{COMPOSITION}|2.0.0"})).status_code == 200
        other = await client.get(ASKED, params={"profile": "http://example.org/Composition"})
    assert (other.status_code, COMPOSITION in other.text) == (400, True)


async def test_who_may_not_read_the_patient_gets_no_summary(world: World) -> None:
    async with await world.client("kari") as citizen, await world.client("homenurse") as nurse:
        assert (await citizen.get("/Patient/ola/$summary")).status_code == 404
        assert (await nurse.get(ASKED)).status_code == 403


async def test_it_is_logged_as_taken_out_of_the_record(world: World) -> None:
    async with await world.client("kari") as client:
        await client.get(ASKED)
    actions = await world.pool.fetch("SELECT action FROM audit.look WHERE actor = 'kari' ORDER BY at DESC LIMIT 1")
    assert [row["action"] for row in actions] == ["everything"]


async def test_it_comes_as_xml_too_and_never_later(world: World) -> None:
    async with await world.client("kari") as client:
        answer = await client.get(ASKED, headers={"accept": "application/fhir+xml"})
        later = await client.get(ASKED, headers={"prefer": "respond-async"})
    assert (answer.status_code, '<type value="document"/>' in answer.text) == (200, True)
    assert '<div xmlns="http://www.w3.org/1999/xhtml"' in answer.text
    assert later.status_code == 200, "what it shows is made for it, so it could not be asked anew who may see it"
