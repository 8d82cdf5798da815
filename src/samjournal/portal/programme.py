"""The vaccines that children are offered in Norway, by age and class at school: what was given, and what comes next.

    AGAINST                                 what vaccines protect against, by the beginning of their ATC code
    standing(born, sex, given, today)       each dose of the programme that is for somebody, in its order

fhi.no/en/va/childhood-immunisation-programme. What the record does not have may have been given elsewhere: the
words for it say so, and never that it was not given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from samjournal.ui.language import marked

AGAINST: Final = {
    "J07AE": marked("kolera"),
    "J07AG": marked("Haemophilus influenzae type b (Hib)"),
    "J07AH": marked("smittsom hjernehinnebetennelse (meningokokker)"),
    "J07AJ5": marked("kikhoste, difteri og stivkrampe"),
    "J07AL": marked("lungebetennelse og hjernehinnebetennelse (pneumokokker)"),
    "J07AM": marked("stivkrampe"),
    "J07AN": marked("tuberkulose"),
    "J07AP": marked("tyfoidfeber"),
    "J07BA": marked("skogflåttencefalitt"),
    "J07BB": marked("influensa"),
    "J07BC01": marked("hepatitt B"),
    "J07BC02": marked("hepatitt A"),
    "J07BC20": marked("hepatitt A og B"),
    "J07BD01": marked("meslinger"),
    "J07BD52": marked("meslinger, kusma og røde hunder"),
    "J07BF": marked("poliomyelitt"),
    "J07BG": marked("rabies"),
    "J07BH": marked("omgangssyke av rotavirus"),
    "J07BK01": marked("vannkopper"),
    "J07BK03": marked("helvetesild"),
    "J07BL": marked("gulfeber"),
    "J07BM": marked("livmorhalskreft og annen kreft (HPV)"),
    "J07BN": marked("covid-19"),
    "J07BX03": marked("covid-19"),
    "J07CA01": marked("difteri, stivkrampe og polio"),
    "J07CA02": marked("difteri, stivkrampe, kikhoste og polio"),
    "J07CA06": marked("difteri, stivkrampe, kikhoste, polio og Hib"),
    "J07CA09": marked("difteri, stivkrampe, kikhoste, polio, Hib og hepatitt B"),
}
"""The longest beginning that is found decides."""

State = Literal["given", "next", "later", "missing"]
UNTIL: Final = 20
"""The programme is shown to who is younger than so many years."""


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose of the programme: what it is, which codes count as it, its number, and when: at so many months, or in a
    class at school. `since` is the first year of birth of those who are offered it, `boys` that of the boys."""

    name: str
    codes: tuple[str, ...]
    number: int
    months: int = 0
    grade: int = 0
    since: int = 0
    boys: int = 0

    def is_for(self, born: date, sex: str) -> bool:
        return born.year >= (self.boys if sex == "male" and self.boys else self.since)

    def due(self, born: date) -> date:
        """About when: the first of the month of that age, or the autumn of that class."""
        if self.grade:
            return date(born.year + 5 + self.grade, 8, 20)
        month = born.month - 1 + self.months
        return date(born.year + month // 12, month % 12 + 1, 1)


_ROTA, _BASIC = ("J07BH",), ("J07CA09", "J07CA06", "J07CA02", "J07AJ5")
_PNEUMOCOCCI, _MMR, _HPV = ("J07AL",), ("J07BD52",), ("J07BM",)
_ROTA_NAME: Final = marked("Rotavirusvaksine")
_SIX_NAME: Final = marked("Seksvalent vaksine (difteri, stivkrampe, kikhoste, polio, Hib, hepatitt B)")
_FOUR_NAME: Final = marked("Difteri, stivkrampe, kikhoste og polio")
_PNEUMOCOCCI_NAME: Final = marked("Pneumokokkvaksine")
_MMR_NAME: Final = marked("Meslinger, kusma og røde hunder")
_HPV_NAME: Final = marked("HPV-vaksine")

PROGRAMME: Final = (
    Dose(_ROTA_NAME, _ROTA, 1, months=1, since=2015),
    Dose(_SIX_NAME, _BASIC, 1, months=3),
    Dose(_PNEUMOCOCCI_NAME, _PNEUMOCOCCI, 1, months=3, since=2006),
    Dose(_ROTA_NAME, _ROTA, 2, months=3, since=2015),
    Dose(_SIX_NAME, _BASIC, 2, months=5),
    Dose(_PNEUMOCOCCI_NAME, _PNEUMOCOCCI, 2, months=5, since=2006),
    Dose(_SIX_NAME, _BASIC, 3, months=12),
    Dose(_PNEUMOCOCCI_NAME, _PNEUMOCOCCI, 3, months=12, since=2006),
    Dose(_MMR_NAME, _MMR, 1, months=15),
    Dose(_FOUR_NAME, _BASIC, 4, grade=2),
    Dose(_MMR_NAME, _MMR, 2, grade=6),
    Dose(_HPV_NAME, _HPV, 1, grade=7, since=1997, boys=2006),
    Dose(_HPV_NAME, _HPV, 2, grade=7, since=1997, boys=2006),
    Dose(_FOUR_NAME, _BASIC, 5, grade=10),
)


@dataclass(frozen=True, slots=True)
class Given:
    """A dose that the record has: its ATC code, the day as a FHIR date, and its number where that was written."""

    code: str
    day: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A dose of the programme and where it stands: given on a `day`, the next ones that come, later ones, or missing in
    the record though its time has been."""

    dose: Dose
    state: State
    day: str
    due: date


def standing(born: date, sex: str, given: Sequence[Given], today: date) -> list[Standing]:
    """Each dose of the programme that is for somebody; the earliest that is still to come is next, with those that come
    at the same time."""
    found = [_stands(dose, born, given, today) for dose in PROGRAMME if dose.is_for(born, sex)]
    ahead = min((one.due for one in found if one.state == "later"), default=None)
    return [
        Standing(one.dose, "next", "", one.due) if one.state == "later" and one.due == ahead else one for one in found
    ]


def _stands(dose: Dose, born: date, given: Sequence[Given], today: date) -> Standing:
    fitting = sorted((one for one in given if one.code.startswith(dose.codes)), key=lambda one: one.day)
    numbered = next((one for one in fitting if one.number == dose.number), None)
    if numbered is None and len(fitting) >= dose.number and not fitting[dose.number - 1].number:
        numbered = fitting[dose.number - 1]
    due = dose.due(born)
    if numbered:
        return Standing(dose, "given", numbered.day, due)
    # A dose is given some weeks before or after; until then it is to come.
    months_late = (today.year - due.year) * 12 + today.month - due.month
    return Standing(dose, "missing" if months_late > (10 if dose.grade else 2) else "later", "", due)


def against(code: str) -> str | None:
    """What a vaccine protects against, in bokmål, by the longest beginning of its ATC code that the table has."""
    table: Mapping[str, str] = AGAINST
    return next((table[code[:n]] for n in range(len(code), 3, -1) if code[:n] in table), None)
