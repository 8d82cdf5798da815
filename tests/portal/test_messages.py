"""Messages in the portal: whose each is, and the answers under what they answer."""

from __future__ import annotations

from typing import Any

from samjournal.portal import messages
from samjournal.ui.language import language

_ = language("nb")


def message(id_: str, sent: str, *, sender: dict[str, Any], answers: str = "", **more: Any) -> dict[str, Any]:
    to = {"inResponseTo": [{"reference": f"Communication/{answers}"}]} if answers else {}
    text = [{"contentString": "Første linje.\n\nAndre linje."}]
    return {"resourceType": "Communication", "id": id_, "status": "completed", "sent": sent, "sender": sender,
            "payload": text, **to, **more}  # fmt: skip


HIS = {"reference": "Patient/kari"}
GP = {"reference": "PractitionerRole/gp", "display": "Magnus Lund"}


def test_an_answer_stands_under_what_it_answers() -> None:
    found = messages.view(
        [
            message("a", "2026-11-20T09:00:00Z", sender=GP, answers="q", recipient=[HIS]),
            message("q", "2026-11-19T09:00:00Z", sender=HIS, recipient=[GP], topic={"text": "Dosen"}),
            message("new", "2026-11-21T09:00:00Z", sender={"reference": "Organization/ward"}),
        ],
        _,
    )
    assert [(one.id, one.by, one.to) for one in found] == [("new", "helsetjenesten", None), ("q", None, "Magnus Lund")]
    (answer,) = found[1].answers
    assert (answer.by, answer.paragraphs) == ("Magnus Lund", ("Første linje.", "Andre linje."))


def test_what_answers_something_that_is_not_shown_stands_for_itself() -> None:
    found = messages.view([message("a", "2026-11-20", sender=GP, answers="hidden")], _)
    assert [one.id for one in found] == ["a"]


def test_answers_in_a_circle_end_and_what_was_an_error_is_not_shown() -> None:
    circle = [message("a", "2026-11-20", sender=GP, answers="b"), message("b", "2026-11-21", sender=HIS, answers="a")]
    wrong = {**message("c", "2026-11-22", sender=GP), "status": "entered-in-error"}
    assert len(messages.view([*circle, wrong], _)) <= 2
