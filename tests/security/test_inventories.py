"""What docs/explanation/security.md lists is what there is."""

from __future__ import annotations

import logging
import re

import pytest

from architecture.test_documentation import ROOT, SOURCE, sections, text
from samjournal.accounts import grants
from samjournal.conversations import LARGEST
from samjournal.exchange.folder import safe
from samjournal.portal.message_form import FILES
from samjournal.rest.request import MAX_BODY, MAX_RATIO
from samjournal.server import app
from samjournal.server.logs import _Json
from samjournal.ui.attachments import paper

PAGE = "docs/explanation/security.md"


def table(heading: str) -> list[list[str]]:
    """The rows below the head of the first table of a section, by cell."""
    lines = [line for line in sections(PAGE)[heading].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_table_is_of_one_class() -> None:
    """The most exact word counts: a table by its name goes before its schema."""
    by_word: dict[str, str] = {}
    for cells in table("What is worth guarding"):
        assert len(cells) == 4
        assert all(cells)
        for word in re.findall(r"`([a-z_.*]+)`", cells[2]):
            assert by_word.setdefault(word, cells[0]) == cells[0], word
    schema = "".join(one.read_text(encoding="utf-8") for one in sorted(SOURCE.glob("db/migrations/*.sql")))
    tables = set(re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+\.[a-z_]+)", schema))
    assert len(tables) > 40
    unclassed = {name for name in tables if name not in by_word and f"{name.split('.')[0]}.*" not in by_word}
    assert unclassed == set()
    assert {word for word in by_word if "*" not in word and "." in word} <= tables


def test_every_log_is_listed() -> None:
    logs = {cells[0]: cells for cells in table("Logs")}
    assert {"of looks", "of the program", "of PostgreSQL", "metrics", "of changes"} == set(logs)
    assert all(len(cells) == 5 and all(cells) for cells in logs.values())


def test_times_of_the_log_are_utc() -> None:
    line = _Json().format(logging.makeLogRecord({"msg": "x", "name": "n", "created": 1_780_000_000.5}))
    assert re.search(r'"at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"', line)


def test_every_key_has_a_place_a_time_and_an_answer() -> None:
    keys = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in sections(PAGE)["Cryptography"].partition("**Keys.**")[2].splitlines()
        if line.startswith("|")
    ][2:]
    assert len(keys) >= 8
    assert all(len(cells) == 4 and all(cells) for cells in keys)


def test_every_way_in_is_told() -> None:
    told = {cells[0] for cells in table("Ways in")}
    assert told == {"ID-porten", "HelseID", "a paired phone", "a code at a shared PC", "tokens of systems", "demo"}
    paths = {getattr(route, "path", "") for route in app._site().routes}
    ways = {path.split("/")[2] for path in paths if path.startswith("/signin/") and path.count("/") == 2}
    # By a provider, in a demo; again, what was being written, and how a phone or PC is known, are for who got in so.
    others = {"again", "kept", "form", "keep", "pin", "lock", "locked", "phone", "passkey", "pair", "as", "other"}
    assert ways - others <= {
        "demo",
        "{provider}",
    }


def test_what_is_decided_of_sessions_is_told() -> None:
    page = sections(PAGE)
    assert "several at once" in page["Sessions"]
    assert "there is no most" in page["Sessions"]
    assert "sees and ends them" in page["Sessions"]
    assert "bounded in time and number" in page["What costs much"]


def test_what_is_taken_as_a_file_is_told_as_it_is() -> None:
    rows = {cells[0].partition(" (")[0].partition(":")[0]: cells for cells in table("Files that are taken")}
    assert rows["a citizen's message"][2] == f"{LARGEST // 2**20} MB each, {FILES} with a message"
    assert f"{MAX_BODY // 2**20} MiB a request" in rows["the API"][2]
    assert f"{MAX_RATIO} times its size" in rows["the API"][2]
    named = {name for cells in rows.values() for name in re.findall(r"`([\w/]+\.py)`", cells[0])}
    assert named
    assert all((SOURCE / name).exists() for name in named)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "..", "a\\b", "a\x00b", "a\nb", "."])
def test_a_sender_s_name_leads_out_of_no_folder(name: str) -> None:
    made = safe(name)
    assert not re.search(r"[/\\\x00\n]", made)
    assert made not in (".", "..")


@pytest.mark.parametrize("title", ['x"; filename="y.exe', "x\r\nSet-Cookie: a=b", "x\x00y", "ærlig talt", "a/b\\c", ""])
def test_a_name_of_a_file_breaks_no_header(title: str) -> None:
    value = paper(b"%PDF-", title, saved=True).headers["content-disposition"]
    assert re.fullmatch(r"attachment; filename=\"[^\"\\\r\n\x00/]*\.pdf\"; filename\*=UTF-8''[\w%.~!-]*", value), value


def test_a_code_of_an_app_lasts_a_minute() -> None:
    assert grants.CODE_SECONDS <= 60


def test_decisions_stand_in_the_repository() -> None:
    assert (ROOT / "docs" / "decisions" / "0061-own-address-and-fetch-metadata.md").exists()
    assert "deploy/nginx.conf" in text(PAGE)
