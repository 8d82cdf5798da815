"""The ids of one Bundle, before any of it is stored: what its full urls stand for, and who must make way.

A uuid that came with a POST and that the record has already is, by content: loaded before; the same thing changed,
when it shares an identifier; or something else, since people use uuids of examples again. Then what comes gets another
id, made of its content, so that a repeated load finds it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

from msgspec import structs

from samjournal.fhir.errors import Invalid, Issue
from samjournal.server.load.batches import Batches, Item
from samjournal.server.load.bundles import Bundle
from samjournal.server.load.entries import Entry, Refused, derived
from samjournal.server.load.lookups import Lookups
from samjournal.server.load.resolving import Names, resolved
from samjournal.server.load.standing import Standing, Verdict

MAX_ENTRIES = 1_000_000
_AT_ONCE = 500


@dataclass(slots=True)
class Plan:
    """What becomes of a Bundle's entries, by their path: another id, nothing at all, or a fault."""

    names: Names = field(default_factory=Names)
    ids: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    """Of what the record is not asked any more: a criterion said that nothing is to be written, or it made way."""
    twins: dict[str, Item] = field(default_factory=dict)
    """The same content under the same id, which is under way already: whoever follows shares its outcome."""
    faults: dict[str, Invalid] = field(default_factory=dict)
    moved: list[Entry] = field(default_factory=list)
    """What had to make way, under its new id."""
    there: set[str] = field(default_factory=set)
    """What of all this the record has, by reference, under the ids that it is to have."""
    patients: dict[bytes, bytes] = field(default_factory=dict)
    """Whom the Bundle is about: what it says of them, by their full url."""

    def at(self, one: Entry) -> Entry:
        """An entry under the id that it is to have. Only an id of its own may belong to something else."""
        id_ = self.ids.get(one.path)
        return one if id_ is None else structs.replace(one, id=id_, claimed=False)

    def salt(self, one: Entry) -> str:
        """Whom an entry is about: those that it names, else all of the Bundle."""
        if one.type == "Patient":
            return ""
        named = [said for url, said in self.patients.items() if url in one.raw]
        return sha256(b"".join(named or self.patients.values())).hexdigest()


class Naming:
    """Plans Bundles."""

    def __init__(self, lookups: Lookups, standing: Standing, batches: Batches) -> None:
        self._lookups = lookups
        self._standing = standing
        self._batches = batches

    async def plan(self, bundle: Bundle) -> Plan:
        """The plan of a Bundle, made when what was sent of the same resources with other content is stored."""
        plan = Plan()
        seen: dict[tuple[str, str], str] = {}
        count = 0
        for entries in _some(bundle):
            count += len(entries)
            if count > MAX_ENTRIES:
                raise Invalid(f"The Bundle has more than {MAX_ENTRIES:,} entries. Split it, or make it NDJSON.")
            plan.twins |= {one.path: twin for one in entries if (twin := self._twin(one)) is not None}
            others = [one for one in entries if one.path not in plan.twins]
            await self._batches.settled(others)
            for one in entries:
                if _stands_twice(one, plan.names):
                    told = f"The fullUrl {one.full_url} stands twice in the Bundle."
                    plan.faults[one.path] = Invalid(told, path=f"{one.path}.fullUrl")
                elif one.criterion is not None:
                    await self._by_criterion(one, plan, seen)
                else:
                    plan.names.add(one, one.id)
                if one.type == "Patient" and one.full_url:
                    plan.patients[one.full_url.encode()] = sha256(one.raw).digest()
            plan.there |= await self._standing.there([plan.at(one) for one in others if one.kind != "delete"])
        if plan.there:
            await self._make_way(bundle, plan)
        return plan

    def _twin(self, one: Entry) -> Item | None:
        return self._batches.twin(one) if one.criterion is None else None

    async def _by_criterion(self, one: Entry, plan: Plan, seen: dict[tuple[str, str], str]) -> None:
        """A conditional entry is what its criterion finds, or what an entry before it with the same one is."""
        assert one.criterion is not None
        asked = (one.type, one.criterion)
        id_ = seen.get(asked)
        found = id_ is not None
        if not found:
            try:
                matches = await self._lookups.matches(one.type, one.criterion)
            except Invalid as error:
                plan.faults[one.path] = error
                return
            if len(matches) > 1:
                told = f"More than one {one.type} fits “{one.criterion[:120]}”. Name what you mean more narrowly."
                plan.faults[one.path] = Invalid(told, issues=[Issue("conflict", told)])
                return
            found = bool(matches)
            id_ = matches[0].id if matches else one.id
        assert id_ is not None
        seen[asked] = id_
        if found:
            plan.ids[one.path] = id_
        plan.names.add(one, id_)
        if (one.kind == "delete" and not found) or (one.kind == "create" and found):
            plan.verdicts[one.path] = Verdict.SAME
            plan.settled.add(one.path)

    async def _make_way(self, bundle: Bundle, plan: Plan) -> None:
        """Judge what the record has; first without regard to where references lead, since these may yet change."""
        loosely = True
        while True:
            changed = False
            for entries in _some(bundle):
                some = [plan.at(one) for one in entries if _is_open(one, plan)]
                some = [one for one in some if one.reference in plan.there and (one.claimed or not loosely)]
                for one, verdict in zip(some, await self._judged(some, plan, loosely), strict=True):
                    if verdict is Verdict.OTHER:
                        self._move(one, plan)
                        changed = True
                    elif not loosely:
                        plan.verdicts[one.path] = verdict
            if not loosely and not changed:
                break
            loosely = False
        there = await self._standing.there(plan.moved)
        plan.there |= there
        again = [one for one in plan.moved if one.reference in there]
        for one, verdict in zip(again, await self._judged(again, plan, loosely), strict=True):
            plan.verdicts[one.path] = verdict

    async def _judged(self, some: Sequence[Entry], plan: Plan, loosely: bool) -> list[Verdict]:
        pairs = [(one, resolved(one.raw, plan.names, self._lookups.known)[0]) for one in some]
        return await self._standing.judge(pairs, loosely=loosely)

    def _move(self, one: Entry, plan: Plan) -> None:
        id_ = derived(one, plan.salt(one))
        plan.ids[one.path] = id_
        plan.settled.add(one.path)
        plan.moved.append(plan.at(one))
        plan.verdicts.pop(one.path, None)
        plan.names.add(one, id_)


def _stands_twice(one: Entry, names: Names) -> bool:
    """Whether another entry has the fullUrl: one resource may come in several contents, two may not share it."""
    return one.full_url in names.of and (one.claimed or names.of[str(one.full_url)] != one.reference)


def _is_open(one: Entry, plan: Plan) -> bool:
    """Whether the record is still to be asked."""
    return one.kind != "delete" and not any(one.path in some for some in (plan.faults, plan.settled, plan.twins))


def _some(bundle: Bundle) -> Iterator[list[Entry]]:
    entries = (one for one in bundle.entries() if not isinstance(one, Refused))
    while some := list(islice(entries, _AT_ONCE)):
        yield some
