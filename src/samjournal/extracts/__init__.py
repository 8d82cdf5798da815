"""A capability: what somebody takes out of a record: the whole of it as files, or the International Patient Summary."""

from samjournal.extracts.ips import COMPOSITION, SUMMARY, summary
from samjournal.extracts.whole import archive, gathered

__all__ = ["COMPOSITION", "SUMMARY", "archive", "gathered", "summary"]
