"""What a search may cost: when the database takes too long over it, that is said, with what to narrow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from samjournal.db.pool import Overdue
from samjournal.fhir.errors import Busy

P = ParamSpec("P")
T = TypeVar("T")


def in_time(search: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """A search that is given up when a statement takes longer than the database gives it. It then raises Busy."""

    @wraps(search)
    async def given_up(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            return await search(*arguments, **named)
        except Overdue as problem:
            raise Busy(
                "The search took longer than the database gives one, and nothing was shown. Narrow it: name a patient,"
                " a code or a date, use _id or identifier in a chain, and leave out :contains, :missing and"
                " _total=accurate where they stand alone."
            ) from problem

    return given_up
