"""Who sits at the desk: the session, its one active role and what it permits. Without them, no page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.access import ROLES, Counts, Permit
from samjournal.accounts import RoleAt, Session
from samjournal.record import Door, counts, unit_watch
from samjournal.ui.formats import in_text
from samjournal.ui.pages import is_fragment, language_of, render

INDEX: Final = {"nb": 0, "nn": 1, "en": 2}
TYPED: Final = frozenset(
    (
        *("birth", "diastolic", "family", "given", "number", "reason", "systolic", "text", "title", "words"),
        *("critical", "q", "reaction", "substance"),
        *("diagnosis", "heading", "tariff"),
        *("glucose", "height", "oxygen", "pain", "pulse", "respiration", "saturation", "temperature", "weight"),
    )
)
"""Fields that people type in; the others are chosen, or hidden."""


NOTHING: Final = Counts()


@dataclass(frozen=True, slots=True)
class Desk:
    """A signed-in member of staff with an active role; `counts` is how much waits on him and of messages in his unit,
    `watch` the key by which a page hears of more."""

    session: Session
    role: RoleAt
    permit: Permit
    door: Door
    language: str
    counts: Counts = NOTHING
    watch: str = ""

    @property
    def waiting(self) -> int:
        """How much waits in the inbox."""
        return self.counts.waiting

    @property
    def messages(self) -> int:
        """How many messages wait in the unit."""
        return self.counts.messages

    @property
    def late(self) -> int:
        """How many of those are past their deadline."""
        return self.counts.late

    @property
    def role_name(self) -> str:
        """What the active role is called in the reader's language."""
        return role_name(self.role.code, self.language)

    @property
    def role_in_text(self) -> str:
        """What the active role is called inside a sentence."""
        return in_text(self.role_name)

    @property
    def may_register_power(self) -> bool:
        """True for who judges that a patient cannot consent, and lets somebody act for him."""
        return self.role.code in ("doctor", "gp")

    def is_meant(self, role_id: object) -> bool:
        """False when a form was opened in another role than the active one, as when it was changed in another tab."""
        return role_id in (None, "", self.role.practitioner_role_id)

    def may_write(self, type_: str) -> bool:
        """True when the role writes this type in a chart that it has open."""
        return self.role.code in ROLES and type_ in ROLES[self.role.code].writes


Page = Callable[[Request, Desk], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def role_name(code: str, language: str) -> str:
    """What a role is called."""
    return ROLES[code].names[INDEX.get(language, 0)] if code in ROLES else code


async def _written(request: Request) -> list[str]:
    """What somebody wrote in a form, so that a session that has ended costs nobody a note."""
    form = await request.form(max_fields=1000, max_files=0)
    return [text for name, value in form.multi_items() if name in TYPED and (text := str(value).strip())]


def _chart(path: str) -> str:
    """Where a form is found again whose session has ended: the chart, or the page with the form."""
    within = path.split("/")
    if within[2:3] == ["patients"]:
        return "/".join(within[:4])
    return "/".join(within[:3])


def staff(page: Page) -> Endpoint:
    """Lets staff with an active role in; sends everybody else to where they can get one."""

    @wraps(page)
    async def enter(request: Request) -> Response:
        session: Session | None = getattr(request.state, "session", None)
        back = quote(request.url.path if request.method == "GET" else "/workspace")
        if session is None and request.method == "POST" and (written := await _written(request)):
            back = quote(_chart(request.url.path))
            return render(request, "workspace/signed_out.html", status=401, written=written, chart=back)
        if session is None:
            return RedirectResponse(f"/signin?next={back}", status_code=303)
        if session.kind != "staff":
            return RedirectResponse("/portal", status_code=303)
        permit: Permit | None = getattr(request.state, "permit", None)
        if session.role is None or permit is None:
            return RedirectResponse(f"/workspace/role?next={back}", status_code=303)
        door: Door = request.app.state.door
        waits = Counts() if is_fragment(request) else await counts(door, permit)
        desk = Desk(session, session.role, permit, door, language_of(request), waits, unit_watch(door, permit))
        return await page(request, desk)

    return enter
