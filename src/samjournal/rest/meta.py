"""`$meta`, `$meta-add` and `$meta-delete`. hl7.org/fhir/R4/resource-operation-meta.html"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from samjournal import record
from samjournal.fhir.errors import Invalid
from samjournal.fhir.structure import check
from samjournal.record import Door, Labels
from samjournal.rest.answers import Answer
from samjournal.rest.given import given
from samjournal.rest.interactions import id_of
from samjournal.rest.request import Request

_LABELS = ("profile", "tag", "security")


async def of_instance(door: Door, request: Request) -> Answer:
    """The meta element of one resource."""
    given(request, takes=(), operation="$meta")
    type_, id_, _ = request.path
    return _answer(await record.meta_of(door, request.who(), type_, id_of(type_, id_)))


async def of_type(door: Door, request: Request) -> Answer:
    """The labels in use in a type, as far as the reader sees."""
    given(request, takes=(), operation="$meta")
    labels = await record.labels_of_types(door, request.who(), request.path[0])
    return _answer(labels.within({}))


async def of_system(door: Door, request: Request) -> Answer:
    """The labels in use anywhere, as far as the reader sees."""
    given(request, takes=(), operation="$meta")
    return _answer((await record.labels_of_types(door, request.who(), None)).within({}))


async def add(door: Door, request: Request) -> Answer:
    """Labels that the resource has not yet, as a new version."""
    return await _changed(door, request, "$meta-add", Labels.and_)


async def delete(door: Door, request: Request) -> Answer:
    """Labels that the resource shall not have, as a new version without them."""
    return await _changed(door, request, "$meta-delete", Labels.without)


async def _changed(door: Door, request: Request, operation: str, change: Callable[[Labels, Labels], Labels]) -> Answer:
    type_, id_, _ = request.path
    sent = _sent(request, operation)
    changed = await record.change_labels(
        door,
        request.who(),
        type_,
        id_of(type_, id_),
        lambda labels: change(labels, sent),
        condition=request.condition(),
    )
    return _answer(changed)


def _sent(request: Request, operation: str) -> Labels:
    meta: dict[str, Any] | None = given(request, takes=("meta",), operation=operation).datatypes.get("meta")
    if not meta:
        raise Invalid(f"{operation} takes a Parameters resource with the parameter meta, a valueMeta.")
    issues = [
        one for one in check({"resourceType": "Basic", "code": {"text": "-"}, "meta": meta}) if one.severity == "error"
    ]
    if issues:
        raise Invalid(issues[0].text, issues=issues)
    others = [name for name in meta if name not in _LABELS]
    if others:
        raise Invalid(f"{operation} takes profile, tag and security; meta.{others[0][:40]} is the server's own.")
    return Labels.of(meta)


def _answer(meta: dict[str, Any]) -> Answer:
    told = {"resourceType": "Parameters", "parameter": [{"name": "return", "valueMeta": meta}] if meta else []}
    return Answer(200, msgspec.json.encode({name: value for name, value in told.items() if value}))
