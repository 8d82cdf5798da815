"""«Hvorfor ser jeg dette?»: what binds the reader to a patient, on a page of its own and where a record is closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from samjournal.access import Bond
from samjournal.record import explain
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk

KINDS: Final = {
    "stay": marked("innlagt hos dere"),
    "contact": marked("kontakt hos dere"),
    "appointment": marked("time hos dere"),
    "referral": marked("henvist til dere"),
    "gp-list": marked("på fastlegelisten"),
    "home-care": marked("får tjenester fra dere"),
    "care-team": marked("dere er i teamet rundt pasienten"),
    "task": marked("dere har en oppgave for pasienten"),
    "reason": marked("åpnet med oppgitt grunn"),
    "self": marked("egen journal"),
    "system": marked("systemtilgang"),
}
"""What opens a record, in the reader's words."""
STATES: Final = {
    "open": marked("åpner journalen"),
    "self-made": marked("du laget det selv: det teller når noen andre har behandlet det"),
    "later": marked("har ikke begynt"),
    "over": marked("er gått ut"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that binds the reader to the patient, in words."""

    kind: str
    starts: str
    ends: str
    state: str
    opens: bool


def lines(bonds: Sequence[Bond], _: Language, *, now: datetime) -> list[Line]:
    """All that binds, what opens the record first."""
    return [
        Line(
            kind=_(KINDS.get(bond.kind, marked("tjenstlig behov"))),
            starts=formats.when(bond.starts, now=now, language=_) if bond.starts else _("alltid"),
            ends=formats.when(bond.ends, now=now, language=_) if bond.ends else _("ingen slutt"),
            state=_(STATES[bond.state]),
            opens=bond.state == "open",
        )
        for bond in bonds
    ]


async def show(request: Request, desk: Desk) -> Response:
    """GET why the record is open to the reader in the active role, or is not. It names nobody."""
    patient_id = str(request.path_params["id"])
    found = await explain(desk.door, desk.permit, patient_id)
    return render(
        request,
        "workspace/why.html",
        desk=desk,
        patient_id=patient_id,
        is_open=found.opens is not None,
        bonds=lines(found.bonds, language(desk.language), now=datetime.now(formats.OSLO)),
    )
