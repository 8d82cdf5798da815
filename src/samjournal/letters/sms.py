"""SMS by an HTTP gateway, whichever: address, headers and the JSON of a message are the operator's to say.

    Sms(gateway).send(parcel) -> str        the gateway's own id; raises Unreachable, Refused

In the JSON, `{to}`, `{text}` and `{id}` are put in as whole values or within one; `{id}` is the idempotency key, the
same when a message is sent again, so that a gateway that has it does not send it twice.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from samjournal.letters.channels import Parcel
from samjournal.letters.faults import Refused, Unreachable
from samjournal.letters.http import asked

_LATER: Final = frozenset({408, 409, 423, 425, 429})
"""Not taken now: a limit of pace, or the same message is at work this moment."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """`template` is the body, a JSON value; `receipt` the names on the way to the gateway's own id in its answer;
    `country` what is put before a number without one."""

    url: str
    template: Any
    headers: Mapping[str, str]
    receipt: tuple[str, ...] = ()
    country: str = "+47"
    tls: ssl.SSLContext | None = None
    patience: float = 10.0


class Sms:
    """Text messages."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def send(self, parcel: Parcel) -> str:
        to = self._number(parcel.to)
        values = {"to": to, "text": parcel.text, "id": str(parcel.id)}
        body = msgspec.json.encode(filled(self._gateway.template, values))
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(parcel.id)}
        headers |= {name: filled(value, values) for name, value in self._gateway.headers.items()}
        answer = await asked(
            "POST", self._gateway.url, body, headers, tls=self._gateway.tls, patience=self._gateway.patience
        )
        if 200 <= answer.status < 300:
            return _found(answer.data, self._gateway.receipt)
        if answer.status in (401, 403) or answer.status in _LATER or answer.status >= 500:
            # A key that has run out is the operator's to renew: no citizen gets a letter for that.
            raise Unreachable(f"the SMS gateway answers {answer.status}")
        raise Refused(f"the SMS gateway answers {answer.status}")

    def _number(self, told: str) -> str:
        digits = "".join(one for one in told if one.isdigit() or one == "+")
        digits = f"+{digits[2:]}" if digits.startswith("00") else digits
        number = digits if digits.startswith("+") else f"{self._gateway.country}{digits}"
        if not 8 <= len(number) <= 16:
            raise Refused("the mobile number is none")
        return number


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """The template with its fields put in. Braces that name no field stand as they are."""
    if isinstance(template, str):
        for name, value in values.items():
            template = template.replace(f"{{{name}}}", value)
        return template
    if isinstance(template, Mapping):
        return {key: filled(one, values) for key, one in template.items()}
    return [filled(one, values) for one in template] if isinstance(template, list) else template


def _found(data: bytes, way: tuple[str, ...]) -> str:
    """What stands at a place of an answer; "" where nothing does."""
    try:
        found: Any = msgspec.json.decode(data) if way else ""
        for step in way:
            found = found[int(step)] if isinstance(found, list) else found[step]
    except (msgspec.DecodeError, KeyError, IndexError, ValueError, TypeError):
        return ""
    return str(found)[:200]
