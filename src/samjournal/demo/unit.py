"""One unit: an organisation or a part of one, with the posts and the beds it has. hl7.org/fhir/R4/organization.html"""

from __future__ import annotations

from dataclasses import dataclass

_NYNORSK = {
    "Heimesjukepleie": "Hjemmesykepleie",
    "Sjukeheim": "Sykehjem",
    "Sjukeheimsavdeling": "Sykehjemsavdeling",
    "Skulehelseteneste": "Skolehelsetjeneste",
    "Sjukehus": "Sykehus",
}


@dataclass(frozen=True, slots=True)
class Unit:
    """`kind`: prov, dept, govt or team, in HL7's words; `what`: the kind of unit, as it is said there.

    `posts` are kinds of post (see `posts`) with how many of each; `beds` as people say them.
    """

    id: str
    name: str
    kind: str
    what: str
    part_of: str | None = None
    municipality: str = "5006"
    phone: str = ""
    posts: tuple[tuple[str, int], ...] = ()
    beds: tuple[str, ...] = ()
    nynorsk: bool = False

    @property
    def service(self) -> str:
        """The kind of unit in bokmål, whatever is said there."""
        return _NYNORSK.get(self.what, self.what)
