"""Colleagues who may sign or countersign, by name among those who work in posts of the unit and the trust.

colleagues(door, permit)                 those of the own unit, for a list to choose from
found(door, permit, text)                those whose name is meant, in the own unit first, then elsewhere
named(door, permit, role_id)             one of them as a reference with the name; raises Invalid
signs(door, author)                      whether an author may sign
is_himself(door, permit, posts)          whether one of some posts is one's own, in another role too
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from samjournal import accounts
from samjournal.access import ROLES, Permit
from samjournal.fhir.errors import Gone, Invalid, NotFound
from samjournal.fhir.folding import fold
from samjournal.record import Door, query_of, read, search

MOST = 100


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody in a post: the id of the PractitionerRole, name, what he is, and where."""

    id: str
    name: str
    title: str
    unit: str

    @property
    def label(self) -> str:
        """`Ingvild Sørmo, Overlege, Medisin 3`: what stands in the list, and is read back from the form."""
        return ", ".join(part for part in (self.name, self.title, self.unit.partition(",")[0]) if part)


async def colleagues(door: Door, permit: Permit) -> list[Colleague]:
    """Those of the own unit but oneself, by name."""
    asked = [("organization", f"Organization/{permit.organization}"), ("active", "true"), ("_count", str(MOST))]
    return [one for one in await _asked(door, permit, asked) if one.id != permit.practitioner_role]


async def found(door: Door, permit: Permit, text: str) -> list[Colleague]:
    """Whom a name means: one of the own unit by the label or the name, else of the whole house."""
    wanted = fold(text)
    if not wanted:
        return []
    own = [one for one in await colleagues(door, permit) if fold(one.label) == wanted or wanted in fold(one.name)]
    exact = [one for one in own if wanted in (fold(one.label), fold(one.name))]
    if own:
        return exact if len(exact) == 1 else own
    name = text.partition(",")[0].strip()
    by_name = [("practitioner:Practitioner.name", word) for word in name.replace(",", " ").split()]
    others = await _asked(door, permit, [*by_name, ("active", "true"), ("_count", "20")])
    exact = [one for one in others if fold(one.label) == wanted]
    return [one for one in exact or others if one.id != permit.practitioner_role]


async def named(door: Door, permit: Permit, role_id: str) -> dict[str, str]:
    """Somebody in a post who signs. Raises Invalid when there is nobody, or his role signs nothing: what is asked
    of him would wait for ever."""
    try:
        post = _colleague((await read(door, permit, "PractitionerRole", role_id)).resource())
    except NotFound:
        raise Invalid("Nobody works in that post. Choose somebody from the list.") from None
    if not await _who_sign(door, [post]):
        raise Invalid("That role signs no notes. Choose somebody else.")
    return {"reference": f"PractitionerRole/{role_id}", "display": post.name}


async def is_himself(door: Door, permit: Permit, posts: Iterable[str]) -> bool:
    """Whether one of some posts (`PractitionerRole/id`) is his own, in whatever role he works now."""
    for reference in posts:
        type_, _, id_ = reference.partition("/")
        if type_ != "PractitionerRole":
            continue
        try:
            post = (await read(door, permit, type_, id_)).resource()
        except (NotFound, Gone):
            continue
        if post.get("practitioner", {}).get("reference") == f"Practitioner/{permit.practitioner}":
            return True
    return False


async def signs(door: Door, author: Mapping[str, Any]) -> bool:
    """Whether an author is in a post whose role signs, or who may get such an account yet."""
    type_, _, id_ = str(author.get("reference", "")).partition("/")
    codes = await accounts.codes_of(door.pool, [id_]) if type_ == "PractitionerRole" else {}
    return all(ROLES[code].signs for code in codes.values())


async def _who_sign(door: Door, posts: list[Colleague]) -> list[Colleague]:
    """Those whose role signs; whoever has no account here yet may get one."""
    codes = await accounts.codes_of(door.pool, [one.id for one in posts])
    return [one for one in posts if one.id not in codes or ROLES[codes[one.id]].signs]


async def _asked(door: Door, permit: Permit, pairs: list[tuple[str, str]]) -> list[Colleague]:
    page = await search(door, permit, query_of("PractitionerRole", pairs))
    signing = await _who_sign(door, [_colleague(one.resource()) for one in page.matches])
    return sorted(signing, key=lambda one: fold(one.name))


def _colleague(post: Mapping[str, Any]) -> Colleague:
    code: Mapping[str, Any] = next(iter(post.get("code", ())), {})
    title = str(code.get("text") or next((one.get("display", "") for one in code.get("coding", ())), ""))
    name = str(post.get("practitioner", {}).get("display", ""))
    return Colleague(str(post["id"]), name, title, str(post.get("organization", {}).get("display", "")))
