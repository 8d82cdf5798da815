"""What the address register says is kept in the record, and decides who can be sent to today."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange.queues import THEIRS, Registered, party
from exchange.registry import registry, saying
from samjournal import access
from samjournal.exchange.keeping import keep, kept, renew
from samjournal.exchange.register import Party
from samjournal.exchange.transport import Unreachable
from samjournal.fhir.identifiers import HER
from samjournal.messages import receivers
from samjournal.record import change
from samjournal.record.beside import matches
from samjournal.record.change import Change
from samjournal.server import exchanging, exits
from samjournal.server.messaging import renew_addresses
from world import World

pytestmark = pytest.mark.anyio

JOB = access.for_job("messages")
KIND = "DIALOG_HELSEFAGLIG"
NOW = datetime.now(UTC).replace(microsecond=0)


def registered(her: str, **changes: Any) -> Registered:
    told = party(THEIRS, kinds=frozenset({KIND}), parent="1" + her, parent_name=f"Virksomhet {her}", asked=NOW)
    return Registered({her: replace(told, her=her, name=f"Tjenesten {her}", **changes)})


async def endpoint(world: World, her: str) -> dict[str, Any]:
    organisation = (await matches(world.door, JOB, "Organization", [("identifier", f"{HER}|{her}")]))[0]
    return (await matches(world.door, JOB, "Endpoint", [("organization", organisation.reference)]))[0].resource()


async def why(world: World, her: str) -> str:
    unit = (await endpoint(world, her))["managingOrganization"]["reference"].removeprefix("Organization/")
    return (await receivers(world.door, JOB, KIND, NOW, units=[unit]))[0].why


async def test_a_party_is_kept_with_the_organisation_above_and_is_in_test_first(world: World) -> None:
    register = registered("50001")
    told = await keep(world.door, JOB, register, "50001", NOW)
    assert told == register.parties["50001"]
    assert await kept(world.door, JOB, "50001") == told
    place = await endpoint(world, "50001")
    assert (place["status"], place["address"]) == ("test", "50001")
    assert await why(world, "50001") == "untested"
    above = (await matches(world.door, JOB, "Organization", [("identifier", f"{HER}|150001")]))[0].resource()
    assert above["name"] == "Virksomhet 50001"
    assert await kept(world.door, JOB, "404") is None


async def test_who_takes_nothing_today_cannot_be_sent_to_and_is_tested_anew_afterwards(world: World) -> None:
    register = registered("50002")
    await keep(world.door, JOB, register, "50002", NOW)
    place = await endpoint(world, "50002")
    opened = {**{name: value for name, value in place.items() if name != "meta"}, "status": "active"}
    await change(world.door, JOB, [Change.update(opened)])
    await keep(world.door, JOB, register, "50002", NOW)
    assert await why(world, "50002") == ""
    for changes in ({"is_active": False}, {"is_valid": False}, {"encryption": ()}):
        await keep(world.door, JOB, registered("50002", **changes), "50002", NOW)
        assert await why(world, "50002") == "closed"
    await keep(world.door, JOB, register, "50002", NOW)
    assert await why(world, "50002") == "untested"
    await keep(world.door, JOB, Registered({}), "50002", NOW)
    assert await why(world, "50002") == "closed"


async def test_nothing_is_written_when_nothing_is_new(world: World) -> None:
    register = registered("50003")
    await keep(world.door, JOB, register, "50003", NOW)
    before = (await endpoint(world, "50003"))["meta"]["versionId"]
    later = registered("50003", asked=NOW + timedelta(hours=1))
    await keep(world.door, JOB, later, "50003", NOW + timedelta(hours=1))
    assert (await endpoint(world, "50003"))["meta"]["versionId"] == before
    later = registered("50003", asked=NOW + timedelta(hours=13))
    await keep(world.door, JOB, later, "50003", NOW + timedelta(hours=13))
    assert (await endpoint(world, "50003"))["meta"]["versionId"] != before


async def test_what_was_asked_long_ago_is_asked_again_and_a_register_that_is_away_changes_nothing(world: World) -> None:
    await keep(world.door, JOB, registered("50004", asked=NOW - timedelta(days=1)), "50004", NOW)
    before = (await endpoint(world, "50004"))["meta"]["versionId"]
    for away in (Registered({}, is_away=True), registered("50004", failed="the register does not answer")):
        with pytest.raises(Unreachable):
            await renew(world.door, JOB, away, NOW)
    assert (await endpoint(world, "50004"))["meta"]["versionId"] == before
    assert await renew(world.door, JOB, registered("50004"), NOW) == 1
    assert await renew(world.door, JOB, registered("50004"), NOW) == 0


async def test_the_command_tells_a_line_for_each_and_says_how_old_what_is_kept_is(world: World, tmp_path: Path) -> None:
    told = {"Active": True, "IsValidCommunicationParty": True, "Name": "Tjenesten", "ParentName": "Virksomheten"}
    details = {"herId": 50005, "type": "Service", "communicationParty": {**told, "ParentHerId": 150005}}
    lines: list[str] = []
    with registry() as ar:
        ar.answers["details/50005"] = saying(json.dumps(details).encode())
        file = tmp_path / "connections.toml"
        file.write_text(f'[register]\nform = "rest"\ndetails = "{ar.url}/details/{{her}}"\npatience = 1\n')
        code = await exchanging.addresses(world.pool, file, ["50005", "404"], tell=lines.append)
    assert code == exits.FINDINGS
    assert [line.split("\t")[:3] for line in lines] == [["50005", "Tjenesten", "Virksomheten"], ["404", "-", "-"]]
    assert "ikke noe sertifikat" in lines[0]
    assert "nobody with this HER-id" in lines[1]
    assert await exchanging.addresses(world.pool, file, ["50005"], tell=lines.append) == exits.FINDINGS
    assert "what is kept is of 20" in lines[2]
    file.write_text("")
    with pytest.raises(exits.Usage, match="no table"):
        await exchanging.addresses(world.pool, file, ["50005"], tell=lines.append)


async def test_the_server_asks_again_by_itself(world: World) -> None:
    await keep(world.door, JOB, registered("50006", asked=NOW - timedelta(days=1)), "50006", NOW)
    stopping, answering = asyncio.Event(), registered("50006", is_active=False)

    async def register(her: str, *, fresh: bool = False) -> Party:
        stopping.set()
        return await answering(her, fresh=fresh)

    async with asyncio.timeout(30):
        await renew_addresses(world.door, register, stopping)
    assert await why(world, "50006") == "closed"
