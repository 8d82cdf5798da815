"""Vaccines: what was given, against what, when, by whom; for children what comes next. Rows 3.3, 3.9

GET /portal/vaccines                the page
GET /portal/vaccines.pdf            the same as a certificate to show or keep

hl7.org/fhir/R4/immunization.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from samjournal.letters import pdf
from samjournal.letters.document import DOCUMENT, lines, part, quiet, table
from samjournal.letters.document import line as row
from samjournal.letters.document import paper as document
from samjournal.notes.paper import moment
from samjournal.portal import facts, programme
from samjournal.portal.facts import Resource
from samjournal.portal.programme import Given, Standing
from samjournal.portal.visiting import visit
from samjournal.portal.words import capital, listed
from samjournal.record import Want
from samjournal.terminology import text as code_text
from samjournal.ui import formats
from samjournal.ui.attachments import paper
from samjournal.ui.formats import OSLO
from samjournal.ui.language import Language, marked

VACCINES: Final = Want("vaccines", "Immunization", "_sort=-date", 300)
STATES: Final = {
    "given": marked("Gitt {when}"),
    "next": marked("Neste: {when}"),
    "later": marked("Senere: {when}"),
    "missing": marked("Ikke i det du kan lese her. Skulle vært gitt {when}"),
}


@dataclass(frozen=True, slots=True)
class Vaccine:
    """One vaccine: its name, what it is against, the number of the dose, when, by whom, and the batch; `refused` is why
    it was not given."""

    name: str
    against: str
    dose: str
    when: str
    by: str
    batch: str
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A dose of the programme: its name, where it stands, and that in words."""

    name: str
    state: str
    words: str


def read(resource: Resource, _: Language) -> Vaccine:
    """One Immunization as a citizen reads it."""
    concept = resource.get("vaccineCode")
    protocol: Resource = next(iter(resource.get("protocolApplied") or ()), {})
    code = facts.code(concept, facts.ATC) or ""
    diseases = [word for one in protocol.get("targetDisease") or () if (word := facts.words(one))]
    known = programme.against(code)
    name = (concept or {}).get("text") or code_text(facts.ATC, code, _.code) or facts.words(concept)  # type: ignore[arg-type]
    not_given = resource.get("status") == "not-done"
    number = protocol.get("doseNumberPositiveInt") or protocol.get("doseNumberString")
    return Vaccine(
        name=capital(str(name or _("Vaksine"))),
        against=listed(diseases, _) if diseases else _(known) if known else "",
        dose=str(number or ""),
        when=facts.when(resource, "occurrenceDateTime") or str(resource.get("occurrenceString") or ""),
        by=facts.first_named(one.get("actor") for one in resource.get("performer") or ())
        or facts.named(resource.get("location"))
        or "",
        batch=str(resource.get("lotNumber") or ""),
        refused=(facts.words(resource.get("statusReason")) or "") if not_given else None,
    )


def view(found: Iterable[Resource], _: Language) -> tuple[list[Vaccine], list[Vaccine]]:
    """Those that were given, newest first, and those that were not."""
    standing = facts.newest_first(found, "occurrenceDateTime")
    read_ = [read(one, _) for one in standing if one.get("status") in ("completed", "not-done")]
    return [one for one in read_ if one.refused is None], [one for one in read_ if one.refused is not None]


def planned(patient: Resource, found: Iterable[Resource], _: Language, today: date) -> list[Planned]:
    """The children's programme for who is young enough; nothing for others, nor where no birth date is known."""
    born = facts.day_of(patient.get("birthDate"))
    if born is None or today >= date(born.year + programme.UNTIL, born.month, min(born.day, 28)):
        return []
    given = [_given(one) for one in found if one.get("status") == "completed" and facts.stands(one)]
    standing = programme.standing(born, str(patient.get("gender", "")), given, today)
    return [_planned(one, _) for one in standing]


def _given(one: Resource) -> Given:
    protocol: Resource = next(iter(one.get("protocolApplied") or ()), {})
    code = facts.code(one.get("vaccineCode"), facts.ATC) or ""
    return Given(code, facts.when(one, "occurrenceDateTime") or "", int(protocol.get("doseNumberPositiveInt") or 0))


def _planned(one: Standing, _: Language) -> Planned:
    name = f"{_(one.dose.name)}, {_('dose {n}', n=one.dose.number)}"
    if one.state == "given":
        when = formats.full_date(one.day) or _("uten dato")
    elif one.dose.grade:
        when = _(
            "på skolen, {grade}. trinn ({year}–{next})", grade=one.dose.grade, year=one.due.year, next=one.due.year + 1
        )
    else:
        when = _("ved {months} måneder, omtrent {when}", months=one.dose.months, when=one.due.strftime("%m.%Y"))
        if one.dose.months == 1:
            when = _("ved 6 uker, omtrent {when}", when=one.due.strftime("%m.%Y"))
    return Planned(name, one.state, _(STATES[one.state], when=when))


async def show(request: Request) -> Response:
    """GET the vaccines."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(VACCINES)
    found = snapshot.lists["vaccines"]
    given, refused = view(found, here.say)
    plan = planned(snapshot.patient, found, here.say, snapshot.at.astimezone(OSLO).date())
    return here.page(
        "vaccines.html",
        snapshot,
        tab="record",
        given=given,
        refused=refused,
        plan=plan if _reads(here) else [],
        following=[one for one in plan if one.state == "next"] if _reads(here) else [],
    )


def _reads(here: Any) -> bool:
    """Whether the reader sees vaccines at all: else a plan would say that none was given."""
    acts = here.request.state.permit.represents
    return acts is None or "Immunization" in acts.level.reads


async def certificate(request: Request) -> Response:
    """GET the same on paper."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(VACCINES)
    _, made, found = here.say, datetime.now(OSLO), snapshot.lists["vaccines"]
    given, _refused = view(found, _)
    heads = (_("Dato"), _("Vaksine"), _("Mot"), _("Dose"), _("Gitt av"), _("Parti"))
    rows = [(formats.full_date(one.when), one.name, one.against, one.dose, one.by, one.batch) for one in given]
    plan = planned(snapshot.patient, found, _, made.date()) if _reads(here) else []
    name, when = facts.name(snapshot.patient), moment(made, _)
    none = quiet(_("Ingen vaksiner er skrevet i det du kan lese."))
    parts = [part(_("Vaksiner som er gitt"), [table(heads, rows, (1.5, 2, 2.6, 0.8, 2, 1.5)) if rows else none])]
    if plan:
        parts.append(part(_("Barnevaksinasjonsprogrammet"), [lines(row(one.name, one.words) for one in plan)]))
    data = document(
        title=_("Vaksinasjonskort"),
        language=_.code,
        date=when,
        facts=[(_("Navn"), name), (_("Født"), formats.full_date(snapshot.patient.get("birthDate")))],
        lead=[_("Slik vaksinene står i journalen. Vaksiner som er gitt andre steder, kan mangle.")],
        parts=parts,
        foot=_("{name} · laget {when}", name=name, when=when),
    )
    return paper(await pdf(DOCUMENT, data, made=made), f"{_('Vaksinasjonskort')} {made:%Y-%m-%d}", saved=True)


def routes() -> list[BaseRoute]:
    """The page and the certificate."""
    return [Route("/portal/vaccines", show), Route("/portal/vaccines.pdf", certificate)]
