"""What pages call what they show: to the patient himself, and to who acts for him. Requirement 3.4

headings(acts, given, _) -> dict[str, str]      by name; `given` is what the patient is called

A page that says «dine» to a mother about her child has told her that it is about herself.
"""

from __future__ import annotations

from typing import Final

from samjournal.ui.language import Language, marked

HEADINGS: Final = {
    "medicines": (marked("Medisinene dine"), marked("Medisinene til {name}")),
    "using": (marked("Du bruker nå"), marked("I bruk nå")),
    "notes": (marked("Skrevet om deg"), marked("Skrevet om {name}")),
    "log": (marked("Hvem har lest journalen min"), marked("Hvem har lest journalen til {name}")),
    "helpers": (marked("De som hjelper deg"), marked("De som hjelper {name}")),
    "plan": (marked("Planen for deg"), marked("Planen for {name}")),
    "referrals": (marked("Henvisningene dine"), marked("Henvisningene til {name}")),
    "blocks": (marked("Sperringene dine"), marked("Sperringene til {name}")),
    "others": (marked("Andre enn deg"), marked("Andre enn {name}")),
    "own": (marked("Deg selv"), marked("{name} selv")),
    "opened": (
        marked("Alle som åpner journalen din, står her. Du ser hvem, når og hvorfor."),
        marked("Alle som åpner journalen til {name}, står her. Du ser hvem, når og hvorfor."),
    ),
    "no-results": (
        marked("Du har ingen svar ennå. Nye svar kommer hit."),
        marked("Ingen svar ennå. Nye svar kommer hit."),
    ),
    "no-tests": (
        marked("Du har ingen prøvesvar ennå. Nye svar kommer hit."),
        marked("Ingen prøvesvar ennå. Nye svar kommer hit."),
    ),
    "no-appointments": (marked("Du har ingen timer framover."), marked("Ingen timer framover.")),
    "no-referrals": (marked("Du har ingen henvisninger."), marked("Ingen henvisninger.")),
    "no-notes": (
        marked("Ingen har skrevet noe i journalen din ennå."),
        marked("Ingen har skrevet noe i journalen ennå."),
    ),
    "no-messages": (
        marked("Det er ingen meldinger til eller fra deg."),
        marked("Det er ingen meldinger til eller fra {name}."),
    ),
    "no-vaccines": (
        marked("Ingen vaksiner er skrevet i journalen din."),
        marked("Ingen vaksiner er skrevet i journalen."),
    ),
}
"""To the patient, and of a patient to who acts for him."""


def headings(acts: bool, given: str, _: Language) -> dict[str, str]:
    """All of them in the reader's language."""
    return {name: _(pair[1], name=given) if acts else _(pair[0]) for name, pair in HEADINGS.items()}
