"""What references stand for that lead out of their file: asked of the record, remembered for a while.

hl7.org/fhir/R4/http.html#trules (conditional references), hl7.org/fhir/R4/search.html#token
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import unquote

from samjournal.access import Permit
from samjournal.fhir import references
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid
from samjournal.record import Door, Stored, criterion, existing, search
from samjournal.server.load.aside import Aside

MOST = 50_000
"""How many answers are remembered."""
_AT_ONCE = 4
_URN = "urn:uuid:"


class Lookups:
    """Answers of the record to conditional references and to uuids of other files."""

    def __init__(self, door: Door, permit: Permit, aside: Aside) -> None:
        self._door = door
        self._permit = permit
        self._aside = aside
        self._found: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self._absent: dict[str, set[str]] = {}

    def known(self, text: str) -> str | None:
        """What a reference stands for, as far as it was asked."""
        return self._found.get(text)

    def refusal(self, text: str) -> str | None:
        """Why a reference can never be resolved, when that is so."""
        return self._refused.get(text)

    def forget_absent(self, types: Iterable[str]) -> None:
        """Resources of some types were stored: what was absent may be there now."""
        for type_ in types:
            self._absent.pop(type_, None)
        self._absent.pop(_URN, None)

    def forget_all_absent(self) -> None:
        self._absent.clear()

    async def look(self, texts: Iterable[str]) -> None:
        """Ask for what is not known yet."""
        asked = {text for text in texts if not self._is_known(text)}
        urns = sorted(text for text in asked if text.startswith(_URN))
        if urns:
            await self._by_id(urns)
        slots = asyncio.Semaphore(_AT_ONCE)

        async def one(text: str) -> None:
            async with slots:
                await self._by_criterion(text)

        await asyncio.gather(*(one(text) for text in sorted(asked.difference(urns))))

    async def matches(self, type_: str, text: str) -> list[Stored]:
        """What fits a criterion, at most two. Raises Invalid for one that cannot be read."""
        query = replace(criterion(type_, text).query, count=2)
        return (await search(self._door, self._permit, query)).matches

    def _is_known(self, text: str) -> bool:
        type_ = _URN if text.startswith(_URN) else text.partition("?")[0]
        return text in self._found or text in self._refused or text in self._absent.get(type_, ())

    async def _by_criterion(self, text: str) -> None:
        if (named := self._aside.named(unquote(text))) is not None:
            self._remember(text, named)
            return
        wanted = references.parse(text)
        assert wanted.type is not None
        try:
            matches = await self.matches(wanted.type, references.query_of(wanted))
        except Invalid as error:
            self._refuse(text, error.text)
            return
        if not matches:
            self._absent.setdefault(wanted.type, set()).add(text)
        elif len(matches) > 1:
            self._refuse(text, "several resources fit it. Name one by its id, or by an identifier that no other has")
        else:
            self._remember(text, matches[0].reference)

    async def _by_id(self, urns: Sequence[str]) -> None:
        """What came as POST under a uuid of another file has it as its id."""
        left = []
        for text in urns:
            named = self._aside.named(text)
            if named is not None:
                self._remember(text, named)
            else:
                left.append(text)
        types: dict[str, list[str]] = {}
        for type_ in sorted(load().resources) if left else ():
            for id_ in await existing(self._door, type_, [text[len(_URN) :] for text in left]):
                types.setdefault(id_, []).append(type_)
        for text in left:
            match types.get(text[len(_URN) :], []):
                case []:
                    self._absent.setdefault(_URN, set()).add(text)
                case [type_]:
                    self._remember(text, f"{type_}/{text[len(_URN) :]}")
                case several:
                    self._refuse(text, f"the record has it as {' and as '.join(several)}")

    def _remember(self, text: str, reference: str) -> None:
        if len(self._found) >= MOST:
            del self._found[next(iter(self._found))]
        self._found[text] = reference

    def _refuse(self, text: str, why: str) -> None:
        if len(self._refused) >= MOST:
            del self._refused[next(iter(self._refused))]
        self._refused[text] = why
