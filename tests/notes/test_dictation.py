"""What is spoken becomes text by a real program; what it does wrong is told, and nothing of ours reaches it."""

from __future__ import annotations

import asyncio
import io
import os
import shlex
import sys
import wave
from pathlib import Path

import pytest

from samjournal.fhir.errors import Busy, Invalid
from samjournal.notes.dictation import LARGEST, LONGEST_TEXT, NotHeard, Program, as_typed, is_sound, provider

pytestmark = pytest.mark.anyio


def sound(seconds: float = 1, *, rate: int = 16_000, channels: int = 1) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\0\0" * int(seconds * rate) * channels)
    return made.getvalue()


def runs(number: str) -> bool:
    return Path(f"/proc/{number}").exists()


def program(code: str, *words: str, time: float = 30, patience: float = 20, at_once: int = 2) -> Program:
    return Program((sys.executable, "-c", code, *words), time, patience, at_once)


async def test_a_program_gets_the_sound_and_the_language_and_its_text_comes_back() -> None:
    code = (
        "import sys, wave; w = wave.open(sys.stdin.buffer);"
        "sys.stdout.buffer.write(f'{sys.argv[1]}: {w.getnframes()} prøver'.encode())"
    )
    assert await program(code, "{language}").heard(sound(2), "nn") == "nn: 32000 prøver"


async def test_nothing_of_our_environment_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMJOURNAL_DATABASE", "postgresql://secret")
    code = "import os; print(sorted(os.environ.keys() - {'PATH', 'HOME', 'LANG', 'LC_CTYPE'}))"
    assert await program(code).heard(sound(), "nb") == "[]"


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "import os; os.abort()"])
async def test_a_program_that_fails_heard_nothing_even_if_it_wrote_something(code: str) -> None:
    with pytest.raises(NotHeard):
        await program(f"print('half a sentence', flush=True); {code}").heard(sound(), "nb")


async def test_a_program_that_is_not_there_when_it_is_needed_heard_nothing() -> None:
    with pytest.raises(NotHeard):
        await Program(("/nowhere/hear",)).heard(sound(), "nb")


async def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    with pytest.raises(NotHeard):
        await program(code, time=3).heard(sound(), "nb")
    assert not runs(mark.read_text())


async def test_who_stops_asking_ends_the_program_and_gives_its_place_back(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    os.mkfifo(mark)  # who reads it waits until the program has begun
    code = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    hears = program(code, at_once=1)
    asked = asyncio.create_task(hears.heard(sound(), "nb"))
    number = await asyncio.to_thread(mark.read_text)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert not runs(number)
    assert not hears._places.locked()


async def test_who_waits_too_long_for_a_place_is_told_that_it_is_busy() -> None:
    hears = program("import time; time.sleep(600)", time=4, patience=0.2, at_once=1)
    first = asyncio.create_task(hears.heard(sound(), "nb"))
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await hears.heard(sound(), "nb")
    with pytest.raises(NotHeard):
        await first


async def test_a_program_that_does_not_read_all_of_the_sound_is_heard_all_the_same() -> None:
    assert await program("print('kort')").heard(sound(29), "nb") == "kort"


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        (sound(), True),
        (sound(29.9), True),
        (sound(31), False),
        (sound(rate=44_100), False),
        (sound(channels=2), False),
        (b"", False),
        (b"RIFF", False),
        (b"OggS" + bytes(60), False),
    ],
)
def test_what_is_no_sound_is_refused(given: bytes, is_taken: bool) -> None:
    assert is_sound(given) is is_taken
    assert len(sound(30)) <= LARGEST


def test_text_from_a_program_is_as_somebody_might_have_typed_it() -> None:
    assert as_typed("  Har\x1b[31m feber.\r\n\n\tIngen hoste.\u202e ".encode()) == "Har[31m feber.\nIngen hoste."
    assert as_typed(b"\xff") == "\ufffd"
    assert len(as_typed(b"a" * 100_000)) == LONGEST_TEXT


def test_a_command_is_read_as_a_shell_would_and_nothing_named_is_no_provider() -> None:
    assert provider("  ") is None
    assert provider(f"{shlex.quote(sys.executable)} -c 'a b'") == Program((sys.executable, "-c", "a b"))


@pytest.mark.parametrize("command", ["hear 'half", "/nowhere/hear"])
def test_a_command_that_cannot_be_run_is_refused_at_once(command: str) -> None:
    with pytest.raises(Invalid):
        provider(command)
