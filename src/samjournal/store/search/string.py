"""Strings: begins with, whatever case and accents; `:exact`, `:contains`. hl7.org/fhir/R4/search.html#string"""

from __future__ import annotations

from samjournal.db.binding import Arguments
from samjournal.fhir.folding import fold

LAST = "\U0010ffff"
WHOLE, ENDS = "=whole", "=ends"
"""What `_filter` alone can ask for: the whole text whatever case and accents, and how it ends."""
INDEXED = 200
"""As many characters of a folded string are in the index."""


def condition(text: str, modifier: str, row: str, arguments: Arguments) -> str:
    """SQL for one value against a row of store.string."""
    folded = fold(text)
    if modifier == "contains":
        pattern = "%" + folded.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
        return f"{row}.folded LIKE {arguments.add(pattern, 'text')}"
    if modifier == ENDS:
        pattern = "%" + folded.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        return f"{row}.folded LIKE {arguments.add(pattern, 'text')}"
    start = folded[:INDEXED]
    key = f"left({row}.folded, {INDEXED})"
    if modifier == WHOLE:
        return f"({key} = {arguments.add(start, 'text')} AND {row}.folded = {arguments.add(folded, 'text')})"
    if modifier == "exact":
        return f"({key} = {arguments.add(start, 'text')} AND {row}.written = {arguments.add(text, 'text')})"
    return f"({key} >= {arguments.add(start, 'text')} AND {key} < {arguments.add(start + LAST, 'text')})"
