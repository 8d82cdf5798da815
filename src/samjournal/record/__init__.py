"""THE DOOR to the record: access is decided, every look is logged, every change is validated, stored and announced."""

from samjournal.record.audit_event import PREFIX as LOOK
from samjournal.record.audit_log import count_log, read_event, search_log
from samjournal.record.audit_query import SEARCHED as LOG_SEARCHED
from samjournal.record.audit_query import not_of_log
from samjournal.record.authors import author_of
from samjournal.record.blocking import OwnBlock, block, own_blocks, unblock
from samjournal.record.bonds import Unit, is_blocked, units_bound
from samjournal.record.bundle import Entry, entries_of
from samjournal.record.calendars import calendar_watch, calendars_of
from samjournal.record.called import codes_called
from samjournal.record.change import Change, Claimed, Decision, change, existing, is_done
from samjournal.record.chart import Snapshot, Want, kept_back, log_for_patient, mark_seen, open_chart, state_reason
from samjournal.record.conditional import Assumed, criterion, look_up
from samjournal.record.contained import Wanted as Contained
from samjournal.record.contained import search_contained
from samjournal.record.door import Door, Stored, open_door
from samjournal.record.drafts import (
    Draft,
    DraftEnded,
    DraftLine,
    DraftMoved,
    DraftText,
    Ending,
    Writing,
    discard_draft,
    draft,
    drafts_about,
    drafts_of,
    save_draft,
    writing_now,
)
from samjournal.record.everything import Everything, everything, everything_of_all, narrowed_to
from samjournal.record.everywhere import Pages, compartment_of, count_types, search_types, several_of
from samjournal.record.explaining import (
    Explanation,
    answer_asked,
    asked_about,
    explain,
    look_over,
    not_looked_over,
    to_review,
)
from samjournal.record.expunging import Plan, carry_out, plan_of
from samjournal.record.expunging import confirm as confirm_erasure
from samjournal.record.expunging import decided as decided_erasure
from samjournal.record.expunging import demand as demand_erasure
from samjournal.record.expunging import propose as propose_erasure
from samjournal.record.expunging import waiting as erasures
from samjournal.record.find import Card, cards_of, find_alike, find_cards, my_cards
from samjournal.record.history import Version, Versions, history, history_of_types
from samjournal.record.ids import new_id
from samjournal.record.inspection import Drift, Unresolved, compare_projections, compare_search, unresolved
from samjournal.record.intake import (
    Arrival,
    Outcome,
    Taken,
    bulk,
    is_loading,
    remember,
    remembered,
    settle,
    stored_among,
    take_in,
)
from samjournal.record.jobs import (
    Progress,
    add_job,
    cancel_job,
    end_job,
    end_lost_jobs,
    job_is_wanted,
    jobs_of,
    leave_job,
    progress_of,
    take_job,
)
from samjournal.record.lastn import last
from samjournal.record.meta import Labels, change_labels, labels_of_types, meta_of
from samjournal.record.narrowing import narrowed, refuse_unsearched
from samjournal.record.occupying import free_lane, occupy_stored, places_taken
from samjournal.record.occupying import taken as times_taken
from samjournal.record.occupying import tidy as tidy_times
from samjournal.record.ownership import owner_of
from samjournal.record.preconditions import Condition, condition, is_among, seen
from samjournal.record.read import read, vread
from samjournal.record.readers import readers
from samjournal.record.referrers import living_under, referrers
from samjournal.record.renewal import step as renew
from samjournal.record.representing import (
    Acting,
    Mandated,
    act_for,
    agree_to_login,
    give,
    may_act_for,
    who_acts,
    who_acts_for,
    withdraw,
)
from samjournal.record.representing import register as register_power
from samjournal.record.search import Page, query_of, search, search_count
from samjournal.record.search_parameters import activate, deactivate, standing
from samjournal.record.searched import Indexed, Standing, added_progress, all_standing, refresh_if_changed
from samjournal.record.statistics import looks_by_unit
from samjournal.record.taking import AROUND, LANE, PLACES, TAKING, actors, is_room, period_of
from samjournal.record.taking import places as places_of
from samjournal.record.transaction import transaction
from samjournal.record.trial import trial
from samjournal.record.using import used
from samjournal.record.waiting import (
    Letters,
    TimeUsed,
    Work,
    count_waiting,
    counts,
    in_charge,
    message_times,
    messages_waiting,
    overdue,
    owners_of,
    rising,
    time_used,
    unit_watch,
    units_waited_on,
    waited_on,
    waiting,
    waits_in,
)
from samjournal.record.written import WrittenLine, written_since
from samjournal.store.everything import Narrowed
from samjournal.store.history import Times
from samjournal.store.jobs import Job
from samjournal.store.search.asking import BEYOND
from samjournal.store.search.display import forget as forget_texts
from samjournal.store.search.including import EVERY, references, referring
from samjournal.store.search.links import MAX_HOPS
from samjournal.store.search.query import SEARCHED, Query, modifiers, searched_in_texts
from samjournal.store.search.suggesting import nearest

__all__ = [
    "AROUND",
    "BEYOND",
    "EVERY",
    "LANE",
    "LOG_SEARCHED",
    "LOOK",
    "MAX_HOPS",
    "PLACES",
    "SEARCHED",
    "TAKING",
    "Acting",
    "Arrival",
    "Assumed",
    "Card",
    "Change",
    "Claimed",
    "Condition",
    "Contained",
    "Decision",
    "Door",
    "Draft",
    "DraftEnded",
    "DraftLine",
    "DraftMoved",
    "DraftText",
    "Drift",
    "Ending",
    "Entry",
    "Everything",
    "Explanation",
    "Indexed",
    "Job",
    "Labels",
    "Letters",
    "Mandated",
    "Narrowed",
    "Outcome",
    "OwnBlock",
    "Page",
    "Pages",
    "Plan",
    "Progress",
    "Query",
    "Snapshot",
    "Standing",
    "Stored",
    "Taken",
    "TimeUsed",
    "Times",
    "Unit",
    "Unresolved",
    "Version",
    "Versions",
    "Want",
    "Work",
    "Writing",
    "WrittenLine",
    "act_for",
    "activate",
    "actors",
    "add_job",
    "added_progress",
    "agree_to_login",
    "all_standing",
    "answer_asked",
    "asked_about",
    "author_of",
    "block",
    "bulk",
    "calendar_watch",
    "calendars_of",
    "cancel_job",
    "cards_of",
    "carry_out",
    "change",
    "change_labels",
    "codes_called",
    "compare_projections",
    "compare_search",
    "compartment_of",
    "condition",
    "confirm_erasure",
    "count_log",
    "count_types",
    "count_waiting",
    "counts",
    "criterion",
    "deactivate",
    "decided_erasure",
    "demand_erasure",
    "discard_draft",
    "draft",
    "drafts_about",
    "drafts_of",
    "end_job",
    "end_lost_jobs",
    "entries_of",
    "erasures",
    "everything",
    "everything_of_all",
    "existing",
    "explain",
    "find_alike",
    "find_cards",
    "forget_texts",
    "free_lane",
    "give",
    "history",
    "history_of_types",
    "in_charge",
    "is_among",
    "is_blocked",
    "is_done",
    "is_loading",
    "is_room",
    "job_is_wanted",
    "jobs_of",
    "kept_back",
    "labels_of_types",
    "last",
    "leave_job",
    "living_under",
    "log_for_patient",
    "look_over",
    "look_up",
    "looks_by_unit",
    "mark_seen",
    "may_act_for",
    "message_times",
    "messages_waiting",
    "meta_of",
    "modifiers",
    "my_cards",
    "narrowed",
    "narrowed_to",
    "nearest",
    "new_id",
    "not_looked_over",
    "not_of_log",
    "occupy_stored",
    "open_chart",
    "open_door",
    "overdue",
    "own_blocks",
    "owner_of",
    "owners_of",
    "period_of",
    "places_of",
    "places_taken",
    "plan_of",
    "progress_of",
    "propose_erasure",
    "query_of",
    "read",
    "read_event",
    "readers",
    "references",
    "referrers",
    "referring",
    "refresh_if_changed",
    "refuse_unsearched",
    "register_power",
    "remember",
    "remembered",
    "renew",
    "rising",
    "save_draft",
    "search",
    "search_contained",
    "search_count",
    "search_log",
    "search_types",
    "searched_in_texts",
    "seen",
    "settle",
    "several_of",
    "standing",
    "state_reason",
    "stored_among",
    "take_in",
    "take_job",
    "tidy_times",
    "time_used",
    "times_taken",
    "to_review",
    "transaction",
    "trial",
    "unblock",
    "unit_watch",
    "units_bound",
    "units_waited_on",
    "unresolved",
    "used",
    "vread",
    "waited_on",
    "waiting",
    "waits_in",
    "who_acts",
    "who_acts_for",
    "withdraw",
    "writing_now",
    "written_since",
]
