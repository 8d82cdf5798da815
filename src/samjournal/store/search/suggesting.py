"""The nearest of what is known, for whoever misspelt a parameter, modifier or type."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest of what is known, or nothing when none is near."""
    alike = [one for one in known if one.startswith("_") == word.startswith("_")]
    near = difflib.get_close_matches(word[:60], alike, n=1, cutoff=0.5)
    return f" Did you mean “{near[0]}”?" if near else ""
