"""`samjournal exchange receive`: a line for each file; killed in the middle, nothing is lost or done twice."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from exchange.letters import HOSPITAL, WARD, dialog, message
from samjournal import access, messages, referrals
from samjournal.exchange import apprec, xml
from samjournal.fhir.identifiers import HER, HPR
from samjournal.messages.states import KIND
from server.program import PROGRAM, run
from world import World, made, to

pytestmark = pytest.mark.anyio
MANY = 60
PROFESSIONAL = {"system": HPR, "value": "9144900"}


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


def _killed(line: list[str], out: Path) -> int:
    """How a program ends that is killed when it has written its first receipt."""
    with subprocess.Popen(line, stdout=subprocess.DEVNULL) as first:
        while not list(out.glob("*.xml")) and first.poll() is None:
            pass
        first.kill()
        return first.wait()


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
    ended = await asyncio.to_thread(_killed, line, tmp_path / "out")
    assert ended == -signal.SIGKILL, "it was killed in the middle"
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


@pytest.mark.usefixtures("hospital")
async def test_a_message_goes_out_as_a_file_and_its_receipt_comes_back(
    world: World, database: str, tmp_path: Path
) -> None:
    await world.put(
        made("Practitioner", "doctor", name=[{"family": "Lin", "given": ["Rita"]}], identifier=[PROFESSIONAL]),
        made(
            "PractitionerRole",
            "doctor-role",
            practitioner=to("Practitioner/doctor"),
            organization=to("Organization/ward"),
        ),
        made("Organization", "far", name="Langt borte", identifier=[{"system": HER, "value": "930000"}]),
        made(
            "Organization",
            "far-clinic",
            name="Klinikken",
            identifier=[{"system": HER, "value": "930001"}],
            partOf=to("Organization/far"),
        ),
        made(
            "Endpoint",
            "far-clinic",
            status="test",
            connectionType={"system": "urn:samjournal:connection", "code": "folder"},
            payloadType=[{"coding": [{"system": KIND, "code": code}]} for code in ("HENVISNING", "DIALOG_HELSEFAGLIG")],
            managingOrganization={**to("Organization/far-clinic"), "display": "Klinikken"},
            address="klinikken",
        ),
        made(
            "Organization",
            "message-desk",
            name="Meldingssentralen",
            active=True,
            identifier=[{"system": "urn:samjournal:desk", "value": "messages"}, {"system": HER, "value": "800009"}],
            partOf=to("Organization/hospital"),
        ),
    )

    async def exchange(*said: str) -> list[list[str]]:
        done = await asyncio.to_thread(run, "exchange", said[0], "--database", database, *said[1:])
        assert done.returncode == 0, done.stderr
        return [row.split("\t") for row in done.stdout.splitlines()]

    async def there_and_back() -> list[list[str]]:
        """What waits is sent; the files are taken by their receiver, and his receipts by us."""
        out = tmp_path / str(uuid4())
        await exchange("send", "--out", str(out))
        await exchange("receive", str(out / "ut" / "klinikken"), "--out", str(out / "receipts"))
        return await exchange("receive", str(out / "receipts"), "--out", str(out / "none"))

    written = referrals.Written(about="Hjertesvikt", text="Tung pust.", receiver="far-clinic", questions=("Hva nå?",))
    with pytest.raises(referrals.NotReady):
        await referrals.refer(world.door, await world.permit("doctor"), "kari", written)
    assert await exchange("activate", "far-clinic") == [["far-clinic", "asked", "Klinikken"]]
    ((_, _, state, *_),) = await there_and_back()
    assert state == "accepted"
    assert await messages.tested(world.door, access.for_job("messages"), datetime.now(UTC)) == 1
    await referrals.refer(world.door, await world.permit("doctor"), "kari", written)
    ((_, kind, state, _, owner, told),) = await there_and_back()
    assert (kind, state, owner) == ("APPREC", "accepted", "-"), told
