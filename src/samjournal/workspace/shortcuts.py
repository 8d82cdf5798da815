"""Every key of the workspace in one place: one meaning for each, whoever made the page. WCAG 2.1.4

    SHORTCUTS        each key, what it does and where, in the order in which help tells them
    told()           those that some page has: help tells no key that does nothing

A template marks what a key acts on: `<button data-key="s">… <kbd>S</kbd></button>`. `keys.js` clicks the element, opens
it when it is a `summary`, and puts the cursor in it when it is a field. What is marked in the row (`data-row`) that has
the keyboard goes before the same mark elsewhere; J and K go from row to row. A key that is not here is on no page,
which a test sees to; a key whose page is not built yet stands here too, so that nobody gives it another meaning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from samjournal.ui.language import marked

TEMPLATES: Final = Path(__file__).parent / "templates"
MARK: Final = re.compile(r'data-key="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A key as the browser names it (`event.key`, small letters), its meaning and where it works. What is not
    `single` works in fields too and is never switched off; `built_in` needs no mark on the page."""

    key: str
    does: str
    where: str
    single: bool = True
    built_in: bool = False

    @property
    def parts(self) -> list[str]:
        """The keys as they are printed: `Ctrl`, `K`."""
        names = {"escape": "Esc", "enter": "Enter", "ctrl": "Ctrl", "arrowleft": "←", "arrowright": "→"}
        return [names.get(part, part.upper()) for part in self.key.split("+")]


EVERYWHERE: Final = marked("overalt")
IN_LISTS: Final = marked("i lister")
IN_CHART: Final = marked("i journalen")
IN_NOTE: Final = marked("i notatet")
IN_INBOX: Final = marked("i innboksen")
IN_CALENDAR: Final = marked("i timeboka")

SHORTCUTS: Final = (
    Shortcut("ctrl+k", marked("Søk: pasienter, sider, handlinger og hjelp"), EVERYWHERE, single=False),
    Shortcut("ctrl+q", marked("Lås felles-PC-en"), EVERYWHERE, single=False),
    Shortcut("?", marked("Vis tastene"), EVERYWHERE),
    Shortcut("escape", marked("Lukk det som er åpnet sist"), EVERYWHERE, single=False, built_in=True),
    Shortcut("enter", marked("Åpne eller lagre"), EVERYWHERE, single=False, built_in=True),
    Shortcut("j", marked("Neste i listen"), IN_LISTS),
    Shortcut("k", marked("Forrige i listen"), IN_LISTS),
    Shortcut("/", marked("Søk i journalen"), IN_CHART),
    Shortcut("n", marked("Nytt notat"), IN_CHART),
    Shortcut("m", marked("Ny måling"), IN_CHART),
    Shortcut("d", marked("Legg til diagnose"), IN_CHART),
    Shortcut("x", marked("Legg til takst"), IN_NOTE),
    Shortcut("r", marked("Rediger"), IN_NOTE),
    Shortcut("s", marked("Signer, og gå videre"), IN_NOTE),
    Shortcut("t", marked("Send tilbake"), IN_INBOX),
    Shortcut("e", marked("Merk som sett eller ferdig"), IN_INBOX),
    Shortcut("o", marked("Lag en oppgave"), IN_CHART),
    Shortcut("u", marked("Angre det siste"), EVERYWHERE),
    Shortcut("v", marked("Vis bare nye, eller bare mine"), IN_LISTS),
    Shortcut("p", marked("Skriv ut"), EVERYWHERE),
    Shortcut("b", marked("Bestill"), EVERYWHERE),
    Shortcut("arrowleft", marked("Dagen eller uka før"), IN_CALENDAR),
    Shortcut("arrowright", marked("Neste dag eller uke"), IN_CALENDAR),
    Shortcut("h", marked("Ny henvisning"), IN_CHART),
    Shortcut("l", marked("Forskriv legemiddel"), IN_CHART),
    Shortcut("g", marked("Gi legemiddel"), IN_CHART),
    Shortcut("i", marked("Kurven er gjennomgått, ingen endring"), IN_CHART),
)


@cache
def marks() -> frozenset[str]:
    """The keys that some page of the workspace has."""
    return frozenset(key for path in TEMPLATES.glob("*.html") for key in MARK.findall(path.read_text(encoding="utf-8")))


def told() -> list[Shortcut]:
    """What help tells: keys that do something on some page. Rows are what J and K go between."""
    has_rows = any("data-row" in path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    return [each for each in SHORTCUTS if each.built_in or each.key in marks() or (each.key in "jk" and has_rows)]
