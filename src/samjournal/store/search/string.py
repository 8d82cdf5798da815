"""Strings: begins with, whatever case and accents; `:exact`, `:contains`. hl7.org/fhir/R4/search.html#string"""

from __future__ import annotations

from samjournal.db.binding import Arguments
from samjournal.fhir.errors import Invalid
from samjournal.fhir.folding import fold

LAST = "\U0010ffff"
WHOLE, ENDS = "=whole", "=ends"
"""What `_filter` alone can ask for: the whole text whatever case and accents, and how it ends."""
INDEXED = 200
"""As many characters of a folded string are in the index."""
LONGEST = 16_384
"""As many characters of a text are kept to be searched, and as many a search value may have."""


def condition(text: str, modifier: str, row: str, arguments: Arguments) -> str:
    """SQL for one value against a row of store.string. Raises Invalid."""
    if len(text) > LONGEST:
        raise Invalid(f"A text of {len(text)} characters is too long to search by: at most {LONGEST} are compared.")
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
    begins = f"{key} >= {arguments.add(start, 'text')} AND {key} < {arguments.add(start + LAST, 'text')}"
    if len(folded) > INDEXED:
        begins += f" AND starts_with({row}.folded, {arguments.add(folded, 'text')})"
    return f"({begins})"
