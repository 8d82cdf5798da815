"""How messages are written and carried: the national XML formats, and receipts. Where they stand is in `messages`."""

from samjournal.exchange.folder import take
from samjournal.exchange.library import schemas, with_schemas
from samjournal.exchange.receiving import Outcome, receive
from samjournal.exchange.schemas import Schemas

__all__ = ["Outcome", "Schemas", "receive", "schemas", "take", "with_schemas"]
