"""Paper: a PDF made of a template and plain values, which a screen reader can read too. PDF/UA-1 (ISO 14289-1)

    await pdf("letters/templates/letter.typ", {...}) -> bytes      raises Unprintable

A template is a Typst file of ours, named from the package `samjournal`; it begins with

    #import "/letters/templates/house.typ": *
    #show: paper.with(title: data.title, language: data.language)

which gives margins, type, the mark and the foot of the house, and `data`: the values as they were given (JSON). They
are never markup: whatever a text says is set as it stands. `title` and `language` (nb, nn, en) must be among them.
Typefaces are those that come with Typst, so that a page is the same on every machine. typst.app/docs
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

ROOT: Final = Path(__file__).parents[1]
"""Templates lie here and below, and reach nothing else."""
STANDARD: Final = "ua-1"
_AT_ONCE: Final = asyncio.Semaphore(2)
"""A page takes tens of milliseconds of a core: who prints much leaves room for who waits for a page."""


class Unprintable(Exception):
    """The template and the values make no page. It says where in the template, and nothing of the values."""


async def pdf(template: str, data: Mapping[str, Any], *, made: datetime | None = None) -> bytes:
    """The same template, values and moment (`made`, now if not told) give the same bytes. Raises Unprintable."""
    async with _AT_ONCE:
        return await asyncio.to_thread(compiled, template, data, made or datetime.now(UTC))


def compiled(template: str, data: Mapping[str, Any], made: datetime, *, form: str = "pdf") -> bytes:
    """The same for who is in a thread already; `form` png gives the first page as a picture, to look at."""
    import typst  # Read when the first page is made: it takes 8 MB.

    compile_: Any = typst.compile
    made = made.replace(microsecond=0)
    values = {"data": msgspec.json.encode(_printable(data)).decode(), "made": made.isoformat(timespec="seconds")}
    try:
        found = compile_(
            ROOT / template,
            root=ROOT,
            format=form,
            ignore_system_fonts=True,
            sys_inputs=values,
            pdf_standards=STANDARD if form == "pdf" else [],
            timestamp=made.astimezone(UTC),
        )
    except RuntimeError as error:  # (a TypstError, or that there is no such file)
        raise Unprintable(f"{template}: {getattr(error, 'message', error)}") from None
    return bytes(found[0] if isinstance(found, list) else found)


def _printable(value: Any) -> Any:
    """The values, with a square for each sign that no typeface of ours has: the standard takes no page with a hole."""
    missing = _missing(value)
    return _without(value, missing) if missing else value


def _missing(value: Any) -> dict[int, str]:
    """Signs of the values that cannot be set, each with what stands in its place."""
    signs = {sign for text in _texts(value) for sign in text if not _is_common(sign)}
    unseen = {sign for sign in signs if not sign.isprintable()} - {"\n", "\t"}
    rare = sorted(signs - unseen - {"\n", "\t"})
    _learn([sign for sign in rare[:_RARE] if sign not in _known])
    found = {ord(sign): "□" for sign in rare if not _known.get(sign, False)}
    return found | dict.fromkeys(map(ord, unseen), "")


_RARE: Final = 300
"""So many different rare signs of one page are tried; what is beyond is a square."""
_known: Final[dict[str, bool]] = {}
"""Rare signs that were tried, and whether they can be set."""


def _is_common(sign: str) -> bool:
    """Latin letters of any Nordic or Sami language, with what stands between them."""
    return " " <= sign <= "~" or "\u00a0" <= sign <= "\u017f" or sign in "–—‘’“”…€"


def _learn(signs: list[str]) -> None:
    """Which signs can be set: all, if a page of them can be made, else each half is tried for itself."""
    if not signs:
        return
    import typst

    compile_: Any = typst.compile
    source = b"#set document(title: [.])\n#for one in json(bytes(sys.inputs.data)) [ #one #strong(one) ]"
    asked = {"data": msgspec.json.encode(signs).decode()}
    try:
        compile_(source, root=ROOT, ignore_system_fonts=True, sys_inputs=asked, pdf_standards=STANDARD)
    except typst.TypstError:
        if len(signs) == 1:
            _known[signs[0]] = False
            return
        middle = len(signs) // 2
        _learn(signs[:middle])
        _learn(signs[middle:])
    else:
        _known.update(dict.fromkeys(signs, True))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _without(value: Any, missing: Mapping[int, str]) -> Any:
    if isinstance(value, str):
        return value.translate(missing)
    if isinstance(value, Mapping):
        return {key: _without(one, missing) for key, one in value.items()}
    return [_without(one, missing) for one in value] if isinstance(value, list | tuple) else value
