"""A citizen's visit: whose record it is, opened through the door, and the frame that every page stands in.

visit(request) -> Visit | Response                  the visit, or the way to where the visitor belongs
Visit.open(*wants) -> Snapshot                      the record, one look
Visit.page(template, snapshot, tab=, ...)           a page; `tab` is home, appointments, messages or record
last_visit(snapshot, seen) -> datetime | None       what came after that is new
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.audit import Seen
from samjournal.portal import facts, log, representing
from samjournal.portal.headings import headings
from samjournal.record import Snapshot, Want, log_for_patient, open_chart
from samjournal.scheduling import may_book
from samjournal.ui.language import Language, language
from samjournal.ui.pages import language_of, render

# A visit lasts about this long: what was new when it began stays new while it lasts.
VISIT = timedelta(minutes=30)
LOG_PAGE = 500


@dataclass(frozen=True, slots=True)
class Visit:
    """A citizen at the portal: whose record it is, and the language to say it in."""

    request: Request
    patient_id: str
    say: Language

    async def open(self, *wants: Want) -> Snapshot:
        """The citizen's own record, through the door like everybody else."""
        return await open_chart(self.request.app.state.door, self.request.state.permit, self.patient_id, wants)

    async def looks(self, *, count: int = LOG_PAGE, before: datetime | None = None) -> list[Seen]:
        """Who has read it, newest first; nobody for who represents the citizen and does not read that."""
        if not self.request.state.permit.reads_log:
            return []
        return await log_for_patient(
            self.request.app.state.door,
            self.request.state.permit,
            self.patient_id,
            count=count,
            before=before,
        )

    def page(self, template: str, snapshot: Snapshot, *, tab: str, **context: Any) -> Response:
        """The page, with what the head of every page shows."""
        full = facts.name(snapshot.patient)
        permit = self.request.state.permit
        acts = representing.told(permit, self.say)
        me: dict[str, Any] = {
            "name": full,
            "given": facts.given_name(snapshot.patient),
            "initials": facts.initials(full),
            "acts": acts,
        }
        me["says"] = headings(acts is not None, me["given"], self.say)
        me |= {"reads_log": permit.reads_log, "decides": permit.decides}
        me["books"] = may_book(permit, self.patient_id)
        me["reads"] = sorted(permit.represents.level.reads) if permit.represents else []
        return render(self.request, f"portal/{template}", me=me, tab=tab, watch=snapshot.watch, **context)


def visit(request: Request) -> Visit | Response:
    """The citizen's visit, or the way to where this visitor belongs."""
    session = getattr(request.state, "session", None)
    if session is None:
        return RedirectResponse(f"/signin?next={quote(request.url.path)}", status_code=303)
    if session.patient_id is None:
        return RedirectResponse("/workspace", status_code=303)
    patient_id = request.state.permit.patient or session.patient_id
    return Visit(request, patient_id, language(language_of(request)))


def last_visit(snapshot: Snapshot, seen: Sequence[log.Entry]) -> datetime | None:
    """When the citizen was here last before this visit: what came after that is new."""
    return log.last_visit(seen, before=snapshot.at - VISIT)
