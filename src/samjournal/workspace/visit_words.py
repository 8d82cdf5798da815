"""What an appointment is called and how it stands, in the reader's words. Pure."""

from __future__ import annotations

from typing import Final

from samjournal.ui.language import Language, marked

STATES: Final = {
    "proposed": (marked("foreslått"), "quiet"),
    "pending": (marked("ikke bekreftet"), "warn"),
    "booked": ("", ""),
    "waitlist": (marked("på venteliste"), "quiet"),
    "arrived": (marked("møtt"), "ok"),
    "checked-in": (marked("meldt seg"), "ok"),
    "fulfilled": (marked("ferdig"), "quiet"),
    "noshow": (marked("ikke møtt"), "warn"),
    "cancelled": (marked("avlyst"), "quiet"),
    "entered-in-error": (marked("feilført"), "quiet"),
}
"""The word of each status, and how it is drawn. The word is first: a colour alone says nothing."""
WAYS: Final = {
    "video": (marked("video"), "eye"),
    "phone": (marked("telefon"), "phone"),
}


def state(status: str, _: Language) -> tuple[str, str]:
    """The word and the tone of a status; nothing is said of what is booked as it should be."""
    words, tone = STATES.get(status, (status, ""))
    return _(words) if words else "", tone


def way(code: str, _: Language) -> tuple[str, str]:
    """The word and the icon of the way in which it is held; nothing where the patient comes."""
    words, icon = WAYS.get(code, ("", ""))
    return _(words) if words else "", icon
