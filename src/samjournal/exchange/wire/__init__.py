"""AMQP 1.0 on the wire: types, messages, and a connection with links. docs/decisions/0041

What a client of queues needs and no more: one session, links that send or receive, no transactions, no resuming.
"""

from samjournal.exchange.wire.connection import Connection, Denied, Place, connected
from samjournal.exchange.wire.encoding import Malformed
from samjournal.exchange.wire.links import ACCEPTED, LARGEST, REJECTED, RELEASED, Delivery, Lost, Receiver, Sender
from samjournal.exchange.wire.message import Message, read, written
from samjournal.exchange.wire.sending import Outbound

__all__ = [
    "ACCEPTED",
    "LARGEST",
    "REJECTED",
    "RELEASED",
    "Connection",
    "Delivery",
    "Denied",
    "Lost",
    "Malformed",
    "Message",
    "Outbound",
    "Place",
    "Receiver",
    "Sender",
    "connected",
    "read",
    "written",
]
