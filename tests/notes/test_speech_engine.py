"""A real speech engine as the provider: what a voice says becomes its words. PocketSphinx hears, by the English model
that comes with it; espeak-ng speaks."""

from __future__ import annotations

import ctypes
import io
import sys
import wave
from pathlib import Path

import espeakng_loader as voice
import pytest

from samjournal.notes.dictation import RATE, Program, is_sound

pytestmark = pytest.mark.anyio

WORDS = """#JSGF V1.0;
grammar note;
public <note> = (no fever | cough and fever | better today | sleeps well | severe pain)+;
"""
ENGINE = """
import sys, wave, pocketsphinx
decoder = pocketsphinx.Decoder(samprate=16000, loglevel="FATAL", lm=None, jsgf=sys.argv[1])
with wave.open(sys.stdin.buffer) as sound:
    heard = sound.readframes(sound.getnframes())
decoder.start_utt()
decoder.process_raw(heard, full_utt=True)
decoder.end_utt()
print(decoder.hyp().hypstr if decoder.hyp() else "")
"""
RETRIEVED, CODED_AS_UTF8, SPEED = 1, 1, 1
"""espeak_ng.h: AUDIO_OUTPUT_RETRIEVAL, espeakCHARS_UTF8, espeakRATE"""


def spoken(text: str) -> bytes:
    """A synthetic voice that says this, as the page of a note would send it."""
    library = ctypes.CDLL(voice.get_library_path())
    samples = bytearray()

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    def take(piece: ctypes._Pointer[ctypes.c_short], count: int, _events: object) -> int:
        if piece and count:
            samples.extend(ctypes.string_at(piece, count * 2))
        return 0

    rate = library.espeak_Initialize(RETRIEVED, 0, voice.get_data_path().encode(), 0)
    library.espeak_SetSynthCallback(take)
    library.espeak_SetVoiceByName(b"en-us")
    library.espeak_SetParameter(SPEED, 120, 0)
    written = text.encode() + b"\0"
    library.espeak_Synth(written, ctypes.c_size_t(len(written)), 0, 0, 0, CODED_AS_UTF8, None, None)
    library.espeak_Synchronize()
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(RATE) + resampled(memoryview(bytes(samples)).cast("h"), rate) + bytes(RATE))
    return made.getvalue()


def resampled(samples: memoryview[int], rate: int) -> bytes:
    """The same sound at 16 kHz, by straight lines between its samples."""
    whole = memoryview(bytearray(int(len(samples) * RATE / rate - 1) * 2)).cast("h")
    for index in range(len(whole)):
        place = index * rate / RATE
        low = int(place)
        whole[index] = round(samples[low] + (samples[min(low + 1, len(samples) - 1)] - samples[low]) * (place - low))
    return whole.tobytes()


@pytest.mark.parametrize("said", ["better today", "severe pain"])
async def test_a_real_engine_writes_what_was_said(tmp_path: Path, said: str) -> None:
    grammar = tmp_path / "note.gram"
    grammar.write_text(WORDS)
    sound = spoken(said)
    assert is_sound(sound)
    assert await Program((sys.executable, "-c", ENGINE, str(grammar))).heard(sound, "nb") == said
