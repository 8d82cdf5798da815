"""«Hvorfor ser jeg dette?»: what binds the reader to a patient, on a page of its own and where a record is closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from samjournal.access import Bond
from samjournal.record import explain, kept_back
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
    "emergency": marked("åpnet i en nødsituasjon"),
    "self": marked("egen journal"),
    "system": marked("systemtilgang"),
    "own-part": marked("tjeneste som ikke er helsehjelp"),
}
"""What opens a record, in the reader's words."""
STATES: Final = {
    "open": marked("åpner journalen"),
    "blocked": marked("sperret av pasienten"),
    "self-made": marked("du laget det selv: det teller når noen andre har behandlet det"),
    "later": marked("har ikke begynt"),
    "over": marked("er gått ut"),
    "elsewhere": marked("åpner bare tjenestens egen del"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """What binds the reader to the patient in one way, in words; `count` of them, from the first until the last."""

    kind: str
    count: int
    starts: str
    ends: str
    state: str
    opens: bool


def lines(
    bonds: Sequence[Bond],
    _: Language,
    *,
    now: datetime,
    kinds: Mapping[str, str] = KINDS,
    states: Mapping[str, str] = STATES,
) -> list[Line]:
    """All that binds, what opens the record first; several of one kind are one line."""
    alike: dict[tuple[str, str], list[Bond]] = {}
    for bond in bonds:
        alike.setdefault((bond.kind, bond.state), []).append(bond)
    return [
        _line(some, _, now, kind=_(kinds.get(kind, marked("tjenstlig behov"))), state=_(states[state]))
        for (kind, state), some in alike.items()
    ]


def _line(some: Sequence[Bond], _: Language, now: datetime, *, kind: str, state: str) -> Line:
    starts = [bond.starts for bond in some if bond.starts]
    ends = [bond.ends for bond in some if bond.ends]
    return Line(
        kind=kind,
        count=len(some),
        starts=formats.when(min(starts), now=now, language=_) if len(starts) == len(some) else _("alltid"),
        ends=formats.when(max(ends), now=now, language=_) if len(ends) == len(some) else _("ingen slutt"),
        state=state,
        opens=some[0].state == "open",
    )


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
        blocked=found.blocked,
        kept_back=await kept_back(desk.door, desk.permit, patient_id) if found.opens else "",
        bonds=lines(found.bonds, language(desk.language), now=datetime.now(formats.OSLO)),
    )
