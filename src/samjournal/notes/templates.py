"""Templates of notes as data: headings with what belongs under each, coded fields, blocks of what the record says now.

    BUILT_IN                                    those that every unit has (templates.toml)
    templates(door, permit)                     those that this unit can choose, by name
    every_template(door, permit)                all that are kept, of every unit, for the register
    template_of(door, permit, code)             one by its code, also when it is out of use: a note was begun from it
    save_template(door, permit, template)       make one, or change the one whose version was read
    retire(door, permit, code, version)         take one out of use for the own unit
    begun(template, code)                       the empty sections of a note

A template that organisations make is a Questionnaire with a group for each heading (docs/decisions/0030). A unit takes
a built-in one out of use by keeping a retired one of the same code. hl7.org/fhir/R4/questionnaire.html
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Final

import msgspec

from samjournal.access import Permit, acting
from samjournal.fhir.errors import Forbidden, Invalid, NotFound
from samjournal.fhir.keys import hash64, key
from samjournal.notes.fields import FIELDS
from samjournal.notes.kinds import KINDS, ORDINARY
from samjournal.notes.live import LIVE, tongue
from samjournal.notes.phrases import KIND, OWNERS, context
from samjournal.notes.text import Section
from samjournal.record import Change, Door, Stored, change, new_id, query_of, search

SYSTEM: Final = "urn:samjournal:template"
BLOCK: Final = "urn:samjournal:block"
FIELD: Final = "urn:samjournal:field"
PROCEDURE: Final = "urn:samjournal:procedure"
MOST: Final = 1000
MOST_HEADINGS: Final = 20
_CONTROL: Final = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"


class Heading(msgspec.Struct, frozen=True):
    """One heading: names and help by language, the codes of its fields and blocks, whether a note of this kind is not
    whole without it."""

    name: dict[str, str]
    help: dict[str, str] = {}
    must: bool = False
    fields: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()


class Template(msgspec.Struct, frozen=True):
    """One template. `owner` is the id of the Organization that made it, '' of the built-in ones; `procedure` the
    address of a local procedure, with what it is called."""

    code: str
    name: dict[str, str]
    heading: tuple[Heading, ...]
    kind: str = ORDINARY
    owner: str = ""
    unit: str = ""
    procedure: tuple[str, str] = ("", "")
    is_retired: bool = False
    version: int = 0

    def called(self, code: str) -> str:
        return in_tongue(self.name, code)

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(field for one in self.heading for field in one.fields)


class _File(msgspec.Struct, frozen=True):
    template: tuple[Template, ...]


def in_tongue(texts: Mapping[str, str], code: str) -> str:
    """The text in a language, for the page; what an organisation wrote stands in the one it was written in."""
    return texts.get(code) or texts.get("nb") or next(iter(texts.values()), "")


def _built_in() -> dict[str, Template]:
    text = files("samjournal.notes").joinpath("templates.toml").read_text(encoding="utf-8")
    return {one.code: one for one in msgspec.convert(tomllib.loads(text), _File).template}


BUILT_IN: Final[Mapping[str, Template]] = _built_in()


async def every_template(door: Door, permit: Permit) -> list[Template]:
    """All that organisations have made, those out of use too. Logged as a search. Raises Busy."""
    asked = [("context", f"{KIND}|template"), ("_count", str(MOST))]
    found = (await search(door, permit, query_of("Questionnaire", asked))).matches
    return [template_from(one.resource(), one.version) for one in found]


async def templates(door: Door, permit: Permit) -> list[Template]:
    """Those that can be chosen in this unit: its own, those of the organisations over it, and the built-in ones that
    it has not taken out of use."""
    kept = [one for one in await every_template(door, permit) if is_here(permit, one)]
    gone = {one.code for one in kept if one.is_retired}
    own = [one for one in kept if not one.is_retired]
    return [*own, *(one for one in BUILT_IN.values() if one.code not in gone | {each.code for each in own})]


def is_here(permit: Permit, template: Template) -> bool:
    """Whether a template is of this unit or of an organisation over it."""
    return key(f"Organization/{template.owner}") in permit.faces


async def template_of(door: Door, permit: Permit, code: str) -> Template:
    """A template by its code, of this unit first. Raises NotFound."""
    asked = [("identifier", f"{SYSTEM}|{code}"), ("context", f"{KIND}|template"), ("_count", "50")]
    found = (await search(door, permit, query_of("Questionnaire", asked))).matches
    kept = [template_from(one.resource(), one.version) for one in found]
    here = [one for one in kept if is_here(permit, one)]
    retired = any(one.is_retired and not one.heading for one in here)
    whole = [one for one in here if one.heading]
    if whole:
        return whole[0]
    if code in BUILT_IN:
        return msgspec.structs.replace(BUILT_IN[code], is_retired=retired)
    raise NotFound("There is no such template here.")


async def save_template(door: Door, permit: Permit, template: Template) -> Stored:
    """Make a template of the own unit (no code yet), or change it. Raises Invalid, Forbidden (another unit's),
    VersionMoved, Busy."""
    _check(template)
    if template.version and template.owner != permit.organization:
        raise Forbidden("This template belongs to another unit. Make one of your own from it.")
    code = template.code or new_id()
    mine = msgspec.structs.replace(template, code=code, owner=permit.organization, unit=permit.unit)
    return await _store(door, permit, mine)


async def retire(door: Door, permit: Permit, code: str, version: int) -> Stored:
    """Take a template out of use for the own unit. Notes begun from it can still be signed. Raises NotFound, Forbidden,
    VersionMoved, Conflict, Busy."""
    there = await template_of(door, permit, code)
    if there.owner and there.owner != permit.organization:
        raise Forbidden("This template belongs to another unit, which takes it out of use.")
    if not there.owner:
        # A built-in one stays for others: this unit keeps that it is out of use here.
        there = msgspec.structs.replace(there, heading=(), owner=permit.organization, unit=permit.unit)
        version = 0
    return await _store(door, permit, msgspec.structs.replace(there, is_retired=True, version=version))


def _check(template: Template) -> None:
    if not template.called("nb").strip():
        raise Invalid("A template has a name.")
    if not 0 < len(template.heading) <= MOST_HEADINGS:
        raise Invalid(f"A template has from 1 to {MOST_HEADINGS} headings.")
    if template.kind not in KINDS:
        raise Invalid(f"{template.kind} is no kind of note.")
    for one in template.heading:
        unknown = [code for code in one.fields if code not in FIELDS] + [c for c in one.blocks if c not in LIVE]
        if unknown:
            raise Invalid(f"There is no coded field or block called {', '.join(unknown)}.")
    twice = [code for code in template.fields if template.fields.count(code) > 1]
    if twice:
        raise Invalid(f"{twice[0]} is asked for twice. Let it stand under one heading.")
    address = template.procedure[0]
    if address and not address.startswith(("https://", "http://")):
        raise Invalid("The address of a procedure begins with https://.")


async def _store(door: Door, permit: Permit, template: Template) -> Stored:
    if not (permit.signs and permit.may("c", "Composition")):
        raise Forbidden(f"The role {permit.role} signs no notes, and makes no templates.")
    resource = _questionnaire(permit, template)
    if template.version:
        made = Change.update(resource, if_match=template.version)
    else:
        made = replace(Change.create(resource), id=str(resource["id"]))
    (stored,) = await change(door, acting(permit, "Questionnaire"), [made])
    return stored


def _questionnaire(permit: Permit, template: Template) -> dict[str, Any]:
    id_ = template.code
    if template.code in BUILT_IN:
        id_ = f"template-{hash64(f'{permit.organization}|{template.code}') & (2**64 - 1):016x}"
    address, called = template.procedure
    procedure = [{"url": PROCEDURE, "valueUrl": address}, {"url": f"{PROCEDURE}-name", "valueString": called}]
    return {
        "resourceType": "Questionnaire",
        "id": id_,
        "identifier": [{"system": SYSTEM, "value": template.code}],
        "title": template.called("nb"),
        "status": "retired" if template.is_retired else "active",
        "subjectType": ["Patient"],
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "publisher": template.unit,
        "useContext": [
            context("workflow", KIND, "template"),
            context("venue", OWNERS["unit"], template.owner),
            context("focus", "urn:samjournal:note-kind", template.kind),
        ],
        **({"extension": procedure} if address else {}),
        **({"item": [_item(one, at) for at, one in enumerate(template.heading, 1)]} if template.heading else {}),
    }


def _item(heading: Heading, at: int) -> dict[str, Any]:
    inside: list[dict[str, Any]] = []
    if told := in_tongue(heading.help, "nb"):
        control = {"coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": "help"}]}
        as_help = {"url": _CONTROL, "valueCodeableConcept": control}
        inside.append({"linkId": f"{at}.help", "text": told, "type": "display", "extension": [as_help]})
    inside.append({"linkId": f"{at}.text", "text": in_tongue(heading.name, "nb"), "type": "text"})
    for code in heading.fields:
        field = FIELDS[code]
        type_ = {"quantity": "quantity", "choice": "choice"}.get(field.kind, "string")
        asked: dict[str, Any] = {"linkId": f"{at}.{code}", "text": field.names[0], "type": type_}
        asked["extension"] = [{"url": FIELD, "valueCode": code}]
        if field.coding[0]:
            asked["code"] = [{"system": field.coding[0], "code": field.coding[1]}]
        if field.choices:
            asked["answerOption"] = [
                {"valueCoding": {"system": one.system, "code": one.code, "display": one.names[0]}}
                for one in field.choices
            ]
        inside.append(asked)
    for code in heading.blocks:
        mark = [{"url": BLOCK, "valueString": code}]
        shown = {"linkId": f"{at}.block.{code}", "text": LIVE[code].names[0], "type": "display", "extension": mark}
        inside.append(shown)
    return {
        "linkId": str(at),
        "text": in_tongue(heading.name, "nb"),
        "type": "group",
        "required": heading.must,
        "item": inside,
    }


def template_from(resource: Mapping[str, Any], version: int) -> Template:
    """A kept template. Fields and blocks that this version does not know are left out."""
    contexts = {
        one["system"]: one["code"]
        for each in resource.get("useContext", ())
        for one in each.get("valueCodeableConcept", {}).get("coding", ())
    }
    marks = {one["url"]: one.get("valueUrl") or one.get("valueString", "") for one in resource.get("extension", ())}
    return Template(
        code=next((one["value"] for one in resource.get("identifier", ()) if one.get("system") == SYSTEM), ""),
        name={"nb": str(resource.get("title", ""))},
        heading=tuple(_heading(one) for one in resource.get("item", ())),
        kind=contexts.get("urn:samjournal:note-kind", ORDINARY),
        owner=contexts.get(OWNERS["unit"], ""),
        unit=str(resource.get("publisher", "")),
        procedure=(marks.get(PROCEDURE, ""), marks.get(f"{PROCEDURE}-name", "")),
        is_retired=resource.get("status") == "retired",
        version=version,
    )


def _heading(item: Mapping[str, Any]) -> Heading:
    inside = item.get("item", ())
    marks = [(mark["url"], mark) for one in inside for mark in one.get("extension", ())]
    told = next((one["text"] for one in inside if one["linkId"].endswith(".help")), "")
    return Heading(
        name={"nb": str(item.get("text", ""))},
        help={"nb": told} if told else {},
        must=bool(item.get("required")),
        fields=tuple(mark["valueCode"] for url, mark in marks if url == FIELD and mark["valueCode"] in FIELDS),
        blocks=tuple(mark["valueString"] for url, mark in marks if url == BLOCK and mark["valueString"] in LIVE),
    )


def begun(template: Template, code: str) -> tuple[Section, ...]:
    """The sections that a note begins with, in the language of the record whatever the page is in."""
    return tuple(Section(in_tongue(one.name, tongue(code))) for one in template.heading)
