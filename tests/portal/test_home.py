"""What is new on the first page. samjournal.portal.home"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from samjournal.conversations.kinds import KIND, READ
from samjournal.portal.home import new_messages
from samjournal.portal.threads import threads
from samjournal.ui.language import language

NB = language("nb")
GP = {"reference": "PractitionerRole/magnus", "display": "Magnus Rian"}
SEEN = datetime.fromisoformat("2026-11-25T12:00:00+01:00")


def message(id_: str, sent: str, *, kind: str = "contact", read_as: str = "", **more: Any) -> dict[str, Any]:
    """A message of a conversation; without `kind` one that was loaded."""
    category = {"category": [{"coding": [{"system": KIND, "code": kind}]}]} if kind else {}
    parts = [{"url": "as", "valueCode": read_as}, {"url": "at", "valueInstant": "2026-11-24T12:00:00+01:00"}]
    extensions = {"extension": [{"url": READ, "extension": parts}]} if read_as else {}
    return {
        "resourceType": "Communication",
        "id": id_,
        "topic": {"text": "Svimmel"},
        "sent": sent,
        "sender": GP,
        "recipient": [{"reference": "Patient/kari"}],
        **category,
        **extensions,
        **more,
    }


def new(*messages: dict[str, Any], since: datetime | None, as_: str = "self") -> list[tuple[str, str]]:
    found = new_messages(threads(messages, {}, NB, as_=as_), since)
    return [(one.by, one.address.rpartition("/")[2]) for one in found]


def test_a_message_stands_until_it_is_opened_however_often_the_page_was_seen() -> None:
    answer = message("a", "2026-11-24T10:00:00+01:00")
    assert new(answer, since=None) == [("Magnus Rian", "a")], "on the first visit"
    assert new(answer, since=SEEN) == [("Magnus Rian", "a")], "after another visit"
    opened = message("a", "2026-11-24T10:00:00+01:00", read_as="self")
    assert new(opened, since=None) == []
    assert new(opened, since=None, as_="parent") == [("Magnus Rian", "a")], "each reads for himself"


def test_the_newest_comes_first_and_own_messages_are_not_new() -> None:
    own = {"sender": {"reference": "Patient/kari"}, "recipient": [GP]}
    first = message("a", "2026-11-20T10:00:00+01:00")
    last = message("b", "2026-11-24T10:00:00+01:00")
    mine = message("c", "2026-11-26T10:00:00+01:00", kind="question", **own)
    assert [id_ for _, id_ in new(first, last, mine, since=None)] == ["b", "a"]


def test_what_was_loaded_has_no_marks_and_is_new_after_the_last_visit() -> None:
    loaded = message("a", "2026-11-26T10:00:00+01:00", kind="")
    assert new(loaded, since=None) == []
    assert new(loaded, since=SEEN) == [("Magnus Rian", "a")]
    assert new(message("a", "2026-11-24T10:00:00+01:00", kind=""), since=SEEN) == []


def test_a_wish_is_called_in_the_language_of_its_reader() -> None:
    about = [{"reference": "MedicationRequest/1", "display": "Apiksaban"}]
    wish = message("a", "2026-11-24T10:00:00+01:00", kind="renewal", about=about)
    for code, said in (("nb", "Ny resept: Apiksaban"), ("en", "New prescription: Apiksaban")):
        (found,) = threads([wish], {}, language(code))
        assert found.topic == said
