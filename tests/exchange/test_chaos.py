"""Exactly-once effect: program, database, broker and network are killed at random moments while messages go both ways,
and none is lost, none applied twice, and each stands in one state with one owner. README 7.1

CHAOS_SEED gives another run, CHAOS_SIZE another number of messages.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import uuid4

import pytest
from assets import broker as debian

from exchange.breaking import What, Whole, kept, standing
from exchange.conftest import PURPOSES, queues
from exchange.partner import HOME, HOSPITAL, WHOLE, Letter, Partner, Patient, Plan, letters, people, plans
from exchange.queues import OURS, THEIRS, Registered, party, put, taken, transport
from exchange.tallied import JOB, Kept, receipt_of, tallied
from samjournal import messages
from samjournal.db.pool import Unavailable, connect
from samjournal.exchange import wire
from samjournal.fhir.identifiers import FNR, HER
from samjournal.messages import Outgoing
from samjournal.messages.outgoing import OUTBOX
from samjournal.messages.states import KIND
from samjournal.record import Change, change
from samjournal.record.beside import every, resources
from samjournal.rounds import RULES
from world import World, build, made, stay, to

pytestmark = [pytest.mark.drill, pytest.mark.anyio]
_WAYS: Final[tuple[What, ...]] = ("program", "database", "broker", "network")
_AT_ONCE: Final = 12
_PATIENCE: Final = 120
"""Seconds in which something must come through, whatever was killed."""
_TOGETHER: Final = 10
"""So many messages are signed in one transaction."""


@dataclass
class Run:
    """One run: what was sent and signed, and what both sides know of it."""

    chance: Random
    whole: Whole
    world: World
    partner: Partner
    patients: list[Patient]
    letters: list[Letter]
    plans: dict[str, Plan]
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def expected(self) -> int:
        """How far the partner comes: ours that he gets, and his that are answered."""
        answered = [one for one in self.letters if one.kind not in ("held", "garbage")]
        came = [plan for plan in self.plans.values() if plan != "gone"]
        return len(answered) + len(came) + sum(plan == "back" for plan in came)


async def test_whatever_is_killed_no_message_is_lost_and_none_is_applied_twice(
    tmp_path: Path, *, is_drill: bool
) -> None:
    seed = int(os.environ.get("CHAOS_SEED") or 2026)
    size = int(os.environ.get("CHAOS_SIZE") or (100_000 if is_drill else 2_000))
    print(f"CHAOS_SEED={seed} CHAOS_SIZE={size}")
    if debian.home() is None:
        pytest.skip(debian.ADVICE)
    with debian.started(tmp_path / "broker", queues(OURS, HOME, THEIRS)) as broker:
        async with standing(tmp_path, broker) as whole:
            run = await _prepared(Random(seed), size, whole)
            begun = time.monotonic()
            await _survived(run)
            print(f"{time.monotonic() - begun:.1f} s, {whole.starts} starts, {dict(whole.blows)}")
            await _proved(run)


# --- What is set up ---------------------------------------------------------------------------------------------------


async def _prepared(chance: Random, size: int, whole: Whole) -> Run:
    pool = await connect(whole.dsn, size=12)
    world = await build(pool)
    patients = people(chance)
    await _peopled(world, patients)
    out = size // 2
    planned = plans(chance, out)
    ours = {her: replace(party(OURS), her=her, parent=HOSPITAL) for her in (OURS, HOME)}
    register = Registered({**ours, THEIRS: replace(party(THEIRS), parent=WHOLE)})
    partner = Partner(whole.broker, transport(whole.broker, THEIRS, register), planned)
    return Run(chance, whole, world, partner, patients, letters(chance, size - out, patients), planned)


async def _peopled(world: World, patients: list[Patient]) -> None:
    """Who takes messages here, and whom they go to outside: one by the queues, and one whom the register lost."""

    def her(value: str) -> list[dict[str, str]]:
        return [{"system": HER, "value": value}]

    await world.put(
        made("Organization", "hospital", name="Sykehuset", identifier=her(HOSPITAL)),
        made("Organization", "ward", name="Medisin 3", identifier=her(OURS), partOf=to("Organization/hospital")),
        made("Organization", "homecare", name="Hjemme", identifier=her(HOME), partOf=to("Organization/hospital")),
        made("Organization", "outside", name="Spesialistene", identifier=her(WHOLE)),
        *(
            made("Organization", id_, name=id_, identifier=her(number), partOf=to("Organization/outside"))
            for id_, number in (("partner", THEIRS), ("gone", "93239"))
        ),
        *(_endpoint(id_, number) for id_, number in (("partner", THEIRS), ("gone", "93239"))),
        made("Organization", "message-desk", name="Meldingssentralen", active=True, identifier=[_DESK]),
        *(
            made(
                "Patient",
                f"patient-{place}",
                name=[{"family": family, "given": [given]}],
                birthDate=birth,
                gender="female",
                identifier=[{"system": FNR, "value": number}],
            )
            for place, (family, given, birth, _, _, number) in enumerate(patients)
        ),
        *(stay(f"stay-{place}", f"patient-{place}") for place in range(len(patients))),
    )


_DESK: Final = {"system": "urn:samjournal:desk", "value": "messages"}


def _endpoint(id_: str, her: str) -> dict[str, Any]:
    return made(
        "Endpoint",
        id_,
        status="active",
        connectionType={"system": "urn:samjournal:connection", "code": "no-amqp"},
        name=id_,
        managingOrganization={"reference": f"Organization/{id_}", "display": id_},
        payloadType=[{"coding": [{"system": KIND, "code": "DIALOG_HELSEFAGLIG"}]}],
        address=her,
    )


# --- What happens -----------------------------------------------------------------------------------------------------


async def _survived(run: Run) -> None:
    """Everything is sent and signed while things are killed; it is over when nothing waits for anything."""
    stopping = asyncio.Event()
    reading = asyncio.create_task(run.partner.amqp.receive(run.partner.take, stopping, run.partner.hear))
    async with kept(run.whole):
        async with asyncio.TaskGroup() as group:
            group.create_task(_written(run))
            group.create_task(_signed(run))
            group.create_task(_blown(run))
        await _until(run, lambda: _is_settled(run), "settled")
    stopping.set()
    run.partner.heard.set()
    await reading


async def _written(run: Run) -> None:
    gate = asyncio.Semaphore(_AT_ONCE)
    for begin in range(0, len(run.letters), 10 * _AT_ONCE):
        async with asyncio.TaskGroup() as group:
            for letter in run.letters[begin : begin + 10 * _AT_ONCE]:
                group.create_task(run.partner.send(letter, gate))


async def _signed(run: Run) -> None:
    """Units here write, some messages in each transaction."""
    doctor = await run.world.permit("doctor")
    left = list(run.plans.items())
    while left:
        some, left = left[:_TOGETHER], left[_TOGETHER:]
        outgoing = [_outgoing(run, number, plan) for number, plan in some]
        changes = [one for each in outgoing for one in messages.sending(each, datetime.now(UTC))]
        await _stored(run, doctor, changes)
        run.ids |= {one.number: one.id for one in outgoing}


async def _stored(run: Run, doctor: Any, changes: list[Change]) -> None:
    """Stored, however often the database goes away. When nobody knows whether it was, it is looked for."""
    while True:
        try:
            found = await resources(run.world.door, JOB, [("Communication", one.id) for one in changes])
            assert len(found) in (0, len(changes)), "a transaction was stored by half"
            if not found:
                await change(run.world.door, doctor, changes)
            return
        except (Unavailable, OSError):
            await asyncio.sleep(0.1)


def _outgoing(run: Run, number: str, plan: Plan) -> Outgoing:
    to_ = "gone" if plan == "gone" else "partner"
    return Outgoing(
        kind=("DIALOG_HELSEFAGLIG", "Helsefaglig dialog"),
        about="Organization/ward",
        patient=f"patient-{run.chance.randrange(len(run.patients))}",
        sender={"reference": "Organization/ward", "display": "Medisin 3"},
        by={"reference": "PractitionerRole/doctor-role", "display": "Doctor"},
        receiver={"reference": f"Organization/{to_}", "display": to_},
        endpoint=to_,
        document="",
        text=f"Melding {number}.",
        number=number,
    )


async def _blown(run: Run) -> None:
    """Kill things, each when so many messages have come through, a moment later. What is being started again is not
    killed meanwhile, but all others are."""
    share = max(1, len(run.letters) // 1000)
    kills: list[What] = [*["program"] * 4 * share, *["database"] * 3 * share, *["broker"] * share]
    kills += ["network"] * 10 * share
    run.chance.shuffle(kills)
    moments = sorted(run.chance.randrange(run.expected * 9 // 10) for _ in kills)
    locks = {what: asyncio.Lock() for what in _WAYS}

    async def blow(what: What, wait: float) -> None:
        async with locks[what]:
            await asyncio.sleep(wait)
            await run.whole.blow(what)

    async with asyncio.TaskGroup() as group:
        for what, moment in zip(kills, moments, strict=True):
            while run.partner.progress < moment:
                run.partner.heard.clear()
                async with asyncio.timeout(_PATIENCE):
                    await run.partner.heard.wait()
            group.create_task(blow(what, run.chance.random() * 0.5))


async def _is_settled(run: Run) -> bool:
    partner = run.partner
    if partner.progress < run.expected:
        return False
    try:
        left = {what: await _count(run, what) for what in ("signed", "queued", "awaiting")}
    except (Unavailable, OSError):
        return False
    return left == {"signed": 0, "queued": 0, "awaiting": sum(plan == "never" for plan in run.plans.values())}


async def _count(run: Run, what: str) -> int:
    asked = [("identifier", f"{OUTBOX}|{what}")]
    return sum([len(page) async for page in every(run.world.door, JOB, "Communication", asked, count=500)])


async def _until(run: Run, holds: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait till something holds, as long as something goes on; looked at again whenever the partner hears something."""
    end, before = time.monotonic() + _PATIENCE, -1
    while not await holds():
        if run.partner.progress != before:
            before, end = run.partner.progress, time.monotonic() + _PATIENCE
        if time.monotonic() > end:
            print(f"not {what}: the partner is at {run.partner.progress} of {run.expected}")
            return
        run.partner.heard.clear()
        try:
            async with asyncio.timeout(0.5):
                await run.partner.heard.wait()
        except TimeoutError:
            pass


# --- What must hold ---------------------------------------------------------------------------------------------------


async def _proved(run: Run) -> None:
    """Look at everything, and say all that is wrong at once."""
    found, strange = await tallied(run.world.door)
    by_number: dict[str, list[Kept]] = defaultdict(list)
    for one in found:
        by_number[one.number].append(one)
    wrong = [f"a task about nothing: {one}" for one in strange]
    inbound = [*run.letters, *run.partner.replies.values()]
    wrong += [f"{one.kind} {one.id}: {why}" for one in inbound for why in _wrong_in(run, one, by_number[one.id])]
    wrong += [
        f"{plan} {number}: {why}"
        for number, plan in run.plans.items()
        for why in _wrong_out(run, number, plan, by_number[number])
    ]
    known = {*run.plans, *(one.id for one in inbound)}
    wrong += [f"nobody sent {one}" for one in found if one.number not in known]
    later = datetime.now(UTC) + timedelta(hours=2)
    for rule in ("letters", "received"):
        wrong += [f"{rule}: {one.about} {one.words}" async for one in RULES[rule](run.world.door, JOB, later)]
    wrong += await _left(run)
    states = Counter(one.state for one in found)
    print(f"{len(found)} messages: {dict(states)}; {sum(map(len, run.partner.got.values()))} came to the partner")
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:40])


def _wrong_in(run: Run, letter: Letter, found: list[Kept]) -> list[str]:
    """What does not hold of a letter from outside."""
    told = [receipt_of(data) for data in run.partner.receipts.get(letter.id, ())]
    if letter.kind == "garbage":
        return ["was taken over"] if found or told else []
    states = {"held": ["held"], "refused": ["refused"], "copies": ["received"] * 2}.get(letter.kind, ["received"])
    wrong = []
    if [one.state for one in found] != states:
        wrong.append(f"stands as {[one.state for one in found]}")
    if any(one.original != letter.digest for one in found):
        wrong.append("its bytes are others, or not there")
    waits = 0 if letter.kind == "refused" else 1
    if any((one.open, one.owned, one.done) != (waits, waits, 0) for one in found):
        wrong.append(f"waits on {[(one.open, one.owned, one.done) for one in found]}")
    if letter.kind == "referral" and len({request for one in found for request in one.requests}) != 1:
        wrong.append("is not one referral")
    # A receipt says the same however often it comes; each receiver has his own.
    due = {(one.receipt, one.state == "received") for one in found if one.receipt}
    if set(told) != due or len(due) != (0 if letter.kind == "held" else len(states)):
        wrong.append(f"was answered by {told}, and is to be by {due}")
    return wrong


_ENDS: Final[dict[Plan, set[str]]] = {
    "yes": {"accepted"},
    "twice": {"accepted"},
    "no": {"rejected"},
    "never": {"transported"},
    "both": {"accepted", "rejected"},
    "back": {"acted"},
    "fault": {"no-route"},
    "gone": {"no-route"},
}


def _wrong_out(run: Run, number: str, plan: Plan, found: list[Kept]) -> list[str]:
    """What does not hold of a message of ours."""
    if len(found) != 1:
        return [f"is there {len(found)} times"]
    one, wrong = found[0], []
    if one.state not in _ENDS[plan]:
        wrong.append(f"is {one.state} after {one.steps}")
    if len(set(one.steps)) != len(one.steps):
        wrong.append(f"did a step twice: {one.steps}")
    waits = 1 if one.state in ("rejected", "no-route") else 0
    if (one.open, one.owned) != (waits, waits) or one.kinds - {"deliver"}:
        wrong.append(f"waits on {one.open} ({one.owned} with owner and deadline): {one.kinds}")
    came = run.partner.got.get(number, [])
    if (plan == "gone") != (not came):
        wrong.append(f"came {len(came)} times")
    if len({data for _, data in came} | ({one.original} if came else set())) > 1:
        wrong.append("came with other bytes than are kept")
    if len({wire for wire, _ in came}) > 1:
        wrong.append("came under several ids of the transport")
    return wrong


async def _left(run: Run) -> list[str]:
    """What lies in queues: nothing, but those dead letters that were meant to, and at the partner what he has already:
    a link that broke brings the same once more, also after he stopped reading."""
    broker, wrong = run.whole.broker, []
    for queue in (f"{her}_{purpose}" for her in (OURS, HOME, THEIRS) for purpose in PURPOSES):
        lying = await _lying(broker, queue) - (run.partner.parcels if queue.startswith(THEIRS) else set())
        meant = {one.id for one in run.letters if one.kind == "garbage"} if queue == f"{OURS}_dl" else set()
        if lying != meant:
            wrong.append(f"{queue}: {len(lying - meant)} too many, {len(meant - lying)} too few")
    return wrong


async def _lying(broker: debian.Broker, queue: str) -> set[str]:
    """The ids of what lies in a queue, which is taken out."""
    marked = wire.Message(str(uuid4()), subject="MARK")
    await put(broker, queue, marked)
    found = set[str]()
    while (first := (await taken(broker, queue))[0]).id != marked.id:
        found.add(first.id)
    return found
