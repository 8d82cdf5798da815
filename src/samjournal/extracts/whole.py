"""The whole record of a patient as files: one NDJSON for each type, in a zip that is written while it is read.

    gathered(door, permit, patient, types=(), again=None) -> pages of Everything    each is logged before it is here
    archive(door, permit, patient, told=, made=, again=) -> bytes, piece by piece   `told` is what LESMEG.txt says

What the permit does not show is not read, so it is in neither. One page is held at a time, and nothing is put on the
disk. `again` makes the permit anew before each further page: whose right ends while he fetches gets no more. What
cannot be read to its end has no directory, so that no half of a record opens as if it were whole.
hl7.org/fhir/R4/patient-operation-everything.html · hl7.org/fhir/uv/bulkdata/export.html
"""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Final

from samjournal.access import Permit
from samjournal.record import Door, Everything, Stored, everything, narrowed_to

PAGE: Final = 1000
"""So many resources are read, and held, at a time."""
Again = Callable[[], Awaitable[Permit]]
"""Makes the permit anew. Raises when there is none any longer."""


async def gathered(
    door: Door, permit: Permit, patient: str, types: Collection[str] = (), *, again: Again | None = None
) -> AsyncIterator[Everything]:
    """Everything of a patient, page by page, or what of it is of some types. Raises as a read of the Patient does."""
    cursor: str | None = None
    while True:
        page = await everything(door, permit, "Patient", patient, narrowed_to(tuple(types)), count=PAGE, cursor=cursor)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return
        permit = await again() if again else permit


async def archive(
    door: Door, permit: Permit, patient: str, *, told: str, made: datetime, again: Again | None = None
) -> AsyncIterator[bytes]:
    """The zip, as it grows. The first piece is there when the first page was logged. Raises as `gathered`."""
    out = _Growing()
    written: set[str] = set()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as files:
        number = 0
        async for page in gathered(door, permit, patient, again=again):
            if not number:
                files.writestr(_file("LESMEG.txt", made), told)
            number += 1
            # Packing a large page takes longer than others should wait.
            await asyncio.to_thread(_pack, files, _by_type((*page.matches, *page.referred), written), number, made)
            yield out.taken()
    yield out.taken()


def _pack(files: zipfile.ZipFile, found: Mapping[str, list[bytes]], number: int, made: datetime) -> None:
    """One page into the zip, a file for each type; those of later pages have its number in their names."""
    for type_, bodies in found.items():
        name = f"{type_}.ndjson" if number == 1 else f"{type_}-{number}.ndjson"
        files.writestr(_file(name, made), b"\n".join(bodies) + b"\n")


def _by_type(found: Collection[Stored], written: set[str]) -> dict[str, list[bytes]]:
    """The bytes of each type as they lie; what was written before is not written again."""
    sorted_: dict[str, list[bytes]] = {}
    for one in found:
        if one.body is not None and one.reference not in written:
            written.add(one.reference)
            sorted_.setdefault(one.type, []).append(one.body)
    return sorted_


def _file(name: str, made: datetime) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name, made.timetuple()[:6])
    found.compress_type = zipfile.ZIP_DEFLATED
    return found


class _Growing(io.RawIOBase):
    """What was written and not taken yet; it cannot go back, so that a zip writes lengths after what they are of."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)
