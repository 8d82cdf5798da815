"""The region of `model_world` as it is stored, asked past the sockets, and what an answer shows too much of."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from access.model import DAY, Model, Reader, Relation, Thing
from access.model_world import READERS, SCOPES, STAFF, Told, told
from samjournal import accounts
from samjournal.accounts import Account, Granted, RoleAt, grants
from samjournal.accounts.apps import App, put
from samjournal.audit import Look
from samjournal.fhir.errors import Forbidden
from samjournal.record import Change, change, open_door, state_reason
from samjournal.rest import Rest
from world import World

WORD = re.compile(r"zq\d{4}zq")
SAID = "Trenger å vite om legemidler før operasjonen"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.text) if self.text else {}


@dataclass
class Region:
    """The region as it is stored, with what the model says of it."""

    world: World
    told: Told
    model: Model
    rest: Rest
    tokens: dict[Reader, str] = field(default_factory=dict)
    asked: int = 0

    def seen(self, reader: Reader, type_: str | None = None, *, deleted: bool | None = False) -> set[str]:
        return {
            thing.name
            for thing in self.told.things.values()
            if (type_ is None or thing.type == type_)
            and deleted in (None, thing.deleted)
            and self.model.sees(reader, thing)
        }

    async def ask(self, reader: Reader, path: str, *, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        """One request, past the sockets."""
        self.asked += 1
        path, _, query = path.partition("?")
        sent = {"host": "test", "authorization": f"Bearer {self.tokens[reader]}"}
        sent["content-type"] = "application/fhir+json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        sent["content-length"] = str(len(content))
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": f"/fhir/{path}".rstrip("/"),
            "root_path": "/fhir",
            "query_string": query.replace(" ", "%20").encode(),
            "state": {"request_id": "r"},
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        }
        told: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            told.append(message)

        await self.rest(scope, receive, send)
        found = {name.decode(): value.decode() for name, value in told[0]["headers"]}
        return Answer(told[0]["status"], found, b"".join(one.get("body", b"") for one in told[1:]).decode())

    def leaks(self, reader: Reader, asked: str, answer: Answer, *, besides: Collection[str] = ()) -> list[str]:
        """What an answer shows that the reader may not see. `besides` are words that he may, such as names that *find*
        tells."""
        shown = {self.told.words[word] for word in {*WORD.findall(answer.text)} - {*WORD.findall(asked), *besides}
                 if word in self.told.words}  # fmt: skip
        if answer.text.startswith("{"):
            shown |= set(_named(answer.json))
        wrong = [
            f"{reader.login}{'/' + reader.level if reader.level else ''} {asked}: {name} "
            f"{self.model.why(reader, self.told.things[name])}"
            for name in sorted(shown)
            if name in self.told.things and not self.model.sees(reader, self.told.things[name])
        ]
        for word, patient in self.told.addresses.items():
            if word in answer.text and not self.model.address(reader, patient):
                wrong.append(f"{reader.login} {asked}: the address of {patient}")
        return wrong


def _named(value: Any) -> Iterator[str]:
    """The resources that an answer has or points to, besides what these refer to themselves."""
    if not isinstance(value, dict) or "resourceType" not in value:
        return
    if value["resourceType"] != "Bundle":
        if "id" in value:
            yield f"{value['resourceType']}/{value['id']}"
        return
    for entry in value.get("entry", ()):
        yield from _named(entry.get("resource"))
        for place in (entry.get("fullUrl", ""), entry.get("response", {}).get("location", "")):
            parts = place.partition("/fhir/")[2].split("/")
            if len(parts) >= 2:
                yield "/".join(parts[:2])


@asynccontextmanager
async def stored(world: World, seed: int) -> AsyncIterator[Region]:
    region = told(seed, datetime.now(UTC))
    people = [
        Account(login, login, "staff", (RoleAt(role, unit, f"{login}-role", unit),), practitioner_id=login)
        for login, role, unit in STAFF
    ]
    citizens = {one.login: one.patient for one in reversed(READERS) if one.kind == "citizen" and not one.level}
    people += [
        Account(login, login, "citizen", (RoleAt("citizen", "", "citizen", ""),), patient_id=patient)
        for login, patient in citizens.items()
    ]
    async with world.pool.transaction() as db:
        await accounts.add(db, people)
    for batch in region.writes:
        await change(world.door, world.system, [Change.update(one) for one in batch])
    await change(world.door, world.system, [Change.delete(*name.split("/"), force=True) for name in region.deletes])
    for login, resource in region.by_people:
        sent = {name: value for name, value in resource.items() if name != "id"}
        stored = await world.make(sent, by=login)
        named = re.search(r"Patient/(p\d+)", str(sent))
        assert named
        region.things[stored.reference] = Thing(stored.type, stored.id, named[1])
    model = Model(region.facts)
    for login, patient, emergency in region.reasons:
        reader = next(one for one in READERS if one.login == login)
        blocked = any(block.whole for block in model.blocks(reader, {patient}))
        permit = await world.permit(login)
        try:
            await state_reason(world.door, permit, patient, SAID, emergency=emergency)
        except Forbidden:
            assert blocked, f"{login} may state a reason for {patient}"
        else:
            assert emergency or not blocked, f"{login} may not state a reason for {patient}"
            kind = "emergency" if emergency else "reason"
            region.facts.relations.append(Relation(patient, f"Practitioner/{login}", kind, model.facts.now - DAY))
    door = await open_door(world.pool, secret=world.door.secret)
    made = Region(World(door, world.pool), region, model, Rest(door))
    for reader in READERS:
        if reader.kind == "system":
            made.tokens[reader] = await accounts.for_system(world.pool, reader.login, SCOPES[reader.login])
        elif reader.app:
            made.tokens[reader] = await _of_app(world, reader)
        else:
            acts_for = reader.patient if reader.level else None
            made.tokens[reader] = await accounts.for_user(world.pool, reader.login, acts_for=acts_for)
    yield made


async def _of_app(world: World, reader: Reader) -> str:
    """The token of an app that somebody let see one patient."""
    await put(world.pool, App("app", "App", "public", "patient/*.rs", "Test", ("https://app.example/",)))
    role = f"{reader.login}-role"
    let = Granted("app", reader.login, role, "patient/*.rs", "https://app.example/", "", patient_id=reader.app)
    async with world.pool.transaction() as db:
        code = await grants.grant(db, let, seconds=3600)
    granted = await grants.take(world.pool, "app", code, "code")
    assert granted is not None
    who = Look("token", reader.login, reader.login, reader.role, reader.unit, "token", "")
    return (await grants.issue(world.pool, granted, scope=granted.scope, refreshes=False, who=who)).access
