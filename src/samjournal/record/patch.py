"""A patch made into a change of what is there now. hl7.org/fhir/R4/http.html#patch

Whoever patches reads: an operation that does not fit tells what is there. So the right to read is needed too, and the
look is logged before the patch is tried.
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence

from samjournal.access import Permit
from samjournal.fhir.addresses import relative
from samjournal.fhir.errors import Forbidden, PreconditionFailed
from samjournal.fhir.patching import Patch
from samjournal.record.change import Change
from samjournal.record.door import Door, rendition
from samjournal.record.preconditions import Condition, seen
from samjournal.record.read import row_of

_LARGE = 64 * 1024
"""What is larger is patched in a thread, so that it holds nobody else up."""


async def patched(
    door: Door,
    permit: Permit,
    type_: str,
    id_: str,
    patch: Patch,
    *,
    condition: Condition | None,
    own: Sequence[str] = (),
) -> Change:
    """The change that a patch makes of the newest version, for that version alone. Raises NotFound, Gone, ReasonNeeded,
    Forbidden, PreconditionFailed, Invalid, Unprocessable."""
    permit.demand("u", type_)
    row = await row_of(door, permit, type_, id_)
    body: bytes = row["body"]
    if rendition(body, row, permit) is not body:
        raise Forbidden("A protected address or number is changed by the register, not by a role that cannot see it.")
    if condition is not None and (failing := condition.failing(row["version"], there=True)):
        raise PreconditionFailed(f"{type_}/{id_} {failing}. Read it again, then change it.")
    in_thread = patch.slow or len(body) > _LARGE
    parsed = relative(await to_thread(patch.apply, body) if in_thread else patch.apply(body), own)
    return Change.received("update", parsed, id_=id_, condition=seen(row["version"]))
