"""Files that came with what the citizen reads: those of his notes and referrals, and no others.

    files_of(door, permit, listed, language)    the files of notes or referrals, by the id of each
    named_by(resource) -> list[str]             the ids of the documents that one of them names

A document is opened only by what names it and is shown: what is held back from him, is so with its files.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from samjournal.access import Permit
from samjournal.portal.facts import Resource
from samjournal.record import Door, query_of, search
from samjournal.ui.attachments import File, listed
from samjournal.ui.language import Language

_MOST: Final = 20


async def files_of(door: Door, permit: Permit, shown: Iterable[Resource], _: Language) -> dict[str, list[File]]:
    """As many as the newest twenty documents have; none where the permit reads no documents."""
    named = {str(one["id"]): ids for one in shown if (ids := named_by(one))}
    wanted = list(dict.fromkeys(id_ for ids in named.values() for id_ in ids))[:_MOST]
    if not wanted or not permit.may("s", "DocumentReference"):
        return {}
    asked = [("_id", ",".join(wanted)), ("_count", str(_MOST))]
    found = {
        one.id: listed(one.resource(), f"/portal/documents/{one.id}", _)
        for one in (await search(door, permit, query_of("DocumentReference", asked))).matches
    }
    return {id_: [each for one in ids for each in found.get(one, ())] for id_, ids in named.items()}


def named_by(resource: Resource) -> list[str]:
    """Of a Composition the documents among the entries of its sections, of a ServiceRequest those that came along."""
    entries = [each for section in resource.get("section") or () for each in section.get("entry") or ()]
    references = (str(each.get("reference") or "") for each in (*entries, *(resource.get("supportingInfo") or ())))
    return [id_ for each in references if (id_ := each.partition("DocumentReference/")[2])]
