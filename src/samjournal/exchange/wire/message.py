"""A message of AMQP 1.0 as bytes: header, properties, application properties, body.

    written(message) -> bytes
    read(data) -> Message               raises Malformed

docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-messaging-v1.0-os.html §3.2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from samjournal.exchange.wire import encoding as as_
from samjournal.exchange.wire.encoding import Described, Malformed


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent or came. `lasts` is its time to live in milliseconds, None for no end; `tried` how often the broker
    says that it was handed out before; `properties` are the application's."""

    id: str
    to: str = ""
    subject: str = ""
    reply_to: str = ""
    correlation: str = ""
    content_type: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    body: bytes = b""
    lasts: int | None = None
    tried: int = 0


def written(message: Message) -> bytes:
    """The message, to be kept by the broker also when it is started again."""
    header = as_.described(0x70, as_.boolean(True), None, None if message.lasts is None else as_.uint(message.lasts))
    properties = as_.described(
        0x73,
        as_.string(message.id),
        None,
        as_.string(message.to) if message.to else None,
        as_.string(message.subject) if message.subject else None,
        as_.string(message.reply_to) if message.reply_to else None,
        as_.string(message.correlation) if message.correlation else None,
        as_.symbol(message.content_type) if message.content_type else None,
    )
    application = as_.section(0x74, as_.mapped({name: as_.of(value) for name, value in message.properties.items()}))
    return header + properties + application + as_.section(0x75, as_.binary(message.body))


def read(data: bytes) -> Message:
    """A message as others write it; several sections of data are one body."""
    sections: dict[int | str, Described] = {}
    body: list[bytes] = []
    at = 0
    while at < len(data):
        one, at = as_.decode(data, at)
        if not isinstance(one, Described):
            raise Malformed("a message is made of sections")
        if one.code == 0x75 and isinstance(one.value, bytes):
            body.append(one.value)
        elif one.code == 0x77:
            body.append(one.value if isinstance(one.value, bytes) else str(one.value or "").encode())
        else:
            sections[one.code] = one
    nothing = Described(0, [])
    header, properties = sections.get(0x70, nothing), sections.get(0x73, nothing)
    given = sections.get(0x74, nothing).value
    return Message(
        id=_text(properties.field(0)),
        to=_text(properties.field(2)),
        subject=_text(properties.field(3)),
        reply_to=_text(properties.field(4)),
        correlation=_text(properties.field(5)),
        content_type=_text(properties.field(6)),
        properties={str(name): value for name, value in given.items()} if isinstance(given, dict) else {},
        body=b"".join(body),
        lasts=header.field(2),
        tried=header.field(4) or 0,
    )


def _text(value: object) -> str:
    """Ids may be text, numbers, UUIDs or bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)
