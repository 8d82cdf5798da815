"""THE DOOR to the record: access is decided, every look is logged, every change is validated, stored and announced."""

from samjournal.record.bundle import Entry, entries_of, version_of
from samjournal.record.change import Change, change, existing, is_done
from samjournal.record.chart import Snapshot, Want, log_for_patient, open_chart, state_reason
from samjournal.record.conditional import criterion
from samjournal.record.door import Door, Stored, open_door
from samjournal.record.everywhere import Pages, compartment_of, count_types, search_types, several_of
from samjournal.record.find import Card, find_cards, my_cards
from samjournal.record.history import Version, Versions, history, history_of_types
from samjournal.record.inspection import Drift, Unresolved, compare_projections, compare_search, unresolved
from samjournal.record.intake import Arrival, Taken, bulk, remember, remembered, settle, stored_among, take_in
from samjournal.record.read import read, vread
from samjournal.record.search import Page, query_of, search, search_count
from samjournal.record.transaction import transaction
from samjournal.store.history import Times
from samjournal.store.search.asking import BEYOND
from samjournal.store.search.including import EVERY, references, referring
from samjournal.store.search.links import MAX_HOPS
from samjournal.store.search.query import SEARCHED, Query, modifiers

__all__ = [
    "BEYOND",
    "EVERY",
    "MAX_HOPS",
    "SEARCHED",
    "Arrival",
    "Card",
    "Change",
    "Door",
    "Drift",
    "Entry",
    "Page",
    "Pages",
    "Query",
    "Snapshot",
    "Stored",
    "Taken",
    "Times",
    "Unresolved",
    "Version",
    "Versions",
    "Want",
    "bulk",
    "change",
    "compare_projections",
    "compare_search",
    "compartment_of",
    "count_types",
    "criterion",
    "entries_of",
    "existing",
    "find_cards",
    "history",
    "history_of_types",
    "is_done",
    "log_for_patient",
    "modifiers",
    "my_cards",
    "open_chart",
    "open_door",
    "query_of",
    "read",
    "references",
    "referring",
    "remember",
    "remembered",
    "search",
    "search_count",
    "search_types",
    "settle",
    "several_of",
    "state_reason",
    "stored_among",
    "take_in",
    "transaction",
    "unresolved",
    "version_of",
    "vread",
]
