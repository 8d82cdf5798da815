"""Messages as files: a line for each, receipts whole on the disk, and nothing twice however often it is asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from exchange.letters import HOSPITAL, dialog, message, referral
from exchange.test_receiving import HELD, addressed  # noqa: F401
from samjournal import access
from samjournal.exchange import apprec, folder, take, xml
from world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
def post(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path


async def told(world: World, post: Path) -> list[list[str]]:
    lines: list[str] = []
    await take(world.door, access.for_job("messages"), [post / "in"], post / "out", lines.append)
    return [line.split("\t") for line in lines]


async def test_each_file_gets_a_line_and_each_message_its_receipt(addressed: World, post: Path) -> None:  # noqa: F811
    id_ = str(uuid4())
    (post / "in" / "1.xml").write_bytes(message(dialog(), id_=id_))
    (post / "in" / "2.xml").write_bytes(message(dialog(), to=("800001", "899999")))
    (post / "in" / "3.xml").write_bytes(b"?")
    (post / "in" / "4.xml").write_bytes((post / "in" / "1.xml").read_bytes())
    lines = await told(addressed, post)
    assert [line[2:5] for line in lines] == [
        ["received", "1", "Medisin 3"],
        ["refused", "2 E21", "-"],
        ["unplaced", "-", "Meldingssentralen"],
        ["duplicate", "-", "-"],
    ]
    assert lines[0][:2] == [id_, "DIALOG_HELSEFAGLIG"]
    written = sorted((post / "out").iterdir())
    assert [apprec.read(xml.parse(one.read_bytes())).status for one in written if id_ in one.name] == ["1"]
    assert len(written) == 2


async def test_a_receipt_that_was_not_written_is_written_by_the_next_call(
    addressed: World,  # noqa: F811
    post: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (post / "in" / "1.xml").write_bytes(message(dialog()))

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(folder, "_written", full)
        with pytest.raises(OSError, match="No space"):
            await told(addressed, post)
    assert (await told(addressed, post))[0][2:4] == ["duplicate", "1"]
    assert len(list((post / "out").iterdir())) == 1
    assert (await told(addressed, post))[0][2:4] == ["duplicate", "-"]


async def test_many_at_once_are_as_one_after_the_other(addressed: World, post: Path) -> None:  # noqa: F811
    document, twice = str(uuid4()), str(uuid4())
    letters = [
        message(referral(document), kind="HENVISNING"),
        message(dialog("Samme to ganger."), id_=twice),
        message(dialog("Samme to ganger."), id_=twice),
        b"<no xml",
        message(referral(document, "M"), kind="HENVISNING"),
        message(dialog(), patient=HELD["a faulty number"]),
        message(dialog(), to=(HOSPITAL, "899999")),
        *(message(dialog(f"Nr {at}")) for at in range(30)),
    ]
    for at, data in enumerate(letters):
        (post / "in" / f"{at:03}.xml").write_bytes(letters[1] if at == 2 else data)
    lines = await told(addressed, post)
    assert [line[2] for line in lines[:7]] == [
        "received", "received", "duplicate", "unplaced", "received", "held", "refused",
    ]  # fmt: skip
    assert {line[2] for line in lines[7:]} == {"received"}
    assert [Path(line[5].partition(":")[0]).stem for line in lines] == [f"{at:03}" for at in range(len(letters))]
    assert len(list((post / "out").glob("*.xml"))) == 34, "each is answered once, but what is held or unreadable"
    assert {line[2] for line in await told(addressed, post)} == {"duplicate"}


async def test_parts_of_the_files_are_taken_at_the_same_time(addressed: World, post: Path) -> None:  # noqa: F811
    for at in range(60):
        (post / "in" / f"{at:03}.xml").write_bytes(message(dialog(f"Nr {at}")))
    lines: list[list[str]] = [[], []]
    parts = [
        take(addressed.door, access.for_job("messages"), [post / "in"], post / "out", told.append, part=(at, 2))
        for at, told in enumerate(lines, 1)
    ]
    await asyncio.gather(*parts)
    assert all(lines)
    assert sorted(line.split("\t")[2] for told in lines for line in told) == ["received"] * 60
    assert len(list((post / "out").glob("*.xml"))) == 60
