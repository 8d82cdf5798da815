"""The portal as an app on a phone: its manifest, its service worker, and the page that stands when there is no net.

    manifest(request)                                   GET /portal/manifest.webmanifest
    worker(request)                                     GET /portal/worker.js
    offline(request)                                    GET /portal/offline, in the language `in`

The worker keeps styles, scripts, the font, the icons and the page without net, and nothing that anybody's record says:
another who uses the phone finds nothing there. docs/decisions/0050. w3.org/TR/appmanifest, w3.org/TR/service-workers
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from samjournal.ui import static
from samjournal.ui.language import CODES, language, marked
from samjournal.ui.pages import language_of, render

KIT: Final = (
    "designsystemet-portal.css",
    "samjournal.css",
    "live.js",
    "once.js",
    "icons.svg",
    "inter-latin.woff2",
    "logo.svg",
)
"""Of the page kit what the portal's pages load."""
COLOUR, GROUND = "#0a3a4f", "#f5f7f8"
SHORTCUTS: Final = (
    (marked("Timer"), "/portal/appointments"),
    (marked("Meldinger"), "/portal/messages"),
    (marked("Svar og målinger"), "/portal/results"),
)
AT_ONCE: Final = {"cache-control": "no-cache"}
"""Asked for anew each time: what is new of them must not wait."""


async def manifest(request: Request) -> Response:
    """How the installed app is called, where it begins and what it looks like, in the reader's language."""
    _ = language(language_of(request))
    icons = [{"src": static.address(f"app-{size}.png"), "type": "image/png", "sizes": size_} for size, size_ in _PNG]
    icons.append({"src": static.address("logo.svg"), "type": "image/svg+xml", "sizes": "any"})
    icons.append({**icons[1], "purpose": "maskable"})
    told: dict[str, Any] = {
        "id": "/portal",
        "name": _("Samjournal, journalen din"),
        "short_name": "Samjournal",
        "description": _("Timer, svar, medisiner og meldinger, og hvem som har lest journalen din."),
        "lang": _.code,
        "dir": "ltr",
        "start_url": "/portal",
        # Signing in lies outside the portal, and inside the app.
        "scope": "/",
        "display": "standalone",
        "theme_color": COLOUR,
        "background_color": GROUND,
        "icons": icons,
        "shortcuts": [{"name": _(name), "url": address} for name, address in SHORTCUTS],
    }
    return Response(
        json.dumps(told, ensure_ascii=False),
        media_type=static.TYPES[".webmanifest"],
        headers={**AT_ONCE, "content-language": _.code, "vary": "cookie, accept-language"},
    )


_PNG: Final = ((192, "192x192"), (512, "512x512"))


async def worker(_request: Request) -> Response:
    """The service worker, which may see to all of the portal and nothing beside it."""
    return Response(
        _worker(),
        media_type=static.TYPES[".js"],
        headers={**AT_ONCE, "service-worker-allowed": "/portal"},
    )


_WORKERS: Final = ("portal/worker.js", "portal/push.js")


@cache
def _worker() -> str:
    """The worker with the names of what it keeps: it is another as soon as one of the files is."""
    faces = [name for name in static.files() if name.startswith("portal/") and name not in _WORKERS]
    kept = [static.address(name) for name in (*KIT, *faces)]
    pages = [f"/portal/offline?in={code}" for code in CODES]
    names = f"const VERSION = {json.dumps(static.version())};\nconst FILES = {json.dumps([*kept, *pages])};\n"
    scripts = [Path(__file__).parent / "assets" / name for name in ("worker.js", "push.js")]
    return names + "\n".join(script.read_text(encoding="utf-8") for script in scripts)


async def offline(request: Request) -> Response:
    """What stands when there is no net: since when, what needs it, and what to do. The same for everybody."""
    if (code := request.query_params.get("in", "")) in CODES:
        request.state.language = code
    request.state.session = None  # It is kept on the phone, and about nobody.
    return render(request, "portal/offline.html")


def routes() -> list[BaseRoute]:
    """What a browser asks for to install the portal; all of it open, since none of it is about anybody."""
    return [
        Route("/portal/manifest.webmanifest", manifest),
        Route("/portal/worker.js", worker),
        Route("/portal/offline", offline),
    ]
