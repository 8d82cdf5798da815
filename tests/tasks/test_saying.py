"""What our own code writes into a Task, and what it leaves as another system wrote it."""

from __future__ import annotations

from samjournal.tasks.kinds import ESCALATED, SYSTEM
from samjournal.tasks.saying import beside, said, without_also

THEIRS = {"coding": [{"system": "http://lab.example/state", "code": "B2"}], "text": "waiting for specimen"}
TASK = {"resourceType": "Task", "id": "t", "status": "accepted", "intent": "order", "businessStatus": THEIRS}
TEAM = {"reference": "Organization/ward"}


def test_what_another_system_says_of_a_task_stays_when_its_deadline_passes() -> None:
    late = beside(TASK, TEAM, ESCALATED)
    assert said(late).escalated
    assert late["businessStatus"]["text"] == "waiting for specimen"
    assert late["businessStatus"]["coding"] == [*THEIRS["coding"], {"system": SYSTEM, "code": ESCALATED}]
    assert beside(late, None, ESCALATED)["businessStatus"] == late["businessStatus"]
    assert without_also(late) == TASK


def test_a_state_of_ours_goes_without_a_trace() -> None:
    plain = {name: value for name, value in TASK.items() if name != "businessStatus"}
    assert without_also(beside(plain, TEAM, ESCALATED)) == plain
