"""Where video visits are held, as the operator says it. samjournal.exchange.rooms"""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.test_connections import secret
from samjournal.exchange.connections import connections
from samjournal.exchange.table import Misconfigured
from samjournal.scheduling.video import Jitsi, Pexip

VIDEO = """[video]
kind = "pexip"
address = "https://video.example/webapp3/m/{room}"
manager = "https://pexip.example"
user = "samjournal"
password-file = "pexip.secret"
"""


def told(folder: Path, text: str) -> Path:
    file = folder / "connections.toml"
    file.write_text(text)
    return file


def test_where_video_visits_are_held_is_set_up_in_the_same_file(tmp_path: Path) -> None:
    secret(tmp_path / "pexip.secret", b"hemmelig\n")
    rooms = connections(told(tmp_path, VIDEO)).rooms
    assert isinstance(rooms, Pexip)
    assert rooms.manager is not None
    assert (rooms.manager.user, rooms.manager.password) == ("samjournal", "hemmelig")
    jitsi = '[video]\nkind = "jitsi"\naddress = "https://meet.example/{room}"\n'
    assert connections(told(tmp_path, jitsi)).rooms == Jitsi("https://meet.example/{room}")
    assert connections(told(tmp_path, '[video]\nkind = "none"\n')).rooms is None


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        ('"pexip"', '"zoom"', "kind is none, jitsi or pexip"),
        ("/{room}", "", "address has {room}"),
        ("https://video", "http://video", "use https"),
        ("https://pexip", "ftp://pexip", "manager is https"),
        ("https://pexip", "https://u:p@pexip", "password in password-file"),
        ("user =", "login =", "user is missing"),
        ('user = "samjournal"', 'user = "samjournal"\npin = "1"', "no setting pin"),
    ],
)
def test_a_slip_about_video_is_told(tmp_path: Path, wrong: str, right: str, words: str) -> None:
    secret(tmp_path / "pexip.secret", b"hemmelig")
    with pytest.raises(Misconfigured, match=words):
        connections(told(tmp_path, VIDEO.replace(wrong, right)))
