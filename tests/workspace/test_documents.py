"""Files that came along, over HTTP: who opens them, and that none of them is ever a page of ours."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from exchange.letters import dialog, message
from exchange.test_kinds_received import became, discharged, referred
from exchange.test_kinds_written import SCAN
from exchange.test_receiving import addressed, kept, took  # noqa: F401
from messages.test_matching import waiting
from referrals.region import settled
from samjournal.ui.attachments import MOST, file_name
from workspace.test_pages import enter  # noqa: F401
from world import World, made, to

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
PLACE = "/workspace/patients/kari/documents"
PDF = b"%PDF-1.4\nfor a test\n"


def links(page: str) -> list[str]:
    part = page[page.index('<ul class="files">') :].partition("</ul>")[0]
    return [one for one in re.findall(r'href="([^"]+)"', part) if "?save" not in one]


def file(content_type: str, data: bytes | None, title: str = "Fil", **more: Any) -> dict[str, Any]:
    held = {} if data is None else {"data": b64encode(data).decode()}
    return {"attachment": {"contentType": content_type, "title": title, **held, **more}}


async def document(world: World, *content: dict[str, Any], patient: str = "kari") -> str:
    id_ = f"scan-{uuid4()}"
    subject = {"subject": to(f"Patient/{patient}")}
    await world.put(made("DocumentReference", id_, status="current", content=list(content), **subject))
    return id_


async def test_only_what_cannot_run_is_shown_and_only_if_it_is_what_it_says(enter: Enter, world: World) -> None:  # noqa: F811
    script = b"<html><script>alert(1)</script></html>"
    shown = [
        ("application/pdf", PDF),
        ("image/png", b"\x89PNG\r\n\x1a\nx"),
        ("text/plain", "Blåmerke".encode("latin-1")),
    ]
    saved = [("text/html", script), ("image/svg+xml", b"<svg/>"), ("text/xml", b"<a/>"), ("application/pdf", script)]
    id_ = await document(world, *(file(*one) for one in (*shown, *saved)))
    desk = enter("doctor")
    for number, (media, data) in enumerate((*shown, *saved), start=1):
        answer = await desk.get(f"{PLACE}/{id_}/{number}")
        way = "inline" if number <= len(shown) else "attachment"
        assert (answer.status_code, answer.content) == (200, data)
        assert answer.headers["content-disposition"].startswith(f"{way}; "), media
        assert answer.headers["content-type"].startswith(media if way == "inline" else "application/octet-stream")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert (await desk.get(f"{PLACE}/{id_}/3")).headers["content-type"] == "text/plain; charset=iso-8859-1"
    assert (await desk.get(f"{PLACE}/{id_}/1?save=1")).headers["content-disposition"].startswith("attachment; ")


def test_a_name_leads_nowhere_and_ends_as_what_it_is() -> None:
    assert file_name('..\\..\\kjør\u202e"fdp.exe\r\nX: y', "application/pdf") == "kjør fdp.exeX y.pdf"
    assert file_name("Røntgen.PDF", "application/pdf") == "Røntgen.PDF"
    assert file_name("", "text/html") == "vedlegg.txt"
    assert file_name("prøve.exe", "application/x-msdownload") == "prøve.exe.bin"


async def test_what_cannot_be_opened_says_why(enter: Enter, world: World) -> None:  # noqa: F811
    id_ = await document(
        world,
        file("application/pdf", None, url="https://example.org/a.pdf"),
        file("application/pdf", None),
        file("application/pdf", PDF + bytes(MOST)),
    )
    desk = enter("doctor")
    told = [("Bare en lenke", 404), ("Filen er tom", 404), ("for stor til", 413), ("Siden finnes ikke", 404)]
    for number, (words, status) in enumerate(told, start=1):
        answer = await desk.get(f"{PLACE}/{id_}/{number}")
        assert (answer.status_code, words in answer.text) == (status, True), number


async def test_it_opens_with_the_record_it_lies_in_and_the_look_is_logged(enter: Enter, world: World) -> None:  # noqa: F811
    id_ = await document(world, file("application/pdf", PDF))
    assert (await enter("doctor").get(f"/workspace/patients/ola/documents/{id_}/1")).status_code == 404
    assert (await enter(None).get(f"{PLACE}/{id_}/1")).status_code == 303
    closed = await enter("homenurse").get(f"{PLACE}/{id_}/1")
    assert closed.status_code in (200, 403, 404)
    assert closed.content != PDF
    assert (await enter("nurse").get(f"{PLACE}/{id_}/1")).content == PDF
    looks = await world.pool.fetch("SELECT 1 FROM audit.look WHERE shown::text LIKE $1", f"%{id_}%")
    assert looks


async def test_files_open_from_a_message_that_is_read(enter: Enter, addressed: World) -> None:  # noqa: F811
    id_ = str(uuid4())
    await took(addressed, message(dialog("Se bildet."), id_=id_, attached=b64encode(PDF).decode()))
    (letter,) = await kept(addressed, "Communication", id_)
    page = (await enter("doctor").get(f"/workspace/messages?item={letter['id']}")).text
    original, pdf = links(page)
    assert "Røntgen</a> <small>PDF, 20 byte" in page
    assert original.startswith(f"{PLACE}/{letter['id']}/")
    assert (await enter("doctor").get(pdf)).content == PDF
    saved = await enter("doctor").get(original)
    assert saved.headers["content-disposition"].startswith('attachment; filename="Meldingen som den kom.xml"')
    there = await enter("doctor").get(f"/workspace/messages/{letter['id']}/2")
    assert (there.status_code, there.headers["location"]) == (303, pdf)


async def test_files_open_before_the_patient_is_found(enter: Enter, addressed: World) -> None:  # noqa: F811
    _, name = await waiting(addressed, attached=b64encode(PDF).decode())
    page = (await enter("doctor").get(f"/workspace/messages/{name}")).text
    assert links(page) == [f"/workspace/messages/{name}/1", f"/workspace/messages/{name}/2"]
    assert (await enter("doctor").get(links(page)[1])).content == PDF
    assert (await enter("homenurse").get(links(page)[1])).status_code in (403, 404)


async def test_files_of_a_referral_and_of_a_note_from_outside(enter: Enter, addressed: World) -> None:  # noqa: F811
    await settled(addressed)
    for data, kind, place in (
        (referred(str(uuid4()), files=(SCAN,)), "ServiceRequest", "referrals"),
        (discharged(str(uuid4()), files=(SCAN,)), "Composition", "notes"),
    ):
        await took(addressed, data)
        one = next(each for each in await became(addressed, data) if each["resourceType"] == kind)
        answer = await enter("doctor").get(f"/workspace/patients/kari/{place}/{one['id']}")
        assert answer.status_code == 200
        found = links(answer.text)
        assert len(found) >= 2
        for address in found:
            opened = await enter("doctor").get(address)
            assert opened.status_code == 200
            assert opened.content
