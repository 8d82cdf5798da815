"""The three languages of the pages: bokmål is what the code says, nynorsk and English stand in catalogues.

Each face keeps `locale/nn.po` and `locale/en.po`; the catalogues are read once and shared. `_("…")` marks a
text both in templates and in view code. gnu.org/software/gettext/manual/html_node/PO-Files.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

CODES: Final = ("nb", "nn", "en")
NAMES: Final = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
COOKIE: Final = "lang"
MANY: Final = "many\x04"
"""Before a text of several, in the way of gettext. gnu.org/software/gettext/manual"""
FACES: Final = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Language:
    """One language: call it with a bokmål text to get the text to show."""

    code: str
    texts: Mapping[str, str]

    def __call__(self, text: str, /, **values: object) -> str:
        """The text in this language, with `{name}` replaced by the values."""
        said = self.texts.get(text, text)
        return said.format(**values) if values else said

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """`one` or `many` by the number, which the text may show as `{n}`. Where bokmål says both alike, the catalogue
        of a language that does not has `many` apart: `msgctxt "many"`."""
        apart = MANY + many
        said = one if number == 1 else apart if apart in self.texts else many
        return self(said, n=number, **values)


def marked(text: str) -> str:
    """Marks a text of a table for the catalogues; it is translated where it is shown."""
    return text


@cache
def language(code: str) -> Language:
    """The language by its code; an unknown code gives bokmål."""
    if code not in ("nn", "en"):
        return Language("nb", {})
    texts: dict[str, str] = {}
    for path in catalogues(code):
        texts.update(entries(path))
    return Language(code, texts)


def catalogues(code: str) -> list[Path]:
    """The catalogue files of all faces for one language."""
    return sorted(FACES.glob(f"*/locale/{code}.po"))


def entries(path: Path) -> dict[str, str]:
    """What one catalogue file says, without what is still untranslated."""
    with path.open("rb") as file:
        catalogue = read_po(file)
    return {
        (f"{message.context}\x04" if message.context else "") + message.id: message.string
        for message in catalogue
        if isinstance(message.id, str) and isinstance(message.string, str) and message.id and message.string
    }


def preferred(*, cookie: str | None, accepted: str | None) -> str:
    """The language of a request: the reader's own choice, else what the browser asks for, else bokmål."""
    if cookie in CODES:
        return cookie
    return next((code for code in _asked_for(accepted or "") if code), "nb")


def _asked_for(header: str) -> Iterable[str | None]:
    """Accept-Language by weight; `no` is bokmål. rfc-editor.org/rfc/rfc9110#field.accept-language"""
    weighed = []
    for part in header[:200].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), tag.strip().lower()))
        except ValueError:
            continue
    for _weight, tag in sorted(weighed, key=lambda pair: pair[0]):
        main = tag.split("-")[0]
        yield "nb" if main in ("no", "nb", "da", "sv") else main if main in CODES else None
