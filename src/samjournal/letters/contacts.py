"""How somebody is reached: his digital contact information, and whether he is reserved against it.

    Register(numbers) -> {number: Contact}          asked by official number; raises Unreachable
    Remembering(register)                           the same, with what it said in the last hour
    of_record(patient) -> Contact                   what the record has, where no register is set up
    postal(patient) -> list[str]                    name and address as on an envelope; [] where none is whole

eForvaltningsforskriften §§ 8, 9, 29, 32. Contact information that was not confirmed for 18 months may not be used: the
register says so (`is_usable`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from samjournal.fhir.identifiers import DNR, FNR
from samjournal.letters.faults import Unreachable

_log = logging.getLogger("samjournal.letters")
_KEPT: Final = 50_000


@dataclass(frozen=True, slots=True)
class Contact:
    """`mobile` and `email` are "" where there is none that may be used; `language` nb, nn, en or ""."""

    mobile: str = ""
    email: str = ""
    is_reserved: bool = False
    is_usable: bool = True
    language: str = ""


class Register(Protocol):
    """Where contact information is asked for: at most a thousand numbers at a time. Who is not in it has none."""

    async def __call__(self, numbers: Sequence[str]) -> Mapping[str, Contact]: ...


@dataclass
class Remembering:
    """A register with what it said in the last hour; while it does not answer, what it said within `old_for`."""

    register: Register
    fresh_for: timedelta = timedelta(hours=1)
    old_for: timedelta = timedelta(hours=24)
    rest: timedelta = timedelta(seconds=30)
    """So long it is left alone after it did not answer: whoever waits for it does so once, not each for himself."""
    _said: dict[str, tuple[datetime, Contact]] = field(default_factory=dict)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _away: tuple[datetime, str] | None = None

    async def __call__(self, numbers: Sequence[str]) -> Mapping[str, Contact]:
        async with self._asking:
            now = datetime.now(UTC)
            stale = [one for one in numbers if not self._has(one, now - self.fresh_for)]
            if stale:
                try:
                    found = await self._asked(stale, now)
                except Unreachable as error:
                    if not all(self._has(one, now - self.old_for) for one in stale):
                        raise
                    _log.warning("old contact information is used", extra={"why": str(error)})
                else:
                    if len(self._said) > _KEPT:
                        self._said.clear()
                    self._said.update({one: (now, found.get(one, Contact(is_usable=False))) for one in stale})
            return {one: self._said[one][1] for one in numbers}

    async def _asked(self, numbers: Sequence[str], now: datetime) -> Mapping[str, Contact]:
        if self._away is not None and now - self._away[0] < self.rest:
            raise Unreachable(self._away[1])
        try:
            found = await self.register(numbers)
        except Unreachable as error:
            self._away = (datetime.now(UTC), str(error))
            raise
        self._away = None
        return found

    def _has(self, number: str, since: datetime) -> bool:
        return number in self._said and self._said[number][0] > since


def number_of(patient: Mapping[str, Any]) -> str:
    """The official number in use; "" for none."""
    for system in (FNR, DNR):
        for one in patient.get("identifier", ()):
            if one.get("system") == system and one.get("value") and one.get("use") != "old":
                return str(one["value"])
    return ""


def of_record(patient: Mapping[str, Any]) -> Contact:
    """What the Patient says of telephone and e-mail, as far as it stands."""
    mobile = email = ""
    for one in patient.get("telecom", ()):
        value = str(one.get("value") or "")
        if not value or one.get("use") == "old" or one.get("period", {}).get("end"):
            continue
        digits = value.replace(" ", "").removeprefix("0047").removeprefix("+47")
        is_mobile = one.get("use") == "mobile" or (len(digits) == 8 and digits[0] in "49")
        if one.get("system") in ("phone", "sms") and is_mobile and not mobile:
            mobile = value
        if one.get("system") == "email" and not email:
            email = value
    return Contact(mobile, email, language=_language(patient))


def _language(patient: Mapping[str, Any]) -> str:
    spoken = sorted(patient.get("communication", ()), key=lambda one: not one.get("preferred"))
    codes = [code.get("code", "") for one in spoken for code in one.get("language", {}).get("coding", ())]
    return next((known for code in codes if (known := language_of(code))), "")


def language_of(code: str) -> str:
    """nb, nn or en of a code of a language; "" for one in which nothing is written here."""
    main = code.lower().replace("_", "-").split("-")
    if "nn" in main:
        return "nn"
    return {"nb": "nb", "no": "nb", "en": "en"}.get(main[0], "")


def postal(patient: Mapping[str, Any]) -> list[str]:
    """The name and where post goes: the postal address, else the one of the home."""
    standing = [one for one in patient.get("address", ()) if not one.get("period", {}).get("end")]
    standing = [one for one in standing if one.get("postalCode") and one.get("city") and one.get("use") != "old"]
    chosen = min(standing, key=lambda one: (one.get("type") != "postal", one.get("use") != "home"), default=None)
    names = sorted(patient.get("name", ()), key=lambda one: one.get("use") != "official")
    if chosen is None or not names:
        return []
    name = names[0].get("text") or " ".join([*names[0].get("given", ()), names[0].get("family", "")])
    lines = [str(one) for one in chosen.get("line", ()) if one]
    country = str(chosen.get("country") or "")
    abroad = [country] if country.upper() not in ("", "NO", "NOR", "NORGE", "NORWAY") else []
    return [name.strip(), *lines, f"{chosen['postalCode']} {chosen['city']}", *abroad] if name.strip() else []
