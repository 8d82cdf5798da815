"""What came of a script, as a TestReport for those who keep them. hl7.org/fhir/R4/testreport.html"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bench.testscript.running import Outcome, Step

_AROUND = ("setup", "teardown")


def report(outcome: Outcome, script: dict[str, Any]) -> dict[str, Any]:
    """The TestReport. A script that was not run is one that was stopped: it has neither passed nor failed."""
    judged = [one for one in outcome.steps if one.kind == "assert" and one.result != "skip"]
    parts: dict[str, list[Step]] = {}
    for step in outcome.steps:
        parts.setdefault(step.where, []).append(step)
    made: dict[str, Any] = {
        "resourceType": "TestReport",
        "name": outcome.name,
        "status": "stopped" if outcome.not_run else "completed",
        "testScript": {"display": script.get("url", outcome.name)},
        "result": "pending" if outcome.not_run else outcome.result,
        "issued": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "tester": "Samjournal, bench.testscript",
    }
    if outcome.not_run:
        made["text"] = {
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml">Not run: {_plain(outcome.not_run)}</div>',
        }
    if judged:
        made["score"] = round(100 * sum(one.result == "pass" for one in judged) / len(judged), 1)
    if "setup" in parts:
        made["setup"] = {"action": [_action(one) for one in parts["setup"]]}
    if tests := [name for name in parts if name not in _AROUND]:
        made["test"] = [{"name": name, "action": [_action(one) for one in parts[name]]} for name in tests]
    if "teardown" in parts:
        made["teardown"] = {"action": [_action(one) for one in parts["teardown"]]}
    return made


def _action(step: Step) -> dict[str, Any]:
    result = "warning" if step.is_warning else step.result
    return {step.kind: {"result": result, "message": step.text or step.where}}


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
