"""What must be looked up before a search becomes one statement: texts that fit, and codes that a value set has.

`resolve` gives a filter what it found, as hashes; `sql.Statement` takes it from there. Others are given back as they
are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace

from samjournal.db.pool import Connection
from samjournal.store.search import display, text, token
from samjournal.store.search.query import Filter

OF_CODES = frozenset(("in", "not-in", "below", "above"))
"""Modifiers of tokens that terminology answers."""

Codes = Callable[[str, Sequence[str]], Awaitable[Iterable[str]]]
"""From one of these modifiers and its values to tokens as they are searched: `system|code`, or `system|` for all."""


def needs(one: Filter) -> bool:
    """Whether a filter must be resolved first."""
    if one.found is not None:
        return False
    of_codes = one.parameter.type == "token" and one.modifier in OF_CODES
    return of_codes or one.modifier == "text" or one.parameter.type == "text"


async def resolve(db: Connection, type_: str, one: Filter, codes: Codes, *, closed: bool) -> Filter:
    """The filter with what it stands for; `closed` says that the reader may see protected values."""
    if not needs(one):
        return one
    if one.parameter.type == "text":
        return replace(one, found=await text.read(db, one.parameter, one.values, closed=closed))
    if one.modifier == "text":
        return replace(one, found=tuple(await display.begun(db, one.parameter, one.values, closed=closed)))
    listed = one.parameter.parts or (one.parameter.code,)
    names = [name for code in listed for name in token.names(type_, code, closed=closed)]
    wanted = await codes(one.modifier, one.values)
    return replace(one, found=tuple(token.wanted(name, code) for code in wanted for name in names))
