"""`samjournal search-parameters`: what administrators added to R4's search parameters. docs/reference/search.md"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from samjournal import accounts, record
from samjournal.access import for_system
from samjournal.db.pool import Pool
from samjournal.fhir.errors import FhirError
from samjournal.record import Standing, open_door
from samjournal.server import exits


async def run(pool: Pool, action: str, ids: Sequence[str], *, tell: Callable[[str], None]) -> int:
    """Activate or deactivate some, or tell how it stands with all. What is refused is told, and the rest is done."""
    if action == "list":
        standing = await record.all_standing(pool)
        for one in standing:
            tell(_line(one))
        tell(f"{sum(one.active for one in standing)} active, {len(standing)} in all.")
        return exits.OK
    installation = await accounts.installation(pool)
    assert installation is not None
    door = await open_door(pool, secret=installation.secret)
    permit = for_system("command line", scope=None, request="search-parameters")
    change = record.activate if action == "activate" else record.deactivate
    refused = 0
    for id_ in ids:
        try:
            tell(_line(await change(door, permit, id_)))
        except FhirError as problem:
            refused += 1
            tell(f"SearchParameter/{id_}: {problem.text}")
    if action == "activate" and refused < len(ids):
        tell("The running server indexes what is stored, beside its other work: samjournal search-parameters list.")
    return exits.REFUSED if refused else exits.OK


def _line(one: Standing) -> str:
    if not one.active:
        return f"SearchParameter/{one.id} {one.code}: not active."
    told = "; ".join(f"{far.type}: {far.told()}" for far in one.types)
    return f"SearchParameter/{one.id} {one.code}: active. {told}."
