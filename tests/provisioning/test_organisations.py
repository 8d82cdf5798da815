"""Configuration alone adds an organisation: its people sign in, and its data is reached by others from that minute; it
leaves again without losing anything. Requirement 2.8"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from samjournal import access, accounts, provisioning
from samjournal.messages import receivers
from samjournal.provisioning import Wrong
from samjournal.record import read
from samjournal.server import exits, organisations
from scim.directory import at, directory, operations, user
from world import World

pytestmark = pytest.mark.anyio
JOB = access.for_job("organisations")
FILE = """
[[organisation]]
id = "bakken-legesenter"
name = "Bakken legesenter AS"
number = "987 654 325"
her = "8142001"
phone = "74 00 00 00"
roles = ["gp", "secretary"]
approval = "losses"
address = { line = "Bakkevegen 1", postal_code = "7600", city = "Levanger" }

[[organisation.places]]
id = "bakken-lab"
name = "Laboratoriet"
kind = "ro"

[[organisation]]
id = "bakken-skole"
name = "Bakken skolehelsetjeneste"
kind = "team"
part_of = "bakken-legesenter"
receives = []
"""


def test_a_file_is_judged_whole() -> None:
    wrong = """
        hospital = 1
        [[organisation]]
        id = "a b"
        number = "987654321"
        roles = ["king"]
        colour = "red"
        shared_from = "2026-12-01"
        [[organisation]]
        id = "c"
        name = "C"
        part_of = "c"
        address = { street = "x" }
        places = [{ id = "p" }]
    """
    with pytest.raises(Wrong) as refused:
        provisioning.read(wrong)
    told = "\n".join(refused.value.problems)
    for words in ("no “hospital”", "id has letters", "no organisation number", "'king' is none of", "“colour” is not",
                  "shared_from is a day", "name is missing", "address has", "a place has", "of itself"):  # fmt: skip
        assert words in told
    for text in ("", "x = ", "[[organisation]"):
        with pytest.raises(Wrong):
            provisioning.read(text)


async def test_a_gp_office_joins_writes_is_read_and_leaves(world: World, tmp_path: Path) -> None:
    file, told = tmp_path / "bakken.toml", list[str]()
    file.write_text(FILE)
    assert await organisations.add(world.pool, file, dry=True, tell=told.append) == exits.OK
    assert "new: Organization/bakken-legesenter" in told
    assert (await (await world.client()).get("/Organization/bakken-legesenter")).status_code == 404
    await organisations.add(world.pool, file, dry=False, tell=told.append)
    again = list[str]()
    await organisations.add(world.pool, file, dry=False, tell=again.append)
    assert again == ["2 units; 0 written, 8 as they are."]
    organization = (await read(world.door, world.system, "Organization", "bakken-legesenter")).resource()
    assert organization["identifier"][0]["value"] == "987654325"
    child = (await read(world.door, world.system, "Organization", "bakken-skole")).resource()
    assert child["partOf"]["reference"] == "Organization/bakken-legesenter"

    # Its GP comes by the directory, into the group that the file made, and gets in at once.
    iam = await directory(world)
    gp = (await iam.post("/Users", json=user("gunn.gp"))).json()["id"]
    named = {"filter": 'displayName eq "gp@bakken-legesenter"'}
    [group] = (await iam.get("/Groups", params=named)).json()["Resources"]
    member = operations({"op": "add", "path": "members", "value": [{"value": gp}]})
    await iam.patch(f"/Groups/{group['id']}", json=member)
    app = await world.client(gp)
    now = datetime.now(UTC)
    on_list = {
        "resourceType": "Patient", "id": "bakken-pasient", "name": [{"family": "Bakk", "given": ["Bo"]}],
        "generalPractitioner": [{"reference": "Organization/bakken-legesenter"}],
    }  # fmt: skip
    stay = {
        "resourceType": "Encounter", "id": "bakken-stay", "status": "in-progress", "class": {"code": "IMP"},
        "subject": {"reference": "Patient/bakken-pasient"}, "period": {"start": now.isoformat()},
        "serviceProvider": {"reference": "Organization/ward"},
    }  # fmt: skip
    await world.put(on_list, stay)
    role = (await accounts.account(world.pool, gp)).roles[0]  # type: ignore[union-attr]
    himself = {"reference": f"PractitionerRole/{role.practitioner_role_id}"}
    note = {
        "resourceType": "Composition", "status": "final", "type": {"text": "Notat"}, "title": "Konsultasjon",
        "subject": {"reference": "Patient/bakken-pasient"}, "date": now.isoformat(), "author": [himself],
        "attester": [{"mode": "professional", "time": now.isoformat(), "party": himself}],
    }  # fmt: skip
    written = await app.post("/Composition", json=note)
    assert written.status_code == 201, written.text
    where = f"/Composition/{written.json()['id']}"
    hospital = await world.client("doctor")
    assert (await hospital.get(where)).json()["title"] == "Konsultasjon"
    assert (await (await world.client("homenurse")).get(where)).status_code in (403, 404)
    ways = await receivers(world.door, JOB, "HENVISNING", now, units=["bakken-legesenter"])
    assert [(one.way, one.why) for one in ways] == [("shared", "")]

    # It leaves: nobody gets in or is given a role there, nothing can be sent to it, and all is read as before.
    token = await accounts.for_user(world.pool, gp)
    await organisations.leave(world.pool, "bakken-legesenter", tell=told.append)
    assert told[-1].startswith("bakken-legesenter works here no longer: 2 units, 1 people")
    assert await accounts.bearer(world.pool, token) is None
    assert await accounts.account(world.pool, gp) is None
    assert (await hospital.get(where)).json()["title"] == "Konsultasjon"
    later = now + timedelta(minutes=1)
    [gone] = await receivers(world.door, JOB, "HENVISNING", later, units=["bakken-legesenter"])
    assert gone.why
    refused = await iam.post("/Users", json=user("ny.gp", at("gp", "bakken-legesenter")))
    assert "no longer" in refused.json()["detail"]
    versions = await world.pool.fetchval("SELECT count(*) FROM store.version WHERE id = $1", written.json()["id"])
    assert versions == 1

    # It comes back by the same file, and its people with it, since they are still in its group.
    await organisations.add(world.pool, file, dry=False, tell=told.append)
    await provisioning.see_to_people(world.door, access.for_job("provisioning"), datetime.now(UTC))
    assert (await accounts.account(world.pool, gp)).roles == (role,)  # type: ignore[union-attr]
    assert (await (await world.client(gp)).get(where)).status_code == 200


async def test_what_does_not_fit_the_record_is_told_and_nothing_is_done(world: World, tmp_path: Path) -> None:
    file, told = tmp_path / "wrong.toml", list[str]()
    file.write_text(FILE.replace("bakken", "haugen") + '[[organisation]]\nid = "x"\nname = "X"\npart_of = "nowhere"\n')
    await organisations.add(world.pool, _first(tmp_path), dry=False, tell=told.append)
    with pytest.raises(exits.Refused, match="Nothing was done: 3"):
        await organisations.add(world.pool, file, dry=False, tell=told.append)
    assert "x: there is no Organization nowhere that it could be part of." in told
    assert any("has the number 987654325 already" in one for one in told)
    assert (await (await world.client()).get("/Organization/haugen-legesenter")).status_code == 404
    with pytest.raises(exits.Usage):
        await organisations.add(world.pool, tmp_path / "none.toml", dry=False, tell=told.append)
    with pytest.raises(exits.Refused):
        await organisations.leave(world.pool, "nowhere", tell=told.append)


def _first(folder: Path) -> Path:
    file = folder / "first.toml"
    file.write_text(FILE)
    return file
