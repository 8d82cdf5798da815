"""Static files: read once, packed once, cached by browsers for ever under an address that changes with them.

All files share one hash, so a stylesheet may name its font by a relative address. Files of the kit lie at the
top, files of a face below its name: `/static/<hash>/samjournal.css`, `/static/<hash>/portal/portal.css`.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PACKAGES: Final = Path(__file__).parent.parent
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class File:
    """One static file as it is sent."""

    type: str
    plain: bytes
    packed: bytes | None


@cache
def files() -> Mapping[str, File]:
    """Every static file by its name below the hash."""
    found = {path.name: path for folder in ("assets", "vendor") for path in (PACKAGES / "ui" / folder).glob("*.*")}
    for path in PACKAGES.glob("*/assets/*.*"):
        if path.parent.parent.name != "ui":
            found[f"{path.parent.parent.name}/{path.name}"] = path
    return {name: _file(path) for name, path in sorted(found.items()) if path.suffix in TYPES}


@cache
def version() -> str:
    """The hash of all files together."""
    digest = hashlib.sha256()
    for name, file in files().items():
        digest.update(name.encode() + b"\0" + file.plain)
    return digest.hexdigest()[:16]


def address(name: str) -> str:
    """Where a static file lies: what `static("live.js")` gives in a template."""
    if name not in files():
        raise LookupError(f"No static file is called {name}. Has assets/vendor.py been run?")
    return f"/static/{version()}/{name}"


async def serve(request: Request) -> Response:
    """The file; under another hash than today's it is sent too, but not kept by the browser."""
    file = files().get(request.path_params["name"])
    if file is None:
        return Response("Filen finnes ikke.", status_code=404, media_type="text/plain")
    headers = {
        "cache-control": FOREVER if request.path_params["version"] == version() else "no-store",
        "vary": "accept-encoding",
    }
    body = file.plain
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = file.packed, "gzip"
    return Response(body, media_type=file.type, headers=headers)


def routes() -> list[Route]:
    """The route of the static files."""
    return [Route("/static/{version}/{name:path}", serve, name="static")]


def _file(path: Path) -> File:
    plain = path.read_bytes()
    packed = gzip.compress(plain, 9, mtime=0) if path.suffix not in (".woff2", ".png") else None
    return File(TYPES.get(path.suffix, ""), plain, packed)
