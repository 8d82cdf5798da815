"""The files of a DocumentReference: listed by name, kind and size, and opened one by one.

    listed(document, place, language) -> list[File]     `place` is the address that their numbers are put behind
    opened(request, document, number) -> Response       one of them, numbered from 1; else a page that says why not
    paper(body, title) -> Response                      a PDF that we made, shown by the browser; `saved` to be saved

What others sent is never a page of ours: PDF, pictures and plain text are shown when the bytes are what they are said
to be, all else is saved; nothing in them runs, is kept by the browser, or fetches anything.
hl7.org/fhir/R4/datatypes.html#attachment · rfc-editor.org/rfc/rfc6266 · w3.org/TR/CSP3/#directive-sandbox
"""

from __future__ import annotations

import base64
import binascii
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from samjournal.ui import formats
from samjournal.ui.errors import NOT_FOUND, Words
from samjournal.ui.language import Language, marked
from samjournal.ui.pages import render

MOST: Final = 24 * 2**20
"""The bytes of a file that is opened from a page: as many as a whole message may have."""
_LONGEST: Final = 100
_SHOWN: Final[Mapping[str, tuple[bytes, int]]] = {
    "application/pdf": (b"%PDF-", 1024),
    "image/jpeg": (b"\xff\xd8\xff", 3),
    "image/png": (b"\x89PNG\r\n\x1a\n", 8),
    "image/gif": (b"GIF8", 4),
    "text/plain": (b"", 0),
}
"""What a browser may show: what stands within how many of the first bytes."""
_ENDINGS: Final[Mapping[str, str]] = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/tiff": "tiff",
    "text/plain": "txt",
    "text/html": "txt",
    "image/svg+xml": "txt",
    "text/csv": "csv",
    "text/rtf": "rtf",
    "application/rtf": "rtf",
    "text/xml": "xml",
    "application/xml": "xml",
    "application/zip": "zip",
    "application/dicom": "dcm",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
"""How the names of saved files end; what can run when it is opened from a disk is saved as text, the unknown as bin."""
_INERT: Final = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; "
    "object-src 'self'; base-uri 'none'; frame-ancestors 'none'",
}
_ELSEWHERE: Final = Words(
    marked("Filen ligger ikke her"),
    marked("Bare en lenke til filen kom med. Samjournal henter ikke filer fra andre steder."),
    marked("Ingenting er vist eller endret."),
    marked("Be den som sendte den, om å sende selve filen."),
)
_EMPTY: Final = Words(
    marked("Filen er tom"),
    marked("Navnet på filen kom med, men ikke det som skulle stå i den."),
    marked("Ingenting er vist eller endret."),
    marked("Be den som sendte den, om å sende selve filen."),
)
_TOO_LARGE: Final = Words(
    marked("Filen er for stor til å åpnes her"),
    marked("Sidene viser filer på opptil 24 MB."),
    marked("Ingenting er vist eller endret. Filen ligger i journalen."),
    marked("Be brukerstøtte om å hente den ut."),
)


@dataclass(frozen=True, slots=True)
class File:
    """One file. `address` is "" for what cannot be opened, and `why` says why; `shows`: a browser shows it."""

    name: str
    kind: str
    size: str
    address: str
    why: str
    shows: bool


def listed(document: Mapping[str, Any], place: str, language: Language) -> list[File]:
    """The files in their order; `place` ends without a stroke."""
    return [
        _file(document, one.get("attachment") or {}, f"{place}/{number}", language)
        for number, one in enumerate(document.get("content") or (), start=1)
    ]


def _file(document: Mapping[str, Any], of: Mapping[str, Any], address: str, _: Language) -> File:
    size, why = _bytes(of), _why(of)
    return File(
        name=str(of.get("title") or document.get("description") or _("Vedlegg")),
        kind=_kind(_media(of), _),
        size=_size(size, _) if size else "",
        address="" if why else address,
        why=_(why.title) if why else "",
        shows=_media(of) in _SHOWN,
    )


def opened(request: Request, document: Mapping[str, Any], number: int) -> Response:
    """The file, to be shown, or saved with `save` in the address; a page with 404 or 413 for what cannot be opened."""
    files = document.get("content") or ()
    if not 0 < number <= len(files):
        return _told(request, NOT_FOUND, 404)
    of = files[number - 1].get("attachment") or {}
    if why := _why(of):
        return _told(request, why, 413 if why is _TOO_LARGE else 404)
    try:
        data = base64.b64decode(of["data"])
    except (binascii.Error, ValueError):
        return _told(request, _EMPTY, 404)
    media = _media(of)
    begins, within = _SHOWN.get(media, (b"", 0))
    shows = media in _SHOWN and begins in data[:within] and "save" not in request.query_params
    name = file_name(str(of.get("title") or document.get("description") or ""), media)
    named = f"filename=\"{_ascii(name)}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {**_INERT, "content-disposition": f"{'inline' if shows else 'attachment'}; {named}"}
    if media == "text/plain":
        media = f"text/plain; charset={_charset(data)}"
    return Response(data, headers={**headers, "content-type": media if shows else "application/octet-stream"})


def paper(body: bytes, title: str, *, saved: bool = False) -> Response:
    """A PDF of ours under a name that is made of its title. Kept by nobody on its way."""
    name = file_name(title, "application/pdf")
    named = f"filename=\"{_ascii(name)}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {**_INERT, "content-disposition": f"{'attachment' if saved else 'inline'}; {named}"}
    return Response(body, headers=headers, media_type="application/pdf")


def file_name(title: str, media: str) -> str:
    """A name that every system takes and that leads nowhere else, with the ending of what it is."""
    plain = "".join(one for one in unicodedata.normalize("NFC", title) if unicodedata.category(one)[0] != "C")
    plain = "".join(" " if one in '/\\:*?"<>|%;' else one for one in plain)
    plain = " ".join(plain.split()).strip(". ")[:_LONGEST].rstrip(". ") or "vedlegg"
    ending = f".{_ENDINGS.get(media, 'bin')}"
    return plain if plain.casefold().endswith(ending) else plain + ending


def _ascii(name: str) -> str:
    for letter, plain in (("æ", "ae"), ("ø", "o"), ("å", "a"), ("Æ", "AE"), ("Ø", "O"), ("Å", "A")):
        name = name.replace(letter, plain)
    return unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode() or "vedlegg"


def _media(of: Mapping[str, Any]) -> str:
    return str(of.get("contentType") or "").partition(";")[0].strip().lower()


def _bytes(of: Mapping[str, Any]) -> int:
    return len(str(of.get("data") or "").rstrip("=")) * 3 // 4


def _why(of: Mapping[str, Any]) -> Words | None:
    size = _bytes(of)
    if size <= 0:
        return _ELSEWHERE if of.get("url") else _EMPTY
    return _TOO_LARGE if size > MOST else None


def _kind(media: str, _: Language) -> str:
    if media.startswith("image/") and media in _SHOWN:
        return _("bilde")
    return _("tekst") if media == "text/plain" else _ENDINGS.get(media, "").upper() or _("fil")


def _size(size: int, _: Language) -> str:
    if size < 1000:
        return f"{size} byte"
    if size < 1_000_000:
        return f"{formats.number(round(size / 1000), language=_, decimals=0)} kB"
    return f"{formats.number(size / 1_000_000, language=_, decimals=1)} MB"


def _charset(data: bytes) -> str:
    try:
        data.decode()
    except UnicodeDecodeError:
        return "iso-8859-1"
    return "utf-8"


def _told(request: Request, words: Words, status: int) -> Response:
    return render(request, "ui/error.html", status=status, words=words, detail="", error_status=status, back="")
