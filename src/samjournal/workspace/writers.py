"""Who is writing on a patient: the reader's own drafts, and others by name."""

from __future__ import annotations

from datetime import datetime

from samjournal.record import drafts_about, writing_now
from samjournal.ui import formats
from samjournal.ui.language import language
from samjournal.workspace.desk import Desk


async def my_drafts(desk: Desk, patient_id: str) -> list[dict[str, str]]:
    """The reader's own drafts on a patient, the newest first: title, when saved, and where it is gone on with."""
    if not desk.may_write("Composition"):
        return []
    _, now = language(desk.language), datetime.now(formats.OSLO)
    return [
        {
            "id": str(each.id),
            "about": each.about,
            "title": each.title,
            "saved": formats.when(each.saved, now=now, language=_),
            "link": draft_link(patient_id, each.about, str(each.id)),
        }
        for each in await drafts_about(desk.door, desk.permit, patient_id)
    ]


def draft_link(patient_id: str, about: str, id_: str) -> str:
    """Where a draft is gone on with."""
    if about == "ServiceRequest":
        return f"/workspace/patients/{patient_id}/referrals/new?draft={id_}"
    note = about.partition("/")[2]
    page = f"notes/{note}/edit" if note else "notes/new"
    return f"/workspace/patients/{patient_id}/{page}?draft={id_}"


async def others_writing(desk: Desk, patient_id: str, about: str = "") -> list[dict[str, str]]:
    """Who else writes on a patient now, or on one note of his: name with unit, and when saved last."""
    _, now = language(desk.language), datetime.now(formats.OSLO)
    return [
        {
            "name": f"{each.name}, {each.unit.partition(',')[0]}" if each.unit else each.name,
            "saved": formats.when(each.saved, now=now, language=_),
        }
        for each in await writing_now(desk.door, desk.permit, patient_id)
        if not about or each.about == about
    ]
