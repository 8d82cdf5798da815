"""Days as people write them: `2019`, `5.2019`, `12.05.2019`; as FHIR writes them: `2019`, `2019-05`, `2019-05-12`."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_WRITTEN: Final = re.compile(r"(?:(?:(\d{1,2})[.\-/ ]+)?(\d{1,2})[.\-/ ]+)?(\d{4})\.?")
_ISO: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
FIRST_YEAR: Final = 1880


def day_of(written: str) -> str | None:
    """A FHIR date with as much as was written; empty for nothing, None for what is no day."""
    said = " ".join(written.split())
    if not said:
        return ""
    if found := _WRITTEN.fullmatch(said):
        day, month, year = found[1], found[2], found[3]
    elif found := _ISO.fullmatch(said):
        year, month, day = found[1], found[2], found[3]
    else:
        return None
    try:
        whole = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if whole.year < FIRST_YEAR:
        return None
    return whole.isoformat()[: 10 if day else 7 if month else 4]
