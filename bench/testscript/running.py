"""One TestScript from its fixtures to its teardown. hl7.org/fhir/R4/testing.html"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from bench.testscript import asserting, paths
from bench.testscript.asserting import Message
from bench.testscript.paths import NotUnderstood
from bench.testscript.requests import Server, request_of
from samjournal.fhir import xml
from samjournal.fhir.errors import FhirError
from samjournal.fhir.parsing import parse
from samjournal.fhir.structure import check

Result = Literal["pass", "fail", "error", "skip"]
_VARIABLE = re.compile(r"\$\{([A-Za-z0-9_.\-]+)\}")
NOT_DONE = ("origin", "destination")
"""Parts that ask for more than one server or client: a script that has several of them is not run."""


@dataclass
class Step:
    """What came of one action, or of a test as a whole when it could not begin."""

    where: str
    result: Result
    text: str = ""
    kind: Literal["operation", "assert"] = "assert"
    is_warning: bool = False


@dataclass
class Outcome:
    """What came of a script. `not_run` says why, when it was not; then nothing of it counts."""

    name: str
    steps: list[Step] = field(default_factory=list)
    not_run: str = ""

    @property
    def result(self) -> str:
        if self.not_run:
            return "not run"
        return "fail" if any(one.result in ("fail", "error") for one in self.steps) else "pass"


def load(path: Path) -> dict[str, Any]:
    """The resource in a file, JSON or XML. Raises NotUnderstood."""
    try:
        body = path.read_bytes()
        resource: dict[str, Any] = (xml.read(body) if path.suffix == ".xml" else parse(body)).resource
    except (OSError, FhirError) as error:
        raise NotUnderstood(f"{path.name} cannot be read: {error}") from None
    return resource


def run(script: dict[str, Any], server: Server, *, folder: Path) -> Outcome:
    """Everything of a script, in its order; files that its fixtures name lie beside it."""
    outcome = Outcome(script.get("title") or script.get("name", "?"))
    try:
        if unsound := [issue for issue in check(script) if issue.severity == "error" and _counts(issue.path or "")]:
            raise NotUnderstood(f"it is not a sound TestScript: {unsound[0].path}: {unsound[0].text}")
        for name in NOT_DONE:
            if len(script.get(name, [])) > 1:
                raise NotUnderstood(f"it has several of “{name}”; this runner is one client of one server")
        _Run(script, server, folder, outcome).everything()
    except NotUnderstood as error:
        outcome.not_run = str(error)
    except OSError as error:
        outcome.not_run = f"the server does not answer: {error}"
    return outcome


def _counts(at: str) -> bool:
    """Whether a fault there is the script's own: fixtures hold variables and file names, or are wrong on purpose."""
    return not at.startswith(("TestScript.contained", "TestScript.fixture"))


class _Run:
    """A script on its way: what was sent and came, by the ids that the script gives."""

    def __init__(self, script: dict[str, Any], server: Server, folder: Path, outcome: Outcome) -> None:
        self._script, self._server, self._folder, self._outcome = script, server, folder, outcome
        self._known: dict[str, Message] = {}
        self._asked, self._came = Message(), Message()
        self._made: list[str] = []

    def everything(self) -> None:
        """Fixtures, setup, tests; and the teardown, whatever came before it."""
        try:
            self._prepare()
            tests = self._script.get("test", [])
            if self._all("setup", self._script.get("setup", {}).get("action", [])):
                for number, test in enumerate(tests, 1):
                    self._all(test.get("name") or f"test {number}", test.get("action", []))
            else:
                self._outcome.steps += [Step(test.get("name", "test"), "skip", "the setup failed") for test in tests]
        finally:
            self._all("teardown", self._script.get("teardown", {}).get("action", []))
            for id_ in self._made:
                self._operation({"type": {"code": "delete"}, "targetId": id_}, "teardown")

    def _prepare(self) -> None:
        for one in self._script.get("fixture", []):
            reference = one.get("resource", {}).get("reference", "")
            self._known[one["id"]] = Message(resource=self._fixture(reference))
            if one.get("autocreate"):
                asked = {"type": {"code": "create"}, "sourceId": one["id"], "responseId": one["id"]}
                if not self._operation(asked, f"fixture {one['id']}") or self._came.status != 201:
                    raise NotUnderstood(f"the fixture “{one['id']}” could not be created: {self._came.status}")
            if one.get("autodelete"):
                self._made.append(one["id"])

    def _fixture(self, reference: str) -> Any:
        if reference.startswith("#"):
            contained = [one for one in self._script.get("contained", []) if one.get("id") == reference[1:]]
            if not contained:
                raise NotUnderstood(f"the fixture {reference} is not contained")
            return {key: value for key, value in contained[0].items() if key != "id"}
        path = (self._folder / reference).resolve()
        if not reference or "://" in reference or not path.is_relative_to(self._folder.resolve()):
            raise NotUnderstood(f"the fixture “{reference}” is neither contained nor a file beside the script")
        return load(path)

    def _all(self, where: str, actions: Sequence[dict[str, Any]]) -> bool:
        """Whether all actions went well; after one that did not, the rest is passed over."""
        for action in actions:
            if "operation" in action:
                went_well = self._operation(action["operation"], where)
            else:
                went_well = self._assertion(action["assert"], where)
            if not went_well:
                return False
        return True

    def _operation(self, operation: dict[str, Any], where: str) -> bool:
        asked = self._replaced(operation)
        method, url, headers, source = request_of(asked, self._known)
        self._asked, self._came = self._server.send(method, url, headers, self._replaced(source))
        if "requestId" in asked:
            self._known[asked["requestId"]] = self._asked
        if "responseId" in asked:
            self._known[asked["responseId"]] = self._came
        told = asked.get("label") or asked.get("description") or f"{method} {url}"
        # A server's own mistake is never what a script may have asked for.
        result: Result = "error" if self._came.status >= 500 else "pass"
        self._outcome.steps.append(Step(where, result, f"{told}: {self._came.status}", "operation"))
        return result == "pass"

    def _assertion(self, assertion: dict[str, Any], where: str) -> bool:
        asked = self._replaced(assertion)
        message = self._asked if asked.get("direction") == "request" else self._came
        if "requestMethod" in asked or "requestURL" in asked:
            message = self._asked
        others = self._known
        if (least := others.get(asked.get("minimumId", ""))) is not None:
            others = {**others, asked["minimumId"]: replace(least, resource=self._replaced(least.resource))}
        problem = asserting.wrong(asked, message, others)
        told = asked.get("label") or asked.get("description") or _summary(asked)
        if problem is None:
            self._outcome.steps.append(Step(where, "pass", told))
        elif asked.get("warningOnly"):
            self._outcome.steps.append(Step(where, "skip", f"{told}: only a warning: {problem}", is_warning=True))
        else:
            self._outcome.steps.append(Step(where, "fail", f"{told}: {problem}"))
        return problem is None or bool(asked.get("warningOnly"))

    def _replaced(self, value: Any) -> Any:
        """The same with every `${variable}` replaced by what it stands for now."""
        if isinstance(value, str):
            return _VARIABLE.sub(lambda found: self._variable(found[1]), value)
        if isinstance(value, list):
            return [self._replaced(one) for one in value]
        return {key: self._replaced(one) for key, one in value.items()} if isinstance(value, dict) else value

    def _variable(self, name: str) -> str:
        declared = [one for one in self._script.get("variable", []) if one["name"] == name]
        if not declared:
            raise NotUnderstood(f"the variable ${{{name}}} is not declared")
        one = declared[0]
        source = self._known.get(one["sourceId"]) if "sourceId" in one else None
        readers: dict[str, Callable[[Message, str], list[Any]]] = {
            "headerField": lambda message, text: (
                [message.headers[text.lower()]] if text.lower() in message.headers else []
            ),
            "expression": lambda message, text: paths.expression(text, message.resource),
            "path": lambda message, text: paths.path(text, message.resource),
        }
        for kind, read in readers.items():
            if kind in one and source is not None and (found := read(source, one[kind])):
                return str(found[0])
        if "defaultValue" not in one:
            raise NotUnderstood(f"the variable ${{{name}}} has no value here")
        return str(one["defaultValue"])


def _summary(asked: dict[str, Any]) -> str:
    left_out = ("direction", "operator", "warningOnly", "label", "description")
    return "assert " + json.dumps({key: value for key, value in asked.items() if key not in left_out})[1:-1]


def scripts(path: Path) -> Iterator[Path]:
    """The files that may hold TestScripts: the one named, or all in a folder."""
    if path.is_file():
        yield path
        return
    for each in sorted(path.rglob("*")):
        if each.suffix in (".json", ".xml"):
            yield each
