"""`samjournal apps`: which apps and systems connect by SMART on FHIR. docs/reference/cli.md#apps"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from samjournal import smart
from samjournal.access import ROLES
from samjournal.accounts import App, apps
from samjournal.accounts.apps import put, read, remove
from samjournal.db.pool import Pool
from samjournal.fhir.errors import Invalid
from samjournal.server import exits

_LARGE = 256 * 1024


async def run(pool: Pool, action: str, target: str | None, *, tell: Callable[[str], None]) -> int:
    """Register the app in a file, list all, or remove one by its client id."""
    if action == "list":
        for one in await apps(pool):
            tell(_told(one))
        return exits.OK
    assert target is not None
    if action == "remove":
        await remove(pool, target)
        tell(f"{target} is removed: its tokens open nothing, and all that people let it do has ended.")
        return exits.OK
    one = described(Path(target))
    await put(pool, one)
    tell(f"Registered:\n{_told(one)}")
    return exits.OK


def described(file: Path) -> App:
    """The app in a file, with scopes that can be given and people that there are. Raises Invalid."""
    try:
        text = file.read_bytes()
    except OSError as error:
        raise exits.Usage(f"{file} cannot be read: {error.strerror}.") from None
    if len(text) > _LARGE:
        raise Invalid(f"{file} is no description of an app: it is longer than {_LARGE} bytes.")
    one = read(text)
    smart.refuse_odd_scope(one)
    staff = [code for code, role in ROLES.items() if code != "citizen"]
    for word in one.used_by:
        if word not in ("citizen", "staff", *staff):
            raise Invalid(f"used_by has “{word[:40]}”: write citizen, staff, or roles ({', '.join(staff)}).")
    return one


def _told(one: App) -> str:
    who = f"; for {', '.join(one.used_by)}" if one.used_by else ""
    return f"{one.client_id}: {one.name} ({one.kind}{who}), {one.owner}\n  scope: {one.scope}"
