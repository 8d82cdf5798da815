"""The examples of the documentation, run as they stand against the running program: what an integrator copies works."""

from __future__ import annotations

import http.server
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from acceptance.running import ROOT, Program
from samjournal.fhir.errors import Unauthenticated
from samjournal.rest.answers import operation_outcome

EXAMPLES = ROOT / "docs" / "examples"
LAB = "urn:example:laboratory"
COMMANDS = {
    "python": [sys.executable, EXAMPLES / "python" / "example.py"],
    "javascript": ["node", EXAMPLES / "javascript" / "example.mjs"],
    "java": ["java", EXAMPLES / "java" / "Example.java"],
}
TOLD = [
    "1. A token",
    "2. What the server can do",
    "  Samjournal ",
    "3. A patient, by identifier",
    "  Patient/ragnhild",
    "4. A result, stored once however often it is sent",
    "  Observation/",
    "5. Read it back",
    '  4.1 mmol/L, W/"1"',
    "6. Correct it twice, the second time from what was read before the first",
    "  somebody was before us: read again, change that",
    "  4.3 mmol/L, version 3",
    "7. Several resources at once, all or none",
    "  201 Created, 201 Created, 201 Created",
    "8. A search, to its last page",
    "  Kalium, Natrium",
    "9. Errors, by their codes",
    "  404 not-found",
    "  400 invalid",
    "Done: ",
]


def example(language: str, *arguments: str) -> list[str]:
    """The lines that an example prints; it must end well."""
    program, *rest = COMMANDS[language]
    if shutil.which(str(program)) is None:
        pytest.skip(f"{program} is not installed on this machine")
    line = [str(part) for part in (program, *rest, *arguments)]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=180, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout.splitlines()


def found(program: Program, query: str) -> list[dict[str, Any]]:
    with program.door() as door:
        return [entry["resource"] for entry in door.get(f"/{query}").json().get("entry", [])]


@pytest.mark.parametrize("language", COMMANDS)
def test_the_example_tells_its_story_and_the_record_has_what_it_says(program: Program, language: str) -> None:
    lines = example(language, program.address)
    assert [line[: len(told)] for line, told in zip(lines, TOLD, strict=True)] == TOLD
    number = lines[-1].removeprefix("Done: ")
    (potassium,) = found(program, f"Observation?identifier={LAB}|{number}-kalium")
    assert (potassium["valueQuantity"]["value"], potassium["meta"]["versionId"]) == (4.3, "3")
    (sodium,) = found(program, f"Observation?identifier={LAB}|{number}-natrium")
    (specimen,) = found(program, f"Specimen?identifier={LAB}|{number}-specimen")
    (report,) = found(program, f"DiagnosticReport?identifier={LAB}|{number}-report")
    assert report["result"] == [{"reference": f"Observation/{sodium['id']}"}]
    assert sodium["specimen"] == {"reference": f"Specimen/{specimen['id']}"}


RUN_OUT = json.dumps(operation_outcome(Unauthenticated("It has run out.").issues, Unauthenticated.kind)).encode()


@dataclass
class Relay:
    """A place before the server that asks for patience once at every address, does what it is told and then breaks off,
    and once finds the token too old."""

    target: str
    asked: list[str] = field(default_factory=list)
    address: str = ""


class _Handler(http.server.BaseHTTPRequestHandler):
    relay: Relay

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        what = f"{self.command} {self.path}"
        self.relay.asked.append(what)
        first = self.relay.asked.count(what) == 1 and self.path.startswith("/fhir/")
        if first and self.command == "PUT":
            # It is done, and the answer never comes.
            self._passed_on(body)
            self.close_connection = True
        elif first and "/Patient?" in self.path:
            self._told(401, {"content-type": "application/fhir+json"}, RUN_OUT)
        elif first:
            self._told(503 if self.command == "POST" else 429, {"retry-after": "0"}, b"{}")
        else:
            answer = self._passed_on(body)
            kept = {name: value for name, value in answer.headers.items() if name in ("content-type", "etag")}
            self._told(answer.status_code, kept, answer.content)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815

    def _passed_on(self, body: bytes) -> httpx.Response:
        left = ("host", "content-length", "connection", "accept-encoding", "upgrade", "http2-settings")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in left}
        return httpx.request(self.command, self.relay.target + self.path, content=body, headers=headers, timeout=30)

    def _told(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal of the tests."""


@pytest.fixture
def relay(program: Program) -> Iterator[Relay]:
    made = Relay(program.address)
    handler = type("Handler", (_Handler,), {"relay": made})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        made.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("language", COMMANDS)
def test_for_the_patient_that_was_named_it_waits_when_asked_to_and_stores_nothing_twice(
    program: Program, relay: Relay, language: str
) -> None:
    (mina,) = found(program, "Patient?_id=mina")
    known = mina["identifier"][0]
    lines = example(language, relay.address, f"{known['system']}|{known['value']}")
    assert "  Patient/mina" in lines
    number = lines[-1].removeprefix("Done: ")
    assert "  asked to wait 0 s" in lines
    assert "  the token has run out: get another" in lines
    assert relay.asked.count("POST /sandbox/token") == 2
    assert relay.asked.count("POST /fhir/") == 2
    assert len([one for one in relay.asked if one.startswith("PUT ")]) >= 3
    (potassium,) = found(program, f"Observation?identifier={LAB}|{number}-kalium")
    assert potassium["valueQuantity"]["value"] == 4.3
    assert potassium["subject"] == {"reference": "Patient/mina"}
    assert len(found(program, f"Observation?identifier={LAB}|{number}-natrium")) == 1


@pytest.mark.parametrize("language", COMMANDS)
def test_the_example_fits_on_a_few_pages_and_needs_no_package(language: str) -> None:
    path = Path(COMMANDS[language][-1])
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 350
    assert not [part for part in path.parent.iterdir() if part != path and part.name != "__pycache__"]


def test_the_command_lists_the_systems_and_prints_a_token_alone(program: Program) -> None:
    listed = program.run("sandbox")
    assert listed.returncode == 0
    assert "laboratory: Laboratory" in listed.stdout
    printed = program.run("sandbox", "--client", "research")
    assert printed.stdout.count("\n") == 1
    headers = {"authorization": f"Bearer {printed.stdout.strip()}"}
    assert httpx.get(f"{program.address}/fhir/Observation?_count=1", headers=headers).status_code == 200
    assert httpx.get(f"{program.address}/fhir/Patient?_count=1", headers=headers).status_code == 403
    unknown = program.run("sandbox", "--client", "reserch")
    assert unknown.returncode == 4
    assert "research" in unknown.stderr
