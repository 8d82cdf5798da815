"""Dictation: sound in, text out, by a speech program of the operator's choice. Row 4.6

    Speech                   what every provider is: sound and language in, text out
    provider(command)        the one that a setting names; None where none is named, and then nothing shows a button
    is_sound(sound)          true for what a provider is given: WAV, 16 kHz, one channel, 16 bits

A provider is a program that reads WAV on its standard input and writes text (UTF-8) on its standard output. It is
started for each piece of speech without a shell, with nothing of our environment but PATH, HOME and LANG, and ended
when it takes too long. Neither sound nor text is kept, logged, or told in an error.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shlex
import shutil
import unicodedata
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from samjournal.fhir.errors import Busy, Invalid

_log = logging.getLogger("samjournal.notes")
RATE: Final = 16_000
MOST_SECONDS: Final = 30
LARGEST: Final = RATE * 2 * MOST_SECONDS + 1024
"""Bytes of one piece of speech: the page sends what is longer in several."""
LONGEST_TEXT: Final = 8_000
KEPT: Final = ("PATH", "HOME", "LANG")


class NotHeard(Exception):
    """The provider could not be started, failed, or took too long. Says nothing of what was spoken."""


class Speech(Protocol):
    """Whoever turns speech into text: another engine is another one of these."""

    async def heard(self, sound: bytes, language: Literal["nb", "nn"]) -> str:
        """The text of one piece of speech (`is_sound`), '' for silence. Raises NotHeard, Busy."""
        ...


@dataclass(frozen=True, slots=True)
class Program:
    """A speech program: its words, `{language}` standing for nb or nn. At most `at_once` run together, and who waits
    longer than `patience` seconds for one of them is told that it is busy; each has `time` seconds."""

    words: tuple[str, ...]
    time: float = 60
    patience: float = 20
    at_once: int = 2
    _places: asyncio.Semaphore = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_places", asyncio.Semaphore(self.at_once))

    async def heard(self, sound: bytes, language: Literal["nb", "nn"]) -> str:
        try:
            async with asyncio.timeout(self.patience):
                await self._places.acquire()
        except TimeoutError:
            raise Busy(
                "Others are dictating, and the speech program is busy. Nothing was lost: say it again."
            ) from None
        try:
            return as_typed(await self._run(sound, language))
        finally:
            self._places.release()

    async def _run(self, sound: bytes, language: str) -> bytes:
        words = [word.replace("{language}", language) for word in self.words]
        try:
            child = await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={name: os.environ[name] for name in KEPT if name in os.environ},
            )
        except OSError as error:
            _log.error("the speech program cannot be started", extra={"reason": type(error).__name__})
            raise NotHeard from None
        try:
            async with asyncio.timeout(self.time):
                text, _nothing = await child.communicate(sound)
        except TimeoutError:
            _log.warning("the speech program took too long", extra={"seconds": self.time})
            raise NotHeard from None
        finally:
            # Also when who asked has gone: it must not go on hearing.
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        if child.returncode != 0:
            _log.warning("the speech program failed", extra={"exit_code": child.returncode})
            raise NotHeard
        return text


def provider(command: str) -> Speech | None:
    """The provider that a setting names. Raises Invalid for a command that cannot be read, or a program not there."""
    try:
        words = tuple(shlex.split(command))
    except ValueError:
        raise Invalid(f"The speech program is no command that can be read: {command!r}. See to its quotes.") from None
    if words and shutil.which(words[0]) is None:
        raise Invalid(f"The speech program {words[0]!r} is not there, or cannot be run. Give its whole path.")
    return Program(words) if words else None


def is_sound(sound: bytes) -> bool:
    """True for WAV with one channel of 16-bit PCM at 16 kHz: what every engine takes."""
    if len(sound) > LARGEST or sound[:4] != b"RIFF" or sound[8:16] != b"WAVEfmt ":
        return False
    kind, channels, rate = (int.from_bytes(sound[at : at + size], "little") for at, size in ((20, 2), (22, 2), (24, 4)))
    return (kind, channels, rate, int.from_bytes(sound[34:36], "little")) == (1, 1, RATE, 16)


def as_typed(text: bytes) -> str:
    """What a provider wrote, as somebody might have typed it: no control characters, no endless text."""
    lines = (" ".join(line.split()) for line in text.decode("utf-8", "replace").splitlines())
    whole = "\n".join(line for line in lines if line)[:LONGEST_TEXT]
    return "".join(sign for sign in whole if sign == "\n" or unicodedata.category(sign)[0] != "C")
