"""A simulator of the address register: a real HTTP server that answers with the official example answers, and stumbles
as registers do."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from exchange.letters import SHARED

NHN = SHARED / "fiks-nhn" / "adresseregisteret-client" / "src" / "test" / "resources"
REGISTRIES = SHARED / "amqp-helsenorge-messaging" / "test" / "Helsenorge.Registries.Tests" / "Files"
MESSAGING = SHARED / "amqp-helsenorge-messaging" / "test" / "Helsenorge.Messaging.Tests" / "Files"
Answer = Callable[[BaseHTTPRequestHandler], None]


def saying(data: bytes, status: int = 200) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    return answer


def hanging(until: threading.Event) -> Answer:
    return lambda request: bool(until.wait(30)) and None  # type: ignore[func-returns-value]


def cutting(request: BaseHTTPRequestHandler) -> None:
    """Half an answer, and gone."""
    request.send_response(200)
    request.send_header("Content-Length", "5000")
    request.end_headers()
    request.wfile.write(b"<half")
    request.connection.close()


@dataclass
class Registry:
    """Answers by what is asked: `details/HER`, `profile/HER`, or for SOAP the operation with the HER-id."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    first: list[Answer] = field(default_factory=list)
    """What the next ones get instead, whatever they ask."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def handle(self, request: BaseHTTPRequestHandler, what: str) -> None:
        self.asked.append((what, {name.lower(): value for name, value in request.headers.items()}))
        answer = self.first.pop(0) if self.first else self.answers.get(what, saying(b"not here", 404))
        answer(request)


@contextmanager
def registry() -> Iterator[Registry]:
    made = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.handle(self, urlsplit(self.path).path.strip("/"))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            operation = re.search(r"<(Get\w+) ", body)
            her = re.search(r"<herId>(\d+)</herId>", body)
            assert operation is not None
            assert her is not None
            assert operation[1] in self.headers["Content-Type"]
            made.handle(self, f"{operation[1]}/{her[1]}")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
