"""Rounds each night: what must always hold is looked for in the whole record, and what does not becomes work. README
7.2"""

from samjournal.rounds.findings import Finding, Rule
from samjournal.rounds.nightly import RULES, make_rounds

__all__ = ["RULES", "Finding", "Rule", "make_rounds"]
