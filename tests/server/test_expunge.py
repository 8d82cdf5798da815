"""`samjournal record expunge` on a running server: decided by two, gone everywhere, and gone again after a restore."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from erasing import found
from samjournal import accounts
from samjournal.accounts import Account, RoleAt
from samjournal.db.pool import connect
from samjournal.db.postgres import reach
from samjournal.db.rights import APPLICATION, ERASURE, as_role
from samjournal.server import exits
from samjournal.server.expunging import LIST
from server.program import Running, program, run, serving
from world import observation, patient

MARK = "zqxkvarts"
DECISION = "2026/4711-3"


def on(data: Path, do: Callable[[str], Awaitable[Any]]) -> Any:
    """Do something with the DSN of the owner."""

    async def reached() -> Any:
        async with reach(data, purpose="test") as dsn:
            return await do(dsn)

    return asyncio.run(reached())


async def people(dsn: str) -> None:
    pool = await connect(as_role(dsn, APPLICATION), size=1)
    async with pool.transaction() as db:
        staff = [("officer", "privacy-officer"), ("chief", "doctor"), ("nurse", "nurse")]
        await accounts.add(
            db,
            [
                Account(login, login, "staff", (RoleAt(code, "ward", f"{login}-role", "Ward"),), practitioner_id=login)
                for login, code in staff
            ],
        )
    await pool.close()


async def marked(dsn: str) -> list[str]:
    db = await asyncpg.connect(dsn)
    where = await found(db, MARK)
    await db.close()
    return where


def told(id_: str, **more: Any) -> dict[str, Any]:
    code = {"coding": [{"system": "urn:x", "code": "1", "display": f"Funn {MARK}"}], "text": f"Tekst {MARK}"}
    return {**observation("kari"), "id": id_, "code": code, "note": [{"text": f"Notat {MARK}"}], **more}


class Client(httpx.Client):
    """A system's requests to a running server."""

    def __init__(self, server: Running, data: Path) -> None:
        token = run("token", "--system", "t", "--data-dir", data).stdout.strip()
        super().__init__(base_url=f"{server.address}/fhir", headers={"authorization": f"Bearer {token}"}, timeout=10)

    def later(self, path: str) -> str:
        """Where an answer is kept, once it is there."""
        place = self.get(path, headers={"prefer": "respond-async"}).headers["content-location"]
        begun = time.monotonic()
        while (answer := self.get(place)).status_code == 202:
            assert time.monotonic() - begun < 20
        assert MARK in answer.text
        return place


def proposed(server: Running, what: str, *, everything: bool = False) -> str:
    """The officer signs in and proposes it; the id, as it is shown to who confirms."""
    form = {"what": what, "decision": DECISION, "act": "propose", **({"everything": "yes"} if everything else {})}
    with httpx.Client(base_url=server.address, headers={"sec-fetch-site": "same-origin"}, timeout=10) as browser:
        browser.post("/signin/demo", data={"login": "officer"})
        answer = browser.post("/workspace/erasures/propose", data=form)
        assert answer.headers.get("location") == "/workspace/erasures?done=proposed", answer.text
        browser.post("/signin/demo", data={"login": "chief"})
        page = browser.get("/workspace/erasures").text
    (id_,) = re.findall(r'name="id" value="([^"]+)"', page)
    return str(id_)


def confirm(server: Running, id_: str, by: str = "chief") -> str:
    """Somebody signs in and confirms it; what the page says then, or that there is none for him."""
    with httpx.Client(base_url=server.address, headers={"sec-fetch-site": "same-origin"}, timeout=10) as browser:
        browser.post("/signin/demo", data={"login": by})
        answer = browser.post("/workspace/erasures", data={"id": id_}, follow_redirects=True)
        return answer.url.params.get("done", str(answer.status_code))


def carried_out(data: Path, id_: str) -> Any:
    return run("record", "expunge", "carry-out", id_, "--data-dir", data)


def test_what_two_decide_is_gone_everywhere_and_the_log_still_verifies(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server, Client(server, data) as client:
        on(data, people)
        assert client.put("/Patient/kari", json=patient("kari", "Nordmann")).status_code == 201
        client.put("/Observation/gone", json=told("gone", status="preliminary"))
        first = client.get("/Observation/gone/_history/1").content
        client.put("/Observation/gone", json=told("gone"))
        client.put(
            "/Observation/stays",
            json={**observation("kari"), "id": "stays", "hasMember": [{"reference": "Observation/gone"}]},
        )
        kept = client.later("/Observation?_id=gone")
        assert run("backup", "--to", tmp_path / "backup", "--data-dir", data).returncode == exits.OK

        id_ = proposed(server, "Observation/gone")
        early = carried_out(data, id_)
        assert (early.returncode, "another person than officer" in early.stderr) == (exits.REFUSED, True)
        assert confirm(server, id_, by="officer") == "no"
        assert confirm(server, id_, by="nurse") == "403"
        assert carried_out(data, id_).returncode == exits.REFUSED
        assert client.get("/Observation/gone").status_code == 200
        assert id_ in run("record", "expunge", "list", "--data-dir", data).stdout
        assert confirm(server, id_) == "yes"
        done = carried_out(data, id_)
        assert done.returncode == exits.OK, done.stderr
        assert f"Erased by decision {DECISION}: Observation/gone; 1 resources." in done.stdout
        assert "It was erased already." in carried_out(data, id_).stdout
        assert "Nothing waits." in run("record", "expunge", "list", "--data-dir", data).stdout

        gone = client.get("/Observation/gone")
        assert (gone.status_code, DECISION in gone.text) == (410, True)
        history = client.get("/Observation/gone/_history").json()["entry"]
        assert [one["response"]["status"] for one in history] == ["410 Gone"] * 3
        assert client.get(f"/Observation?code:text={MARK}&_summary=count").json()["total"] == 0
        assert MARK not in client.get("/Patient/kari/$everything").text
        assert "Observation/gone" in client.get("/Observation/stays").text
        assert client.get(kept).status_code == 404
        assert client.put("/Observation/gone", json=told("gone")).status_code == 410
        assert on(data, marked) == []
        digest = on(data, _digest)
        assert digest == hashlib.sha256(first).digest()

        file = tmp_path / "again.ndjson"
        file.write_bytes(b'{"resourceType":"Observation","id":"gone","status":"final","code":{"text":"x"}}\n')
        loaded = run("load", file, "--data-dir", data)
        assert "erased by decision" in loaded.stdout
    assert run("audit", "verify", "--data-dir", data).returncode == exits.OK
    listed = (data / "audit" / LIST).read_text()
    assert (listed.count("\n"), MARK in listed, DECISION in listed) == (1, False, True)

    new = tmp_path / "restored"
    restored = run("restore", "--from", tmp_path / "backup", "--data-dir", new, "--audit-dir", data / "audit")
    assert restored.returncode == exits.OK, restored.stderr
    assert f"Erased again, by decision {DECISION}: Observation/gone." in restored.stdout
    assert on(new, marked) == []
    assert (new / "audit" / LIST).read_text() == listed
    without = run("restore", "--from", tmp_path / "backup", "--data-dir", tmp_path / "without")
    assert "restore with --audit-dir" in without.stdout
    assert "store.version" in on(tmp_path / "without", marked)


def test_a_patient_whose_erasure_was_killed_is_erased_by_the_same_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server, Client(server, data) as client:
        on(data, people)
        file = tmp_path / "many.ndjson"
        many = [patient("kari", MARK), *(told(f"many-{n}") for n in range(150))]
        file.write_text("\n".join(map(json.dumps, many)))
        assert run("load", file, "--data-dir", data).returncode == exits.OK
        id_ = proposed(server, "Patient/kari", everything=True)
        assert confirm(server, id_) == "yes"
        killed = program("record", "expunge", "carry-out", id_, "--data-dir", data)
        on(data, _first_tombstone)
        killed.kill()
        killed.wait()
        stones = on(data, _stones)
        assert 0 < stones < 151
        assert client.get("/Patient/kari").status_code == 200, "the Patient goes last"
        states = {client.get(f"/Observation/many-{n}").status_code for n in range(150)}
        assert states == {200, 410}, "each is there or erased"
        listed = run("record", "expunge", "list", "--data-dir", data)
        assert (listed.returncode, "not carried out" in listed.stdout) == (exits.FINDINGS, True)
        done = carried_out(data, id_)
        assert f"{151 - stones} resources" in done.stdout, done.stderr
        assert client.get("/Patient/kari").status_code == 410
        assert client.get("/Observation?subject=Patient/kari&_summary=count").json()["total"] == 0
        assert on(data, marked) == []
    assert run("audit", "verify", "--data-dir", data).returncode == exits.OK


async def _first_tombstone(dsn: str) -> None:
    db = await asyncpg.connect(dsn)
    async with asyncio.timeout(60):
        while not await db.fetchval("SELECT EXISTS (SELECT 1 FROM store.tombstone)"):  # noqa: ASYNC110
            await asyncio.sleep(0.002)
    await db.close()


async def _stones(dsn: str) -> int:
    db = await asyncpg.connect(dsn)
    # What the killed program had under way ends with its connection.
    async with asyncio.timeout(20):
        while await db.fetchval("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE usename = $1)", ERASURE):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    count = await db.fetchval("SELECT count(*) FROM store.tombstone")
    await db.close()
    return int(count)


async def _digest(dsn: str) -> bytes:
    db = await asyncpg.connect(as_role(dsn, ERASURE))
    found_ = await db.fetchval("SELECT digest FROM store.tombstone WHERE id = 'gone' AND version = 1")
    await db.close()
    return bytes(found_)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("propose", "Observation/7"), exits.USAGE, "invalid choice"),
        (("carry-out",), exits.USAGE, "Name the proposal"),
        (("carry-out", "7"), exits.USAGE, "Name the proposal"),
        (("carry-out", "019e0c1b-9f6a-7a3e-8d0f-3a8f0e6b6c11", "--by", "officer"), exits.USAGE, "--by"),
        (("carry-out", "019e0c1b-9f6a-7a3e-8d0f-3a8f0e6b6c11"), exits.REFUSED, "There is no proposal"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(installed: Path, words: tuple[str, ...], code: int, said: str) -> None:
    done = run("record", "expunge", *words, "--data-dir", installed)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("expunge") / "data"
    assert run("demo", "--inhabitants", "0", "--data-dir", data).returncode == exits.OK
    on(data, people)
    return data


def test_the_role_of_the_application_is_refused_on_a_server_of_ones_own(database: str) -> None:
    done = run("record", "expunge", "list", "--database", database)
    assert done.returncode == exits.REFUSED
    assert ERASURE in done.stderr
