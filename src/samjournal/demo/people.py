"""Patient resources: names, numbers, addresses and the GP list. hl7.org/fhir/R4/patient.html"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from samjournal.demo.chart import HL7, Resource
from samjournal.demo.staff import Staff
from samjournal.fhir.identifiers import FNR


@dataclass(frozen=True, slots=True)
class Home:
    """An address in one of the demo's municipalities."""

    street: str
    postal_code: str
    town: str
    municipality: str
    municipality_code: str

    @property
    def address(self) -> Resource:
        return {
            "use": "home",
            "line": [self.street],
            "city": self.town,
            "district": self.municipality,
            "_district": municipality_code(self.municipality_code),
            "postalCode": self.postal_code,
            "country": "NO",
        }


def municipality_code(number: str) -> Resource:
    """What stands beside `district`: the number of the municipality, as the Norwegian base profile has it."""
    url = "http://hl7.no/fhir/StructureDefinition/no-basis-municipalitycode"
    return {"extension": [{"url": url, "valueCoding": {"system": "urn:oid:2.16.578.1.12.4.1.1.3402", "code": number}}]}


def patient(
    id_: str,
    given: str,
    family: str,
    *,
    woman: bool,
    born: date,
    number: str | None,
    home: Home | None,
    gp: Staff | None,
    phone: str | None = None,
    email: str | None = None,
    language: str = "nb",
    marital: tuple[str, str] | None = None,
    number_system: str = FNR,
) -> Resource:
    """A Patient as the population register and the GP list give it."""
    found: Resource = {"resourceType": "Patient", "id": id_}
    if number:
        found["identifier"] = [{"use": "official", "system": number_system, "value": number}]
    found["active"] = True
    found["name"] = [{"use": "official", "family": family, "given": given.split()}]
    telecom = [("phone", phone, "mobile"), ("email", email, "home")]
    if any(value for _, value, _ in telecom):
        found["telecom"] = [{"system": s, "value": value, "use": use} for s, value, use in telecom if value]
    found["gender"] = "female" if woman else "male"
    found["birthDate"] = born.isoformat()
    if home:
        found["address"] = [home.address]
    if marital:
        code, text = marital
        found["maritalStatus"] = {
            "coding": [{"system": f"{HL7}v3-MaritalStatus", "code": code}],
            "text": text,
        }
    found["communication"] = [{"language": _language(language), "preferred": True}]
    if gp:
        found["generalPractitioner"] = [gp.reference, gp.unit]
    return found


_LANGUAGES = {
    "nb": "Bokmål",
    "nn": "Nynorsk",
    "sma": "Sørsamisk",
    "pl": "Polsk",
    "so": "Somali",
    "ar": "Arabisk",
    "ti": "Tigrinja",
    "uk": "Ukrainsk",
    "vi": "Vietnamesisk",
    "lt": "Litauisk",
    "fa": "Dari",
    "fil": "Filipino",
    "th": "Thai",
    "de": "Tysk",
    "ro": "Rumensk",
    "sw": "Swahili",
}


def _language(code: str) -> Resource:
    return {"coding": [{"system": "urn:ietf:bcp:47", "code": code}], "text": _LANGUAGES[code]}
