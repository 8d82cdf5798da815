"""Who works here by what a directory says: people, their groups and roles; what becomes of it when they go."""

from samjournal.provisioning.people import (
    Given,
    Membership,
    Person,
    called,
    count,
    listed,
    named,
    person,
    several,
)
from samjournal.provisioning.putting import Taken, Wish, put, remove, settle
from samjournal.provisioning.seeing import MOST, see_to_people
from samjournal.provisioning.teams import (
    Team,
    TeamWish,
    count_teams,
    put_team,
    remove_team,
    team,
    team_named,
    teams,
)
from samjournal.provisioning.units import SYSTEMS, names_of, unit_meant

__all__ = [
    "MOST",
    "SYSTEMS",
    "Given",
    "Membership",
    "Person",
    "Taken",
    "Team",
    "TeamWish",
    "Wish",
    "called",
    "count",
    "count_teams",
    "listed",
    "named",
    "names_of",
    "person",
    "put",
    "put_team",
    "remove",
    "remove_team",
    "see_to_people",
    "settle",
    "several",
    "team",
    "team_named",
    "teams",
    "unit_meant",
]
