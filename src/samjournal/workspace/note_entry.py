"""What comes from the form of a note: its words, its draft, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from starlette.datastructures import FormData

from samjournal.fhir.errors import Invalid
from samjournal.notes import FIELDS as CODED
from samjournal.notes import KINDS, ORDINARY, Section, Written, packed
from samjournal.record import DraftText, Ending
from samjournal.ui.language import language
from samjournal.workspace.comparing import chosen, combined
from samjournal.workspace.counted import counted

LONGEST_TITLE: Final = 120
LONGEST: Final = 20_000
FIELDS: Final = 1000
"""So many fields a form of a note has at most: three for each of its sections, one for each coded value, and three for
each block in it; a template has twenty headings, and each may have every block."""


@dataclass(frozen=True, slots=True)
class NoteEntry:
    """A note as the form has it. `draft` is the id of its draft, `version` the one that the page had before it, `page`
    the open page; `signer` and `countersigner` are what was typed or chosen. `diagnoses` and `tariffs` are lines with
    what they stand for already (reference and version, '' and 0 of new ones); None when the form has none. `base` is
    the version that was read of a note that stands."""

    written: Written
    draft: str
    version: int
    page: str
    role: str
    act: str
    signer: str = ""
    countersigner: str = ""
    diagnoses: list[tuple[str, str, int]] | None = None
    tariffs: list[tuple[str, str, int]] | None = None
    base: int = 0

    def text_about(self, about: str = "Composition") -> DraftText:
        """What the draft keeps; `about` says of which note when it changes one that stands."""
        return DraftText(
            packed(self.written),
            title=self.written.title or self.written.words.partition("\n")[0][:60],
            about=about,
            base=self.base,
            version=self.version,
            page=self.page,
            quiet=self.written.is_reserved,
        )

    @property
    def ending(self) -> Ending | None:
        """The draft that ends when this is signed; forms of old pages have none."""
        try:
            return Ending(UUID(self.draft), self.version, self.page) if self.draft else None
        except ValueError:
            raise Invalid("The draft has no id that can be read. Open the page anew.") from None


def entry_of(form: FormData) -> NoteEntry:
    """The form as it was sent. Headings, texts and references come once for each section, in their order. The sign that
    no text may hold, which comes along when somebody pastes, is left out."""
    form = chosen(FormData([(name, str(value).replace("\x00", "")) for name, value in form.multi_items()]))

    def one(name: str, longest: int = 200) -> str:
        return " ".join(str(form.get(name, "")).split())[:longest]

    def lines(name: str) -> list[tuple[str, str, int]] | None:
        said = [" ".join(str(each).split())[:200] for each in form.getlist(name)]
        of, versions = form.getlist(f"{name}-of"), form.getlist(f"{name}-version")
        found = [
            (
                line,
                str(of[at])[:100] if at < len(of) else "",
                counted(versions[at]) if at < len(versions) else 0,
            )
            for at, line in enumerate(said)
        ]
        return found or None

    typed, mine, theirs = (
        [str(each).replace("\r\n", "\n").strip() for each in form.getlist(name)] for name in ("text", "mine", "theirs")
    )
    texts = combined(one("take", 10), typed, mine, theirs)
    headings = [" ".join(str(each).split())[:LONGEST_TITLE] for each in form.getlist("heading")]
    entries = [tuple(str(each).split()) for each in form.getlist("entries")]
    sections = tuple(
        Section(
            headings[at] if at < len(headings) else "",
            text,
            entries[at] if at < len(entries) else (),
        )
        for at, text in enumerate(texts)
    )
    version, base = one("version", 9), one("base", 9)
    coded = {name: tuple(lines(name) or ()) for name in ("diagnosis", "tariff") if base and name in form}
    blocks = [str(each)[:40] for each in form.getlist("block")]
    return NoteEntry(
        written=Written(
            title=" ".join(str(form.get("title", "")).split()),
            kind=one("kind", 40) or ORDINARY,
            sections=sections or (Section(),),
            template=one("template", 64),
            signer=one("signer"),
            countersigner=one("countersigner"),
            reason=one("reason", 500),
            diagnoses=tuple(line for line, _, _ in lines("diagnosis") or () if line),
            tariffs=tuple(line for line, _, _ in lines("tariff") or () if line),
            values={code: one(f"f-{code}", 60) for code in CODED if f"f-{code}" in form},
            at=one("at", 30),
            seen={key: tuple(str(form.get(f"seen-{key}", "")).split()) for key in blocks},
            dropped=tuple(key for key in blocks if form.get(f"take-{key}", "drop") == "drop"),
            kept=tuple(key for key in blocks if form.get(f"take-{key}") == "keep"),
            coded={name: tuple(one for one in found if one[0] or one[1]) for name, found in coded.items()},
        ),
        draft=one("draft", 40),
        version=counted(version),
        page=one("page", 40),
        role=one("role", 80),
        act=one("act", 20) or "sign",
        signer=one("signer"),
        countersigner=one("countersigner"),
        diagnoses=lines("diagnosis"),
        tariffs=lines("tariff"),
        base=counted(base),
    )


def fresh_page() -> str:
    """A name for one open page."""
    return uuid4().hex


def check(written: Written, code: str) -> dict[str, str]:
    """What is wrong with the note, by field."""
    _ = language(code)
    found: dict[str, str] = {}
    if written.is_empty:
        found["text"] = _("Notatet er tomt. Skriv noe før du signerer.")
    elif len(written.words) > LONGEST:
        found["text"] = _("Notatet er for langt: høyst {n} tegn.", n=LONGEST)
    if written.kind not in KINDS:
        found["kind"] = _("Velg hva slags notat det er.")
    if len(written.title) > LONGEST_TITLE:
        found["title"] = _("Overskriften er for lang: høyst {n} tegn.", n=LONGEST_TITLE)
    return found
