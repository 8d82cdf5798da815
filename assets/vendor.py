"""Puts what the pages need from npm packages where the wheel picks it up. Nothing of it is committed.

Run by assets/build.py after `npm ci`; running it again gives the same bytes.
"""

from __future__ import annotations

import math
import re
import shutil
import struct
import zlib
from pathlib import Path

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
VENDOR = HERE.parent / "src" / "samjournal" / "ui" / "vendor"
TEST_VENDOR = HERE.parent / "tests" / "vendor"
SOURCES = HERE.parent / "src" / "samjournal"

STYLES = (
    "@digdir/designsystemet-css/dist/theme/designsystemet.css",
    "@digdir/designsystemet-css/dist/src/index.css",
)
PORTAL = (
    *("base", "link", "heading", "label", "paragraph", "validation-message", "button", "input", "field", "fieldset"),
    *("alert", "details", "list", "card", "divider", "tag", "error-summary", "table"),
)
"""What of Designsystemet the portal and sign-in use: half as much to wait for on a slow phone. A page that needs
another component adds its file here; tests/portal/test_weight.py tells when one is missing."""
FONTS = ("latin", "latin-ext")
APP_ICONS = (180, 192, 512)
"""Sizes in pixels of the icon of the installed portal: for iOS, and for what Chromium asks for."""

# Name in our templates and view code -> file in NAV's Aksel icons.
ICONS = {
    "allergy": "ExclamationmarkTriangleFill",
    "arrow-left": "ArrowLeft",
    "arrow-right": "ArrowRight",
    "arrow-up": "ArrowUp",
    "arrow-down": "ArrowDown",
    "bed": "Bed",
    "bell": "Bell",
    "calendar": "Calendar",
    "care": "HandHeart",
    "chat": "Chat",
    "check": "Checkmark",
    "check-circle": "CheckmarkCircle",
    "child": "Stroller",
    "chevron-down": "ChevronDown",
    "chevron-left": "ChevronLeft",
    "chevron-right": "ChevronRight",
    "clock": "Clock",
    "clock-dashed": "ClockDashed",
    "close": "XMark",
    "download": "Download",
    "drop": "Raindrop",
    "edit": "NotePencil",
    "error": "XMarkOctagonFill",
    "eye": "Eye",
    "file": "FileText",
    "flask": "TestFlask",
    "heart": "Heart",
    "help": "QuestionmarkCircle",
    "home": "House",
    "hourglass": "Hourglass",
    "house-heart": "HouseHeart",
    "inbox": "Inbox",
    "info": "InformationSquare",
    "leave": "Leave",
    "list": "BulletList",
    "location": "LocationPin",
    "lock": "PadlockLocked",
    "note": "NotePencil",
    "offline": "CloudSlash",
    "people": "PersonGroup",
    "person": "Person",
    "phone": "Phone",
    "pill": "PillRectangle",
    "plus": "Plus",
    "pulse": "Heart",
    "reload": "ArrowCirclepath",
    "referral": "ArrowsSquarepath",
    "role": "Buildings2",
    "search": "MagnifyingGlass",
    "shield": "ShieldCheckmark",
    "shield-lock": "ShieldLock",
    "stethoscope": "Stethoscope",
    "swap": "ArrowRightLeft",
    "tasks": "Tasklist",
    "video": "Video",
    "warning": "ExclamationmarkTriangle",
}


def main() -> None:
    """Fills ui/vendor and tests/vendor anew."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    TEST_VENDOR.mkdir(parents=True, exist_ok=True)
    (VENDOR / "designsystemet.css").write_text(
        "\n".join((MODULES / style).read_text(encoding="utf-8") for style in STYLES), encoding="utf-8"
    )
    (VENDOR / "designsystemet-portal.css").write_text(portal_styles(), encoding="utf-8")
    for size in APP_ICONS:
        (VENDOR / f"app-{size}.png").write_bytes(app_icon(size))
    for subset in FONTS:
        file = f"inter-{subset}-wght-normal.woff2"
        shutil.copyfile(MODULES / "@fontsource-variable/inter/files" / file, VENDOR / f"inter-{subset}.woff2")
    shutil.copyfile(MODULES / "htmx.org/dist/htmx.min.js", VENDOR / "htmx.js")
    (VENDOR / "icons.svg").write_text(sprite(ICONS), encoding="utf-8")
    (VENDOR / "LICENSES.txt").write_text(licences(), encoding="utf-8")
    shutil.copyfile(MODULES / "axe-core/axe.min.js", TEST_VENDOR / "axe.min.js")


def portal_styles() -> str:
    """The theme and the components of PORTAL, in the layers that Designsystemet's own index gives them."""
    package = MODULES / "@digdir/designsystemet-css" / "dist"
    parts = ["@layer ds.theme, ds.base, ds.components;", (package / "theme/designsystemet.css").read_text("utf-8")]
    for name in PORTAL:
        layer = "base" if name == "base" else "components"
        parts.append(f"@layer ds.{layer}{{{(package / f'src/{name}.css').read_text('utf-8')}}}")
    return "\n".join(parts)


def app_icon(size: int) -> bytes:
    """The two rings of ui/assets/logo.svg in white on petrol, as a PNG: inside the middle 60 %, so that no mask of a
    phone cuts them. w3.org/TR/png"""
    head, ring = (10, 58, 79), (255, 255, 255)
    scale, rows = size * 0.6 / 32, []
    for y in range(size):
        row = bytearray([0])
        for x in range(size):
            u, v = (x + 0.5 - size / 2) / scale + 16, (y + 0.5 - size / 2) / scale + 16
            # How far from the middle of the nearest stroke, in pixels; the edge is half covered.
            away = min(abs(math.hypot(u - middle, v - 16) - 9) for middle in (12, 20))
            covered = min(1.0, max(0.0, (1.7 - away) * scale + 0.5))
            row += bytes(round(a + (b - a) * covered) for a, b in zip(head, ring, strict=True))
        rows.append(bytes(row))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    drawn = zlib.compress(b"".join(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", drawn) + chunk(b"IEND", b"")


def sprite(icons: dict[str, str]) -> str:
    """One SVG file with a <symbol> for each icon, taking its colour from the text around it."""
    symbols = "\n".join(symbol(name, file) for name, file in icons.items())
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def symbol(name: str, file: str) -> str:
    """One icon as a <symbol>; only the drawing itself is taken over."""
    drawing = (MODULES / "@navikt/aksel-icons/dist/svg" / f"{file}.svg").read_text(encoding="utf-8")
    inner = re.sub(r"\s+", " ", drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")]).strip()
    inner = re.sub(r'(?<= d=")[^"]+', lambda path: rounded(path[0]), inner)
    return f'<symbol id="{name}" viewBox="0 0 24 24" fill="none">{inner}</symbol>'


def rounded(path: str) -> str:
    """A path with two decimals, a hundredth of a pixel: every page carries the icons, a quarter lighter so. Arcs stay
    as they are, since their numbers may be written together."""
    if "a" in path.lower():
        return path

    def number(found: re.Match[str]) -> str:
        short = f"{float(found[0]):.2f}".rstrip("0").rstrip(".").removeprefix("0") or "0"
        apart = "." not in short and path[found.end() : found.end() + 1] == "."  # "2.001.5" are two numbers.
        return f"{short} " if apart else short

    return re.sub(r"\d*\.\d+", number, path)


def licences() -> str:
    """The licences that must travel with what was copied."""
    packages = ("@digdir/designsystemet-css", "@fontsource-variable/inter", "htmx.org", "@navikt/aksel-icons")
    texts = []
    for package in packages:
        found = sorted((MODULES / package).glob("LICEN[SC]E*"))
        texts.append(f"== {package}\n\n" + (found[0].read_text(encoding="utf-8") if found else "See the package.\n"))
    return "\n\n".join(texts)


if __name__ == "__main__":
    main()
