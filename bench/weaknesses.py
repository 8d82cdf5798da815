"""What a scanner of web weaknesses finds: `python -m bench.weaknesses` scans a demo, signed in, and fails on a finding.

    python -m bench.weaknesses [--seconds N] [--into FILE]

Wapiti (GPL, so it is no part of this program and stands in no lock) is fetched by pip into an environment of its own,
.venv/wapiti, and run against the program as a citizen and as staff: it follows links and forms, and then attacks each
with what its modules know. Modules that need a server of others on the internet are left out. `--seconds` is the most
that each module and the crawl may take. `--into` names the page whose section between the marks is written anew.
wapiti-scanner.github.io
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from bench.growth_page import written
from bench.measuring import machine
from bench.program import ROOT, running

VERSION = "3.2.3"
PLACE = ROOT / ".venv" / "wapiti"
MARKS = ("<!-- weaknesses begin -->", "<!-- weaknesses end -->")
PEOPLE = (("ragnhild", "/portal"), ("magnus", "/workspace"))
MODULES = (
    "backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers", "methods",
    "permanentxss", "redirect", "sql", "timesql", "upload", "xss",
)  # fmt: skip
LEAVING = ("/signout", "/signin/*", "/signins/*", "/session/*", "/language", "/workspace/role", "/static/*")
DECIDED = {
    "Lack of anti CSRF token": "forms have no token: where a change comes from is told by the browser"
    " ([decision 0061](../decisions/0061-own-address-and-fetch-metadata.md))",
    "X-Frame-Options is not set": "`frame-ancestors 'none'` takes its place in each browser that the pages support",
}
"""What the scanner calls a weakness and we do not, and why."""
LEAST = 1
"""Findings below are remarks, such as that a page answers POST too."""


@dataclass(frozen=True)
class Scan:
    """Who was signed in, how many pages were found, and each finding: what it is called and where."""

    who: str
    pages: int
    findings: tuple[tuple[str, str], ...]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=120)
    options.add_argument("--into", type=Path)
    asked = options.parse_args()
    wapiti = _fetched()
    with tempfile.TemporaryDirectory(prefix="samjournal-weaknesses-") as scratch:
        scans = asyncio.run(_scanned(wapiti, Path(scratch), asked.seconds))
    told = section(scans, asked.seconds)
    print(told)
    if asked.into:
        asked.into.write_text(written(asked.into.read_text(), told, MARKS))
    if new := [
        f"{scan.who}: {name} at {path}" for scan in scans for name, path in scan.findings if name not in DECIDED
    ]:
        sys.exit("\n".join(new))


def _fetched() -> Path:
    wapiti = PLACE / "bin" / "wapiti"
    if not wapiti.exists():
        print(f"Fetching Wapiti {VERSION} into {PLACE} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", PLACE], check=True)
        subprocess.run([PLACE / "bin" / "pip", "install", "--quiet", f"wapiti3=={VERSION}"], check=True)
    return wapiti


async def _scanned(wapiti: Path, folder: Path, seconds: int) -> list[Scan]:
    async with running(folder / "data", demo=60) as server:
        address = f"http://127.0.0.1:{server.port}"
        return [await asyncio.to_thread(_scan, wapiti, folder, address, *one, seconds) for one in PEOPLE]


def _scan(wapiti: Path, folder: Path, address: str, who: str, begin: str, seconds: int) -> Scan:
    report = folder / f"{who}.json"
    leaving = [word for path in LEAVING for word in ("-x", address + path)]
    command = [
        wapiti, "-u", address + begin, "-s", address + begin, "--scope", "domain",
        "-H", f"Cookie: {_signed_in(address, who)}", "-H", "Sec-Fetch-Site: same-origin", *leaving,
        "-d", "4", "--max-links-per-page", "60", "--max-files-per-dir", "12", "--tasks", "4", "-t", "15",
        "--max-scan-time", str(seconds), "--max-attack-time", str(seconds), "-m", ",".join(MODULES),
        "--store-session", folder / f"session-{who}", "--flush-session", "--no-bugreport", "-f", "json", "-o", report,
    ]  # fmt: skip
    # It keeps its own files at home.
    subprocess.run(command, env={**os.environ, "HOME": str(folder)}, check=True, stdout=subprocess.DEVNULL)
    return read(who, report)


def read(who: str, report: Path) -> Scan:
    """What a report of Wapiti says, remarks left out."""
    told = json.loads(report.read_text())
    found = [
        (one["info"], one["path"])
        for kind in ("vulnerabilities", "anomalies")
        for several in told[kind].values()
        for one in several
        if one["level"] >= LEAST
    ]
    return Scan(who, told["infos"]["crawled_pages_nbr"], tuple(dict.fromkeys(found)))


class _Stays(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _signed_in(address: str, who: str) -> str:
    """The cookie of a session in the demo."""
    sent = {"Sec-Fetch-Site": "same-origin"}
    request = Request(f"{address}/signin/demo", urlencode({"login": who}).encode(), sent, method="POST")
    try:
        answer = build_opener(_Stays).open(request)
    except OSError as error:
        answer = error  # A redirect that is not followed.
    cookie = re.search(r"(?<![\w-])samjournal=[^;]+", " ".join(answer.headers.get_all("set-cookie") or ()))
    assert cookie
    return cookie[0]


def section(scans: list[Scan], seconds: int) -> str:
    """The section of docs/reference/proof.md, marks included."""
    told = machine()
    lines = [
        MARKS[0],
        "",
        f"Last run {datetime.now(UTC):%Y-%m-%d}, after {told['commit']}, {told['cpu']}, {told['cores']} cores;"
        f" Wapiti {VERSION}, a demo of 60, {seconds} seconds at most for each module: {', '.join(MODULES)}.",
        "",
        "| Signed in as | pages and forms found | finding | where | decided |",
        "|---|--:|---|---|---|",
    ]
    for scan in scans:
        names = dict.fromkeys(name for name, _ in scan.findings)
        for name in names:
            places = [path for other, path in scan.findings if other == name]
            where = f"{len(places)} addresses" if len(places) > 2 else ", ".join(f"`{path}`" for path in places)
            lines.append(f"| {scan.who} | {scan.pages} | {name} | {where} | {DECIDED.get(name, '**no**')} |")
        if not names:
            lines.append(f"| {scan.who} | {scan.pages} | none | | |")
    return "\n".join([*lines, "", MARKS[1]])


if __name__ == "__main__":
    main()
