"""Sets of tokens of which a resource must have one: few, or the thousands that a value set has."""

from __future__ import annotations

from collections.abc import Sequence

from samjournal.db.binding import Arguments

FEW = 32
"""PostgreSQL compares each token of a row with each of a set; from so many on a table of hashes is quicker."""


def overlaps(hashes: Sequence[int], row: str, arguments: Arguments) -> str:
    """SQL for what the index on tokens finds: the row has one of the tokens."""
    return f"{row}.tokens && {arguments.add(list(hashes), 'bigint[]')}"


def has(hashes: Sequence[int], row: str, arguments: Arguments) -> str:
    """SQL for a row that is looked at: it has one of the tokens."""
    if len(hashes) <= FEW:
        return overlaps(hashes, row, arguments)
    wanted = arguments.add(list(hashes), "bigint[]")
    return f"EXISTS (SELECT 1 FROM unnest({row}.tokens) AS mine(token) WHERE mine.token = ANY({wanted}))"


def ids(hashes: Sequence[int], arguments: Arguments) -> str:
    """SQL for the ids that have one of the tokens, some twice; a token tells the type as well.

    Token by token, each by the index: to the planner a set of thousands is as cheap to compare with as one token, so it
    would look at every row instead.
    """
    return f"""SELECT o.id FROM unnest({arguments.add(list(hashes), "bigint[]")}) AS wanted(token)
        CROSS JOIN LATERAL (SELECT id FROM store.current WHERE tokens @> ARRAY[wanted.token] OFFSET 0) o"""
