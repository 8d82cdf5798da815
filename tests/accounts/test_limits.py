"""How long people stay signed in, as the operator may say it. samjournal.accounts.limits"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from samjournal.accounts import LIMITS, limits_from
from samjournal.fhir.errors import Invalid


def test_what_the_file_does_not_say_is_as_usual(tmp_path: Path) -> None:
    file = tmp_path / "sessions.toml"
    file.write_text("[shared]\nidle = 3\n")
    limits = limits_from(file)
    assert limits.of("staff", "demo", is_shared=True).idle == timedelta(minutes=3)
    assert limits.of("staff", "demo", is_shared=True).whole == LIMITS.shared.whole
    assert limits.of("citizen", "demo") == LIMITS.citizen
    assert limits.of("staff", "phone") == LIMITS.phone


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("[staff", "TOML"),
        ("[nurses]\nidle = 3", "nurses"),
        ("[staff]\nidel = 3", "idle"),
        ("[staff]\nidle = 0", "from 1 to 60"),
        ("[staff]\nidle = 61", "from 1 to 60"),
        ("[staff]\nidle = true", "whole number"),
        ("[citizen]\nwhole = 1441", "from 1 to 1440"),
        ("[citizen]\nidle = 50\nwhole = 40", "unused"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_with_what_to_mend(tmp_path: Path, said: str, told: str) -> None:
    file = tmp_path / "sessions.toml"
    file.write_text(said)
    with pytest.raises(Invalid, match=told):
        limits_from(file)
