"""The running server seals its log; `samjournal audit verify` finds what a database superuser did to it."""

from __future__ import annotations

import asyncio
import stat
import time
from pathlib import Path

import asyncpg
import httpx
import pytest

from samjournal.db.postgres import reach
from samjournal.server import exits
from samjournal.server.sealing import HEADS, KEY, PUBLIC
from server.program import run, serving


def until_sealed(folder: Path, count: int) -> int:
    """Wait for the heads of so many seals; how many there are."""
    begun = time.monotonic()
    while (found := len((folder / HEADS).read_text().splitlines()) if (folder / HEADS).exists() else 0) < count:
        assert time.monotonic() - begun < 60
        time.sleep(0.05)
    return found


def tampered(data: Path, *statements: str) -> None:
    async def tamper() -> None:
        async with reach(data, purpose="test") as dsn:
            db = await asyncpg.connect(dsn)
            for statement in statements:
                await db.execute(statement)
            await db.close()

    asyncio.run(tamper())


def test_the_log_of_a_server_is_sealed_and_what_is_done_to_it_is_found(tmp_path: Path) -> None:
    data = tmp_path / "data"
    folder = data / "audit"
    where = ("--data-dir", data)
    with serving(data) as server:
        token = run("token", "--system", "t", *where).stdout.strip()
        headers = {"authorization": f"Bearer {token}"}
        patient = {"resourceType": "Patient", "id": "sealed", "name": [{"family": "Forseglet"}]}
        assert httpx.put(f"{server.address}/fhir/Patient/sealed", json=patient, headers=headers).status_code == 201
        made = until_sealed(folder, 1)
        assert httpx.get(f"{server.address}/fhir/Patient/sealed", headers=headers).status_code == 200
        until_sealed(folder, made + 1)
        verified = run("audit", "verify", *where)
        assert verified.returncode == exits.OK, verified.stdout
        assert "stand as they were sealed" in verified.stdout
        assert "samjournal_audit_sealed_timestamp_seconds" in server.get("/metrics").text
    for name in (KEY, PUBLIC, HEADS):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    tampered(data, "UPDATE audit.look SET actor = 'somebody else' WHERE action = 'read'")
    found = run("audit", "verify", *where)
    assert found.returncode == exits.FINDINGS
    assert "a look that it covers was changed" in found.stdout
    tampered(data, "TRUNCATE audit.look CASCADE", "TRUNCATE audit.seal")
    found = run("audit", "verify", *where)
    assert found.returncode == exits.FINDINGS
    assert "The end is cut off" in found.stdout
    assert "Keep it as it is" in found.stdout
    log = data.parent / "server.log"
    with serving(data):
        pass
    assert "the log does not end as it was sealed" in log.read_text()


def test_without_the_public_key_nothing_is_said_of_the_log(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data):
        other = run("audit", "verify", "--data-dir", data, "--audit-dir", tmp_path / "elsewhere")
    assert other.returncode == exits.REFUSED
    assert "cannot be read" in other.stderr


def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / KEY).write_text("no key")
    from samjournal.server.sealing import key_of

    with pytest.raises(exits.Refused, match="cannot be read"):
        key_of(tmp_path)
