"""`samjournal exchange receive`: a line for each file; killed in the middle, nothing is lost or done twice."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from exchange.letters import HOSPITAL, WARD, dialog, message
from samjournal.exchange import apprec, xml
from samjournal.fhir.identifiers import HER
from server.program import PROGRAM, run
from world import World, made, to

pytestmark = pytest.mark.anyio
MANY = 60


@pytest.fixture
async def hospital(world: World) -> None:
    await world.put(
        made("Organization", "hospital", name="Sykehuset", identifier=[{"system": HER, "value": HOSPITAL}]),
        made(
            "Organization",
            "ward",
            name="Medisin 3",
            identifier=[{"system": HER, "value": WARD}],
            partOf=to("Organization/hospital"),
        ),
    )


@pytest.mark.usefixtures("hospital")
async def test_killed_in_the_middle_it_goes_on_where_it_was(world: World, database: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(MANY):
        letter = message(dialog(f"Nummer {number}."), id_=str(UUID(int=number + 1)))
        (tmp_path / "in" / f"{number:04}.xml").write_bytes(letter)
    line = [
        *PROGRAM,
        "exchange",
        "receive",
        "--database",
        database,
        "--out",
        str(tmp_path / "out"),
        str(tmp_path / "in"),
    ]
    first = await asyncio.create_subprocess_exec(*line, stdout=asyncio.subprocess.DEVNULL)
    while not list((tmp_path / "out").glob("*.xml")) and first.returncode is None:
        pass
    first.kill()
    assert await first.wait() == -signal.SIGKILL, "it was killed in the middle"
    again = await asyncio.to_thread(run, *line[len(PROGRAM) :])
    assert again.returncode == 0, again.stderr
    lines = [row.split("\t") for row in again.stdout.splitlines()]
    assert len(lines) == MANY
    states = Counter(row[2] for row in lines)
    assert states["received"] + states["duplicate"] == MANY
    assert 0 < states["received"] < MANY
    counted = "SELECT count(*) FROM store.current WHERE id LIKE 'message-%' AND id <> 'message-desk'"
    assert await world.pool.fetchval(counted) == 3 * MANY
    receipts = [apprec.read(xml.parse(path.read_bytes())) for path in (tmp_path / "out").glob("*.xml")]
    assert sorted(one.original for one in receipts) == [str(UUID(int=number + 1)) for number in range(MANY)]


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    found = run("exchange", "receive", tmp_path / "nowhere", "--out", tmp_path, "--data-dir", tmp_path)
    assert found.returncode == 2
    assert "There is no file or folder" in found.stderr
