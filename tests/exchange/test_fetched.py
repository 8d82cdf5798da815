"""Whether a certificate was taken back is asked where it says: fetched once, believed by its signature alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from exchange.authorities import Authority
from samjournal.exchange.certificates import INVALID, REVOKED, Trust, Unknowable, trusted
from samjournal.exchange.fetched import Fetched

NOW = datetime.now(UTC)


class Place:
    """Where lists are, over HTTP: it gives `data`, or says nothing of use."""

    def __init__(self) -> None:
        self.data: bytes | None = None
        self.asked: list[str] = []
        place = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                place.asked.append(self.path)
                moved = self.path == "/moved"
                self.send_response(302 if moved else 404 if place.data is None else 200)
                if moved:
                    self.send_header("Location", "/ca.crl")
                self.end_headers()
                self.wfile.write(b"" if moved else place.data or b"")

            def log_message(self, *_: object) -> None:
                """Nothing: it would stand among the tests."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def place() -> Iterator[Place]:
    one = Place()
    yield one
    one.stop()


def trust(authority: Authority) -> Trust:
    return trusted([authority.certificate], [], fetch=Fetched(patience=5))


def test_a_list_is_fetched_once_and_tells_what_was_taken_back(place: Place) -> None:
    ca = Authority("Listed CA")
    sound, taken = (ca.issue(who, "content_commitment", lists=f"{place.address}/ca.crl?x=1") for who in ("GP", "Ex"))
    ca.revoked.append(taken.certificate.serial_number)
    place.data = ca.list_().public_bytes(Encoding.DER)
    asked = trust(ca)
    assert asked.wrong(sound.certificate, "sign", NOW) is None
    assert asked.wrong(taken.certificate, "sign", NOW) is REVOKED
    place.data = None
    assert asked.wrong(sound.certificate, "sign", NOW + timedelta(hours=1)) is None
    assert place.asked == ["/ca.crl?x=1"]
    with pytest.raises(Unknowable):
        asked.wrong(sound.certificate, "sign", NOW + timedelta(days=2))


def test_a_list_that_still_holds_is_used_while_no_newer_one_can_be_had(place: Place) -> None:
    ca = Authority("Listed CA")
    one = ca.issue("GP", "content_commitment", lists=f"{place.address}/ca.crl")
    place.data = ca.list_(until=timedelta(days=7)).public_bytes(Encoding.DER)
    asked = trust(ca)
    assert asked.wrong(one.certificate, "sign", NOW) is None
    place.data = None
    assert asked.wrong(one.certificate, "sign", NOW + timedelta(days=3)) is None
    assert len(place.asked) == 2
    with pytest.raises(Unknowable):
        asked.wrong(one.certificate, "sign", NOW + timedelta(days=8))


def test_a_list_that_was_installed_and_is_good_is_enough(place: Place) -> None:
    ca = Authority("Listed CA")
    one = ca.issue("GP", "content_commitment", lists=f"{place.address}/ca.crl")
    asked = trusted([ca.certificate], [ca.list_()], fetch=Fetched())
    assert asked.wrong(one.certificate, "sign", NOW) is None
    assert place.asked == []


@pytest.mark.parametrize("what", ["nothing", "nonsense", "another authority", "out of date", "moved", "by ldap"])
def test_what_is_no_list_tells_nothing(place: Place, what: str) -> None:
    ca = Authority("Listed CA")
    other = Authority("Other CA")
    place.data = {
        "nothing": None,
        "nonsense": b"<html>",
        "another authority": other.list_().public_bytes(Encoding.PEM),
        "out of date": ca.list_(until=timedelta(hours=-1)).public_bytes(Encoding.DER),
    }.get(what, ca.list_().public_bytes(Encoding.DER))
    at = {"moved": f"{place.address}/moved", "by ldap": "ldap://127.0.0.1/ca"}.get(what, f"{place.address}/ca.crl")
    asked, one = trust(ca), ca.issue("GP", "content_commitment", lists=at)
    with pytest.raises(Unknowable):
        asked.wrong(one.certificate, "sign", NOW)
    with pytest.raises(Unknowable):
        asked.wrong(one.certificate, "sign", NOW + timedelta(seconds=5))
    assert len(place.asked) == (0 if what == "by ldap" else 1)


def test_nobody_is_asked_where_a_stranger_says(place: Place) -> None:
    stranger = Authority("Stranger CA").issue("GP", "content_commitment", lists=f"{place.address}/inside")
    assert trust(Authority("Listed CA")).wrong(stranger.certificate, "sign", NOW) is INVALID
    assert place.asked == []
