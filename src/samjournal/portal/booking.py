"""Booking by the citizen himself: where and what, then a time, then confirm. Requirements 3.2, 5.2, 5.4

GET  /portal/book                       the units and what they let citizens book
GET  /portal/book/{visit}               free times of one kind of visit; of `move`, to put an appointment there
GET  /portal/book/{visit}/confirm       one time: how, with which words, with which interpreter
POST /portal/book/{visit}               booked, or moved; sent twice it is done once
GET  /portal/book/told                  whether a form that was sent has booked (`booking.js`, when the net is back)

A time that somebody else took meanwhile leads to three others, with what was written kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import scheduling
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import FhirError, Forbidden, NotFound, VersionMoved
from samjournal.fhir.identifiers import age
from samjournal.portal import acting, appointment, appointments, facts, places, slots
from samjournal.portal.places import Place
from samjournal.portal.slots import Chosen, Slot
from samjournal.portal.visiting import Visit, visit
from samjournal.record import Snapshot, Want, read
from samjournal.referrals import own
from samjournal.scheduling import Enough, Free, Taken, VisitType, interpreting

FEW: Final = 5
"""Times shown at first: the first free, and one on each day after it."""
MANY: Final = 40
CHUNK: Final = 200
LONGEST: Final = 500
WAITING: Final = Want("waiting", "Appointment", "status=waitlist,pending", 50)
KEPT: Final = ("words", "interpreter", "way", "move", "version", "referral", "once")
"""What a form carries on when the time it was sent for was taken."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of visit that may be booked at a place, and the referral that opens it ('': none is needed)."""

    visit: VisitType
    name: str
    referral: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A place with what may be booked there."""

    place: Place
    choices: tuple[Choice, ...]


async def choose(request: Request) -> Response:
    """GET /portal/book: where, and what for."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(*places.WANTS)
    may = scheduling.may_book(request.state.permit, here.patient_id)
    offers = await offered(here, snapshot) if may else []
    return here.page("book.html", snapshot, tab="appointments", offers=offers, may=may)


async def offered(here: Visit, snapshot: Snapshot) -> list[Offer]:
    """The places, each with what a citizen may book there: what is open to citizens, and with a referral that was
    assessed what takes one. A place without is left out."""
    door, permit = here.request.app.state.door, here.request.state.permit
    assessed = {one.id for one in await own(door, permit, snapshot.lists["referred"]) if one.state == "assessed"}
    lists = {**snapshot.lists, "referred": [one for one in snapshot.lists["referred"] if one["id"] in assessed]}
    found = []
    for place in places.places(lists, await _gp_units(here, snapshot), now=snapshot.at):
        visits = await scheduling.visit_types(door, permit, unit=place.id)
        choices = tuple(
            Choice(one, one.name(here.say.code), "" if "citizen" in one.who else place.referral)
            for one in visits
            if one.active and _is_open(one, place)
        )
        if choices:
            name = place.name or str(choices[0].visit.unit.get("display", ""))
            found.append(Offer(replace(place, name=name), choices))
    return found + await _near(here, snapshot, {one.place.id for one in found})


async def _near(here: Visit, snapshot: Snapshot, known: Collection[str]) -> list[Offer]:
    """What is for everybody who lives in the municipality, at places that are not there already."""
    number, at = places.municipality(snapshot.patient), snapshot.at.astimezone(OSLO).date()
    if not number:
        return []
    born = facts.day_of(snapshot.patient.get("birthDate"))
    door, permit = here.request.app.state.door, here.request.state.permit
    visits = await scheduling.visit_types_near(door, permit, number, age=age(born, at) if born else None)
    by_unit: dict[str, list[VisitType]] = {}
    for one in visits:
        by_unit.setdefault(str(one.unit.get("reference", "")).rpartition("/")[2], []).append(one)
    return [
        Offer(
            Place(id_, facts.named(some[0].unit) or "", "near"),
            tuple(Choice(one, one.name(here.say.code), "") for one in some),
        )
        for id_, some in by_unit.items()
        if id_ not in known
    ]


def _is_open(one: VisitType, place: Place) -> bool:
    return "citizen" in one.who or ("referral" in one.who and bool(place.referral))


async def _gp_units(here: Visit, snapshot: Snapshot) -> list[dict[str, Any]]:
    """The offices of the GP: those that the record names, and that where the named doctor has the post."""
    found = []
    for one in places.gp_references(snapshot.patient):
        type_, _, id_ = str(one["reference"]).rpartition("/")
        if type_ == "PractitionerRole":
            try:
                role = (await read(here.request.app.state.door, here.request.state.permit, type_, id_)).resource()
            except FhirError:
                continue
            found.append(role.get("organization") or {})
        else:
            found.append(dict(one))
    return found


@dataclass(frozen=True, slots=True)
class Booked:
    """What is being booked: the kind of visit, the place, the referral, and the appointment that is moved, if any."""

    visit: VisitType
    place: Place
    referral: str
    moving: appointment.Detail | None

    @property
    def query(self) -> dict[str, str]:
        """What every address of this booking carries."""
        said = {"referral": self.referral, "move": self.moving.id if self.moving else ""}
        return {name: value for name, value in said.items() if value}


async def asked(here: Visit, snapshot: Snapshot, said: Mapping[str, str]) -> Booked:
    """What an address or a form asks to book. Raises NotFound for what is not this citizen's to book, Forbidden for who
    may not book for the person whom he acts for."""
    door, permit = here.request.app.state.door, here.request.state.permit
    if not scheduling.may_book(permit, here.patient_id):
        raise Forbidden("The right to act for this person does not include booking.")
    id_ = str(here.request.path_params["visit"])
    if move := said.get("move", ""):
        resource = (await read(door, permit, "Appointment", move)).resource()
        if appointments.visit_of(resource) != id_:
            raise NotFound("There is no such appointment to move.")
        kind = await scheduling.visit_type(door, permit, id_)
        moving = appointment.detail(resource, kind, here.say, may_book=True, now=snapshot.at)
        unit = kind.unit
        place = Place(str(unit.get("reference", "")).rpartition("/")[2], facts.named(unit) or "", "known")
        return Booked(kind, place, "", moving)
    for offer in await offered(here, snapshot):
        for one in offer.choices:
            if one.visit.id == id_ and not one.visit.drop_in:
                return Booked(one.visit, offer.place, one.referral, None)
    raise NotFound("There is no such visit to book.")


async def times(request: Request) -> Response:
    """GET /portal/book/{visit}: the first free time first, then one of each day; with `since` all from there on."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(*places.WANTS, WAITING)
    said, waiting = request.query_params, snapshot.lists["waiting"]
    booked = await asked(here, snapshot, said)
    if booked.moving and "move" not in booked.moving.may:
        return RedirectResponse(f"/portal/appointments/{quote(booked.moving.id)}?done=fixed", status_code=303)
    show = said.get("show", "") if said.get("show", "") in slots.FILTERS else "all"
    since = _since(said.get("since", ""), snapshot.at)
    frees, more = await _found(here, booked, show, since or snapshot.at, MANY if since else 0)
    shown = [slots.slot(one, booked.place.name, here.say) for one in frees]
    next_ = shown[-1].start if shown and more and since else None
    return here.page(
        "book_times.html",
        snapshot,
        tab="appointments",
        booked=booked,
        name=booked.visit.name(here.say.code),
        show=show,
        filters=[one for one in slots.FILTERS.items() if one[0] != "video" or "video" in booked.visit.ways],
        days=slots.by_day(shown) if since else [],
        slots=[] if since else shown,
        is_first=since is None,
        query=urlencode(booked.query),
        all_since=slots.utc(shown[0].start) if shown and since is None else "",
        next_since=slots.utc(next_ + timedelta(minutes=1)) if next_ else "",
        whom=here.patient_id,
        once=str(uuid4()),
        waits=next((one["id"] for one in waiting if appointments.visit_of(one) == booked.visit.id), ""),
        may_wait="citizen" in booked.visit.who and booked.visit.places == 1,
    )


def _since(text: str, now: datetime) -> datetime | None:
    try:
        found = datetime.fromisoformat(text[:40]) if text else None
    except ValueError:
        return None
    return max(found, now) if found and found.tzinfo else None


async def _found(here: Visit, booked: Booked, show: str, since: datetime, count: int) -> tuple[list[Free], bool]:
    """Free times from a moment on that fit what was asked for, and whether there are more: so many (`count`), or with
    nought the first of each of the next days."""
    until = since + timedelta(days=booked.visit.horizon)
    wanted = count or FEW
    found: list[Free] = []
    while True:
        frees = await scheduling.free(
            here.request.app.state.door,
            here.request.state.permit,
            booked.visit,
            since=since,
            until=until,
            patient=here.patient_id,
            way="video" if show == "video" else "",
            limit=CHUNK,
        )
        found += slots.kept(frees, show)
        picked = found if count else slots.spread(found, wanted + 1)
        if len(picked) > wanted or len(frees) < CHUNK:
            return picked[:wanted], len(picked) > wanted or (not count and len(found) > len(picked))
        since = frees[-1].start + timedelta(minutes=1)


async def confirm(request: Request) -> Response:
    """GET /portal/book/{visit}/confirm: one time, with what there is to say about it before it is booked."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(*places.WANTS)
    said = request.query_params
    booked = await asked(here, snapshot, said)
    chosen = slots.chosen(said)
    if chosen is None:
        return _fixed(booked)
    entered = {
        "words": "",
        "interpreter": interpreting.needed(snapshot.patient),
        "way": chosen.way,
        "once": str(uuid4()),
        **booked.query,
        "version": str(booked.moving.version) if booked.moving else "",
    }
    slot = await _slot(here, booked, chosen)
    if slot is None:
        return await _taken(here, snapshot, booked, entered, await _others(here, booked, chosen))
    return _confirming(here, snapshot, booked, slot, entered)


def _confirming(
    here: Visit, snapshot: Snapshot, booked: Booked, slot: Slot, entered: Mapping[str, str], *, wrong: str = ""
) -> Response:
    visit_ = booked.visit
    return here.page(
        "book_confirm.html",
        snapshot,
        tab="appointments",
        status=409 if wrong else 200,
        wrong=wrong,
        booked=booked,
        name=visit_.name(here.say.code),
        slot=slot,
        minutes=visit_.minutes,
        ways=[(way, here.say(slots.WAYS[way])) for way in visit_.ways if way in slots.WAYS],
        spoken=interpreting.languages(here.say.code, also=interpreting.needed(snapshot.patient)),
        fee=appointment.fee_of(visit_, slot.start, here.say, now=snapshot.at)[0],
        entered=entered,
        whom=here.patient_id,
        query=urlencode(booked.query),
        chosen={"start": slot.utc, "actors": slot.actors},
    )


async def _slot(here: Visit, booked: Booked, chosen: Chosen) -> Slot | None:
    """The chosen time in words, None when it is not free any longer."""
    frees = await scheduling.free(
        here.request.app.state.door,
        here.request.state.permit,
        booked.visit,
        since=chosen.start,
        until=chosen.start + timedelta(minutes=1),
        patient=here.patient_id,
        limit=CHUNK,
    )
    fits = [one for one in frees if one.start == chosen.start and slots.actors_of(one) == chosen.actors]
    same_way = [one for one in fits if one.way == chosen.way]
    found = next(iter(same_way or fits), None)
    return slots.slot(found, booked.place.name, here.say) if found else None


async def _others(here: Visit, booked: Booked, chosen: Chosen) -> list[Free]:
    """Three other times, from the chosen one on."""
    since = max(chosen.start, datetime.now(UTC))
    return (await _found(here, booked, "all", since, 3))[0]


async def send(request: Request) -> Response:
    """POST /portal/book/{visit}: book the time, or move the appointment there. Sent once more it is done no second
    time, and the same page answers."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form, _ = await request.form(max_fields=16, max_files=0), here.say
    said = {name: str(value) for name, value in form.items() if isinstance(value, str)}
    entered = {name: said.get(name, "")[:LONGEST] for name in KEPT}
    if not acting.is_meant(request, said):
        return await acting.other_person(here, said, {_("Til dem du skal til"): entered["words"]})
    chosen = slots.chosen(said)
    if (before := await told_of(here, entered["once"])) is not None:
        return _done(before, "booked")
    snapshot = await here.open(*places.WANTS)
    booked = await asked(here, snapshot, said)
    if chosen is None:
        raise NotFound("The form names no time.")
    if entered["way"] not in booked.visit.ways:
        entered["way"] = chosen.way if chosen.way in booked.visit.ways else booked.visit.ways[0]
    try:
        if booked.moving:
            return await _move(here, booked, chosen, entered)
        stored = await scheduling.book(
            request.app.state.door,
            request.state.permit,
            here.patient_id,
            booked.visit,
            chosen.start,
            chosen.actors,
            way=entered["way"],
            words=" ".join(entered["words"].split()),
            interpreter=entered["interpreter"] if interpreting.is_language(entered["interpreter"]) else "",
            based_on=f"ServiceRequest/{booked.referral}" if booked.referral else "",
            once=entered["once"] or str(uuid4()),
        )
        return _done(stored.id, "booked")
    except Enough:
        slot = await _slot(here, booked, chosen)
        told = _("Du har alt flere slike timer framover. Avbestill en av dem først, eller ring stedet.")
        return _confirming(here, snapshot, booked, slot, entered, wrong=told) if slot else _fixed(booked)
    except Taken as taken:
        return await _taken(here, snapshot, booked, entered, taken.alternatives)


def _fixed(booked: Booked) -> Response:
    return RedirectResponse(f"/portal/book/{quote(booked.visit.id)}?{urlencode(booked.query)}", status_code=303)


async def _move(here: Visit, booked: Booked, chosen: Chosen, entered: Mapping[str, str]) -> Response:
    """Move the appointment that is kept until then; moved there already, it is done."""
    moving = booked.moving
    assert moving is not None
    if moving.start == chosen.start:
        return _done(moving.id, "moved")
    if "move" not in moving.may:
        return _done(moving.id, "fixed")
    door, permit = here.request.app.state.door, here.request.state.permit
    version = int(entered["version"]) if entered["version"].isdecimal() else moving.version
    try:
        await scheduling.move(door, permit, moving.id, version, chosen.start, chosen.actors)
    except VersionMoved:
        return _done(moving.id, "changed")
    return _done(moving.id, "moved")


def _done(id_: str, what: str) -> Response:
    return RedirectResponse(f"/portal/appointments/{quote(id_)}?done={what}", status_code=303)


async def _taken(
    here: Visit, snapshot: Snapshot, booked: Booked, entered: Mapping[str, str], others: Sequence[Free]
) -> Response:
    """The page for who lost the race: what was not done, three other times, and what was written goes along."""
    return here.page(
        "book_taken.html",
        snapshot,
        tab="appointments",
        status=409,
        booked=booked,
        name=booked.visit.name(here.say.code),
        slots=[slots.slot(one, booked.place.name, here.say) for one in others],
        entered=entered,
        whom=here.patient_id,
        query=urlencode(booked.query),
    )


async def told_of(here: Visit, once: str) -> str | None:
    """The id of the appointment that a form has made, None when it has made none."""
    if not once:
        return None
    stored = await scheduling.sent(here.request.app.state.door, here.request.state.permit, here.patient_id, once)
    return stored.id if stored else None


async def told(request: Request) -> Response:
    """GET /portal/book/told?once=KEY: where the appointment is that a form has made, or that it has made none."""
    here = visit(request)
    if isinstance(here, Response):
        return JSONResponse({"address": ""}, status_code=401)
    found = await told_of(here, request.query_params.get("once", "")[:40])
    address = f"/portal/appointments/{quote(found)}?done=booked" if found else ""
    return JSONResponse({"address": address}, headers={"cache-control": "no-store"})


def routes() -> list[BaseRoute]:
    """The pages of booking."""
    return [
        Route("/portal/book", choose),
        Route("/portal/book/told", told),
        Route("/portal/book/{visit}", times, methods=["GET"]),
        Route("/portal/book/{visit}", send, methods=["POST"]),
        Route("/portal/book/{visit}/confirm", confirm),
    ]
