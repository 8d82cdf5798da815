"""A shortcut typed in a note on a phone becomes the last value of this patient, and goes into the draft."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from acceptance.reading import PHONE, People

pytestmark = pytest.mark.browser


def test_a_shortcut_and_a_space_become_the_last_blood_pressure(people: People) -> None:
    page = people.desk_of("ayla", viewport=PHONE)
    page.goto("/workspace/patients/ragnhild/notes/new?template=visitt")
    text = page.locator("#note-text")
    text.press_sequentially("Har det bra. .Bt Ut i dag.")
    expect(text).to_have_value(
        re.compile(r"Blodtrykk \d+/\d+ mmHg \(.*\d\d\.\d\d\.\d{4} kl\. \d\d\.\d\d\) Ut i dag\.$")
    )
    page.locator("#phrases > summary").click()
    page.locator("#phrases button[data-phrase='.cave']").click()
    expect(text).to_have_value(re.compile("Penicillin"))
    expect(page.locator("#note-state")).to_contain_text("Utkast lagret")
