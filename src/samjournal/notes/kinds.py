"""Kinds of note: what each is, who reads it, and when the patient does. Requirement 2.7

A kind has a LOINC code, and labels where it is not for everybody who has the patient (`fhir.reserved`) or not for the
patient (`fhir.release`). A new kind is a row here.
"""

from __future__ import annotations

from dataclasses import dataclass

from samjournal.fhir.release import NOPAT
from samjournal.fhir.reserved import ACT_CODE

LOINC = "http://loinc.org"


@dataclass(frozen=True, slots=True)
class NoteKind:
    """One kind of note: code, names, LOINC code with what it is called there, and security labels."""

    code: str
    names: tuple[str, str, str]  # bokmål, nynorsk, English
    loinc: tuple[str, str]
    labels: tuple[str, ...] = ()

    @property
    def coding(self) -> dict[str, str]:
        return {"system": LOINC, "code": self.loinc[0], "display": self.loinc[1]}

    @property
    def security(self) -> list[dict[str, str]]:
        return [NOPAT if code == NOPAT["code"] else {"system": ACT_CODE, "code": code} for code in self.labels]


KINDS = {
    kind.code: kind
    for kind in (
        NoteKind("progress", ("Løpende notat", "Løpande notat", "Progress note"), ("11506-3", "Progress note")),
        NoteKind("discharge", ("Epikrise", "Epikrise", "Discharge summary"), ("18842-5", "Discharge summary")),
        NoteKind(
            "mental-health",
            ("Notat fra psykisk helsehjelp", "Notat frå psykisk helsehjelp", "Mental health note"),
            ("34788-0", "Psychiatry Consult note"),
            ("PSY",),
        ),
        NoteKind(
            "violence",
            ("Notat om vold eller overgrep", "Notat om vald eller overgrep", "Note on violence or abuse"),
            ("11506-3", "Progress note"),
            ("SDV", "NOPAT"),
        ),
    )
}
ORDINARY = "progress"
