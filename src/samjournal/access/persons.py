"""Which patient ids are one person: the few who were merged, kept in memory. House rule 8."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.access")


async def persons_of(db: Connection, patients: Sequence[int]) -> dict[int, list[str]]:
    """Every id of those persons, behind some patient keys, who have several, as they stand in this transaction."""
    found: dict[int, list[str]] = {}
    for row in await db.fetch(_SQL.persons_of, list(patients)):
        if row["ids"] > 1:
            found.setdefault(row["person"], []).append(row["id"])
    return found


async def person_keys(db: Pool | Connection, patients: Collection[int]) -> dict[int, int]:
    """The key of the person behind each of some patient keys that are stored: all ids of one person have the same."""
    rows = await db.fetch(_SQL.person_keys, list(patients)) if patients else []
    return {row["patient"]: row["person"] for row in rows}


async def posts(db: Pool | Connection, roles: Collection[str]) -> dict[str, str]:
    """Who works in some posts, `PractitionerRole/id` to `Practitioner/id`."""
    return {row["role"]: row["practitioner"] for row in await db.fetch(_SQL.posts, list(roles))}


class Persons:
    """Every id of a person, by any of them. `refresh` after a merge; other processes hear of it by the feed."""

    def __init__(self) -> None:
        self._same: dict[str, tuple[str, ...]] = {}
        self._stays: dict[str, str] = {}

    def ids(self, patient_id: str) -> tuple[str, ...]:
        """All ids of the person, the given one first."""
        return self._same.get(patient_id, (patient_id,))

    def stays(self, patient_id: str) -> str:
        """The id of the record that stayed when this one was merged into it, else itself."""
        return self._stays.get(patient_id, patient_id)

    def merged(self) -> tuple[str, ...]:
        """The ids of everybody who has several."""
        return tuple(self._same)

    async def refresh(self, db: Pool | Connection) -> None:
        groups: dict[int, list[str]] = {}
        root: dict[int, str] = {}
        for row in await db.fetch(_SQL.merged_persons):
            groups.setdefault(row["person"], []).append(row["id"])
            if row["patient"] == row["person"]:
                root[row["person"]] = row["id"]
        self._stays = {id_: root[person] for person, group in groups.items() if person in root for id_ in group}
        self._same = {
            id_: (id_, *(other for other in group if other != id_)) for group in groups.values() for id_ in group
        }


async def ids_of(db: Pool | Connection, patients: Collection[int]) -> dict[int, str]:
    """The ids of some patient keys; those of nobody are left out."""
    rows = await db.fetch(_SQL.ids_of, list(patients)) if patients else []
    return {row["patient"]: row["id"] for row in rows}
