"""One running program for all journeys; a browser for each file of them, so that no other test waits for its loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from acceptance.reading import People, chromium, launched
from acceptance.running import PROGRAM, Program, started


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM} is not installed: `make test` installs it")
    with started(tmp_path_factory.mktemp("acceptance"), inhabitants=60) as running:
        yield running


@pytest.fixture(scope="module")
def browser(program: Program) -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("no Chrome or Chromium on this machine: install one with `sudo apt install chromium`")
    with sync_playwright() as play:
        opened = launched(play)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def sessions() -> dict[tuple[str, str | None], Any]:
    """The sessions that tests may share: by login and unit."""
    return {}


@pytest.fixture
def people(browser: Browser, program: Program, sessions: dict[tuple[str, str | None], Any]) -> Iterator[People]:
    """Browsers of people. No page may complain on the console, break the content policy or answer 5xx."""
    found = People(browser, program.address, sessions)
    yield found
    found.rest()
    assert found.complaints == []
