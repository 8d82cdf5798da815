"""One statement for a page of a search: the filters, the permit's condition and the sort in one place.

A row is `c` (store.current). Every token and reference condition that has one value goes into one array condition, so
that the index starts from the rarest; the permit's condition is part of every statement, counts included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import product
from typing import Any

from samjournal.db.binding import Arguments
from samjournal.fhir import compartment, custom, parameters
from samjournal.fhir.errors import Invalid
from samjournal.fhir.keys import SYSTEM, hash64, local, patient_key
from samjournal.fhir.numbers import number as type_number
from samjournal.fhir.parameters import Parameter
from samjournal.fhir.protection import betrays, closable
from samjournal.store.hiding import hides, protected_of
from samjournal.store.permitted import Condition, Why
from samjournal.store.search import (
    composite,
    date,
    near,
    number,
    ordering,
    quantity,
    reference,
    resolving,
    sets,
    string,
    text,
    token,
    uri,
)
from samjournal.store.search.query import Filter, Query, SortKey


def everything(*_asked: object, **_beside: object) -> str:
    """The condition of whoever may see all rows, or is asked about later."""
    return "true"


_COLUMNS = "c.type, c.id, c.version, c.patient, c.at, v.body"
_ALWAYS = ("_id", "_lastUpdated")
"""What every row has in a column of its own."""
_NEWEST = "t.type = c.type AND t.id = c.id AND t.version = c.version"
_JOIN = "JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version"


Known = frozenset[int] | None
"""Keys of what a reader may be told of those whose address is confidential; None: all."""


class Statement:
    """A WHERE clause as it grows, and the values that it binds. `wanted` are sets of tokens: a row has one of each.
    `known` are the keys of the units and people by which the rows of somebody with a confidential address are found;
    None: by all. One that `walks` goes through what a patient has in the order of time, for what most of it is: in the
    index of tokens all of a long record would be gathered and sorted. `opened` is SQL of whether the record of the one
    patient named is open, where that is asked beside."""

    def __init__(
        self,
        type_: str,
        may: Condition,
        *,
        sees_protected: bool,
        arguments: Arguments | None = None,
        known: Known = None,
        walks: bool = False,
    ) -> None:
        self.type = type_
        self._walks = walks
        self.arguments = arguments or Arguments()
        self.sees_protected = sees_protected
        self.known = known
        self.where = ["NOT c.deleted"]
        self._number = self.arguments.add(type_number(type_), "smallint")
        self._may = may
        self.wanted: list[Sequence[int]] = []
        self._all: list[int] = []
        self._patients: list[int] | None = None
        self._few_fit = False
        self._days: tuple[str, Sequence[str]] | None = None
        self._numbers: list[str] = []
        self._moments: list[Sequence[str]] = []
        self._ids: list[Callable[[], str]] = []
        self._linked: tuple[int, Callable[[], str]] | None = None
        self.opened: str | None = None

    def filter(self, one: Filter, *, same_person: Callable[[str], Sequence[str]]) -> None:
        """Add one parameter. `same_person` gives every id that the person behind a patient id has."""
        assert not resolving.needs(one), f"{one.parameter.code}:{one.modifier} must be looked up first"
        parameter, values = one.parameter, one.values
        told = parameter.code == "_source" or parameter.code in closable(self.type)
        if told or custom.is_added(self.type, parameter.code):
            self._shut()
        if one.modifier == "missing":
            there = self._there(parameter)
            self.where.append(f"NOT {there}" if values[0] == "true" else there)
        elif parameter.type == "text":
            self._words(parameter, one.found or ())
            self._shut()
        elif one.found is not None:
            self._found(one.found, negate=one.modifier == "not-in")
            if parameter.type == "reference":
                self._shut()
        elif parameter.code == "_id":
            listed = f"c.id = ANY({self.arguments.add(list(values), 'text[]')})"
            self.where.append(f"NOT {listed}" if one.modifier == "not" else listed)
        elif parameter.code == "_lastUpdated":
            self._moments.append(values)
        elif parameter.type in ("token", "uri"):
            self._few_fit |= parameter.code == "identifier" and not one.modifier
            self._hashes(self._wanted(parameter, values, one.modifier), negate=one.modifier == "not")
        elif parameter.type == "reference":
            self._references(one, same_person)
        elif parameter.type in ("number", "quantity"):
            self._by_number(self._number_rows(parameter, values))
        elif parameter.type == "composite" and len(values) == 1 and not parameter.parts:
            self._all_components(parameter, values[0], same_person)
        else:
            self.where.append(self._condition(parameter, values, one.modifier))
            if parameter.type == "date":
                self._start_from_days(parameter.code, values)

    def _shut(self, known: Sequence[int] = ()) -> None:
        """Leave out rows of somebody with a confidential address, but for those that have one of the tokens `known`:
        what is asked for would tell where he lives."""
        if self.known is not None:
            hidden = hides(self.type)
            self.where.append(f"({self._any(known)} OR NOT {hidden})" if known else f"NOT {hidden}")

    def _condition(self, parameter: Parameter, values: Sequence[str], modifier: str = "") -> str:
        """SQL: one of the values fits."""
        match parameter.type:
            case "token" | "uri":
                return self._any(self._wanted(parameter, values, modifier))
            case "string":
                return self._strings(parameter, values, modifier)
            case "date":
                return self._dates(parameter, values)
            case "number" | "quantity":
                return number.there(self._number_rows(parameter, values))
            case "composite":
                return self._composites(parameter, values)
        name = f"{self.type}.{parameter.code}"
        return f"({' OR '.join(near.condition(value, name, self.arguments) for value in values)})"

    def _there(self, parameter: Parameter) -> str:
        """SQL: the resource has a value for the parameter."""
        if parameter.code in _ALWAYS:
            return "true"
        if parameter.parts:
            return f"({' OR '.join(self._there(self._known(code)) for code in parameter.parts)})"
        codes = list(parameter.apart)
        if len(codes) < len(parameter.components) or not parameter.components:
            codes.append(parameter.code)
        there = [self._any([hash64(f"{name}?") for name in self._names(self._known(code))]) for code in codes]
        return f"({' AND '.join(there)})"

    def _known(self, code: str) -> Parameter:
        return parameters.for_type(self.type)[code]

    def _names(self, parameter: Parameter) -> list[str]:
        """The names under which a parameter's tokens lie."""
        codes = parameter.parts or (parameter.code,)
        return [name for code in codes for name in token.names(self.type, code, closed=self.sees_protected)]

    def _wanted(self, parameter: Parameter, values: Sequence[str], modifier: str) -> list[int]:
        names = self._names(parameter)
        if modifier == "of-type":
            names = [token.by_type(name) for name in names]
        if parameter.type == "uri":
            return [hashed for value in values for name in names for hashed in uri.wanted(name, value, modifier)]
        return [token.wanted(name, value) for value in values for name in names]

    def _hashes(self, hashes: Sequence[int], *, negate: bool) -> None:
        if negate:
            self.where.append(f"NOT {self._any(hashes)}")
            return
        self.wanted.append(hashes)
        if len(hashes) == 1:
            self._all.append(hashes[0])
        else:
            self.where.append(self._any(hashes))

    def _found(self, hashes: Sequence[int], *, negate: bool) -> None:
        """Add what was looked up: one of many tokens, or none of them."""
        if len(hashes) <= sets.FEW:
            self._hashes(hashes, negate=negate)
            return
        has = sets.has(hashes, "c", self.arguments)
        self.where.append(f"NOT {has}" if negate else has)
        if not negate:
            self._ids.append(lambda: sets.ids(hashes, self.arguments))

    def _words(self, parameter: Parameter, asked: Sequence[text.Asked]) -> None:
        """Add words that must be there."""
        closed = self.sees_protected
        self.where.append(text.condition(parameter, asked, self.arguments, closed=closed))
        self._ids.insert(0, lambda: text.ids(parameter, self._number, asked, self.arguments, closed=closed))

    def _any(self, hashes: Sequence[int]) -> str:
        return f"c.tokens && {self.arguments.add(list(hashes), 'bigint[]')}"

    def _references(self, one: Filter, same_person: Callable[[str], Sequence[str]]) -> None:
        code = one.parameter.code
        if one.modifier == "identifier":
            names = [reference.by_identifier(name) for name in self._names(one.parameter)]
            self._hashes([token.wanted(name, value) for value in one.values for name in names], negate=False)
            self._shut()
            return
        if one.modifier in ("below", "above"):
            pairs = [(name, value) for name in self._names(one.parameter) for value in one.values]
            versions = [reference.wanted_versions(name, value, one.modifier) for name, value in pairs]
            self._hashes([hashed for hashes in versions for hashed in hashes], negate=False)
            self._shut()
            return
        values: list[str] = []
        patients: list[str] | None = []
        for value in one.values:
            id_ = patient_of(one, value)
            same = same_person(id_) if id_ else ()
            values += [f"Patient/{other}" for other in same] or [value]
            if may_name_patient(one, value):
                # It may name something else too, but whoever it names, all ids of the person count.
                values += [f"Patient/{other}" for other in same_person(value) if other != value]
            patients = [*patients, *same] if patients is not None and same else None
        hashes = [
            hashed
            for name in self._names(one.parameter)
            for value in values
            for hashed in reference.wanted(name, value, targets=one.parameter.targets, type_=one.modifier)
        ]
        self._few_fit |= all(value.partition("/")[0] in _OF_A_PATIENT for value in values)
        by_home = code in ("patient", "subject") and compartment.lives_by_one_element(self.type)
        if patients and by_home and self._patients is None:
            # It names the patient that the row lives under, so the per-patient index serves as well.
            self._patients = [patient_key(patient) for patient in patients]
        self._hashes(hashes, negate=False)
        if self.known is not None and (telling := [value for value in values if self._tells(one, value)]):
            known = [
                hashed
                for name in self._names(one.parameter)
                for value in values
                if value not in telling
                for hashed in reference.wanted(name, value, targets=one.parameter.targets, type_=one.modifier)
            ]
            self._shut(known)

    def _tells(self, one: Filter, value: str) -> bool:
        """Whether what is asked for by a reference may tell of a place that the reader does not know."""
        if "/" not in value and ":" not in value:
            types = (one.modifier,) if one.modifier else one.parameter.targets
            return any(betrays(f"{type_}/{value}", self.known or ()) for type_ in types)
        literal = local(value)
        return literal is None or betrays(literal, self.known or ())

    def _strings(self, parameter: Parameter, values: Sequence[str], modifier: str) -> str:
        any_of = " OR ".join(string.condition(value, modifier, "s", self.arguments) for value in values)
        open_only = "" if self.sees_protected else " AND NOT s.closed"
        # Beside a day or a number that few have, those few are looked at: the index of names would give all Hansens.
        param = "s.param + 0" if self._days or self._numbers else "s.param"
        return f"""EXISTS (SELECT 1 FROM store.string s WHERE {param} = {self._param(parameter.code)}
            AND s.type = c.type AND s.id = c.id AND ({any_of}){open_only})"""

    def _dates(self, parameter: Parameter, values: Sequence[str]) -> str:
        code = parameter.code
        if code == parameters.main_date(self.type):
            return f"({' OR '.join(date.condition(code, value, ('c.lo', 'c.hi'), self.arguments) for value in values)})"
        return f"""EXISTS (SELECT 1 FROM store.date d WHERE d.type = c.type AND d.id = c.id
            AND {self._dated(code, values)})"""

    @property
    def starts_elsewhere(self) -> bool:
        """Whether something else than the time of storing says where to look."""
        return bool(self._patients is not None or self._all or self._few_fit or self._linked is not None)

    def _stored(self, values: Sequence[str]) -> str:
        """SQL: the newest version was stored then. Versions have an index by time; the rows of search have none, so
        that a new version with the same values need not be written into all the others."""
        row = "c" if self.starts_elsewhere else "t"
        any_of = " OR ".join(date.at_condition("_lastUpdated", value, f"{row}.at", self.arguments) for value in values)
        if row == "c":
            return f"({any_of})"
        return f"EXISTS (SELECT 1 FROM store.version t WHERE t.type = {self._number} AND {_NEWEST} AND ({any_of}))"

    def stored_with(self) -> str:
        """SQL: what to join for `t.at`, the time of storing, to sort by it."""
        return f"JOIN store.version t ON t.type = {self._number} AND {_NEWEST}"

    def _dated(self, code: str, values: Sequence[str]) -> str:
        """SQL: a row `d` of store.date is one of the dates."""
        any_of = " OR ".join(date.condition(code, value, ("d.lo", "d.hi"), self.arguments) for value in values)
        return f"d.param = {self._param(code)} AND ({any_of})"

    def _start_from_days(self, code: str, values: Sequence[str]) -> None:
        """Remember a date that few resources have, where it must hold for all that is found."""
        if code != parameters.main_date(self.type) and all(date.is_narrow(code, value) for value in values):
            self._days = (code, values)

    def _number_rows(self, parameter: Parameter, values: Sequence[str]) -> list[str]:
        """SQL against a row `n` of store.number: alternatives, of which one must hold."""
        conditions = quantity.conditions if parameter.type == "quantity" else number.conditions
        return [
            found
            for value in values
            for code in parameter.parts or (parameter.code,)
            for found in conditions(parameter.code, value, f"{self.type}.{code}", "n", self.arguments)
        ]

    def _by_number(self, rows: list[str]) -> None:
        """Add alternatives for a row of store.number."""
        self._numbers = self._numbers or rows
        self.where.append(number.there(rows))

    def start_from(self, size: int, ids: Callable[[], str]) -> None:
        """Remember what makes SQL for the ids that a link leads to, where it must hold for all that is found: of
        several the smallest."""
        if self._linked is None or size < self._linked[0]:
            self._linked = (size, ids)

    def start(self, most: int) -> str | None:
        """SQL for the ids that a page may start from, at most so many, by a link, a day, words, codes or a number; None
        where the search has none of these, or a better start."""
        if self._patients is not None or self._few_fit:
            return None
        first = f"{self._linked[1]()} LIMIT {most}" if self._linked is not None else None
        then = number.first(self._numbers, most) if self._numbers else None
        if self._days is not None:
            then = f"SELECT d.id FROM store.date d WHERE {self._dated(*self._days)} LIMIT {most}"
        elif self._ids:
            then = f"SELECT looked_up.id FROM ({self._ids[0]()}) looked_up LIMIT {most}"
        if first is None or then is None:
            return first or then
        # Where the link leads to many, the day or the number may still lead to few.
        many = f"(SELECT count(*) FROM led) >= {most}"
        return f"""WITH led AS MATERIALIZED ({first}) SELECT led.id FROM led WHERE NOT {many}
            UNION ALL (SELECT other.id FROM ({then}) AS other(id) WHERE {many})"""

    def all_from(self) -> str:
        """SQL: the rows that a count goes through, those that a link leads to where that is the best start."""
        if self._linked is None or self._patients is not None or self._few_fit:
            return "store.current c"
        return f"(SELECT DISTINCT led.id FROM ({self._linked[1]()}) led) led JOIN store.current c ON c.id = led.id"

    def narrowed(self) -> str:
        """SQL to add where all that fit are wanted, not a page of them: what an index has of words or of a large set of
        tokens."""
        if self._patients is not None or not self._ids:
            return ""
        return f" AND c.id IN ({self._ids[0]()})"

    def _all_components(self, composed: Parameter, value: str, same_person: Callable[[str], Sequence[str]]) -> None:
        """Add the components of a composite, each as a filter of its own where it can be."""
        apart, together = self._pieces(composed, value)
        for parameter, piece in apart:
            self.filter(Filter.of(parameter, piece), same_person=same_person)
        name = f"{self.type}.{composed.code}"
        if rows := composite.number_rows(name, together, self.arguments):
            self._by_number(rows)
        elif together:
            self.where.append(composite.condition(name, together, self.arguments))

    def _composites(self, composed: Parameter, values: Sequence[str]) -> str:
        """SQL: one of several composites fits. All that can fit have one of their codes, which the index finds."""
        leaves = [self._known(code) for code in composed.parts] or [composed]
        codes: list[int] = []
        any_of = []
        for leaf, value in product(leaves, values):
            apart, together = self._pieces(leaf, value)
            all_of = [self._condition(one, Filter.of(one, piece).values) for one, piece in apart]
            if together:
                all_of.append(composite.condition(f"{self.type}.{leaf.code}", together, self.arguments))
            any_of.append(f"({' AND '.join(all_of)})")
            one, piece = next(found for found in (*apart, *together) if found[0].type == "token")
            codes += self._wanted(one, Filter.of(one, piece).values, "")
        return f"({self._any(codes)} AND ({' OR '.join(any_of)}))"

    def _pieces(self, composed: Parameter, value: str) -> tuple[list[composite.Piece], list[composite.Piece]]:
        """The components that are searched for themselves, and those that must lie in the same element."""
        pieces = [(self._known(code), piece) for code, piece in composite.read(composed, value)]
        apart = [one for one in pieces if one[0].code in composed.apart]
        return apart, [one for one in pieces if one[0].code not in composed.apart]

    def _param(self, code: str) -> str:
        return self.arguments.add(hash64(f"{self.type}.{code}"), "bigint")

    def clause(self) -> str:
        """The whole WHERE clause, permit included."""
        conditions = [*self.where, *map(self._stored, self._moments)]
        only_patient = self._patients is not None and (self._walks or len(self._all) <= 1)
        # Tokens have the type in them. Where few fit, an index on the type as well would be read from end to end: the
        # planner thinks it cheaper than asking the permit of some rows more.
        column = "c.type + 0" if self._few_fit and not only_patient else "c.type"
        conditions.append(f"{column} = {self._number}")
        if only_patient and self._patients is not None:
            conditions.append(
                f"c.patient = ANY({self.arguments.add(self._patients, 'bigint[]')})"
                if len(self._patients) > 1
                else f"c.patient = {self.arguments.add(self._patients[0], 'bigint')}"
            )
        if self._all:
            named = f"c.tokens @> {self.arguments.add(self._all, 'bigint[]')}"
            # A row may live under somebody whom it names elsewhere, which is rare. It is asked in a way that no index
            # serves, and of which the planner thinks that nearly all rows pass.
            conditions.append(f"(CASE WHEN {named} THEN 1 END) IS NOT NULL" if only_patient else named)
        return " AND ".join([*conditions, self._permitted()])

    @property
    def mostly(self) -> int | None:
        """Where the search names one patient, nearly all rows are his: his key."""
        return self._patients[0] if self._patients is not None and len(self._patients) == 1 else None

    def _permitted(self) -> str:
        """SQL: what the permit says of a row."""
        if self.mostly is None:
            return self._may("c", self.arguments)
        return self._may("c", self.arguments, opened=self.opened, mostly=self.mostly)


_OF_A_PATIENT = frozenset(("Patient", "Encounter", "EpisodeOfCare", "RelatedPerson", "ServiceRequest", "Person"))
"""What few resources refer to, of all there are."""


def patient_of(one: Filter, value: str) -> str | None:
    """The patient id that a reference value names, None when it names something else."""
    if one.modifier in ("identifier", "text"):
        return None
    if value.startswith("Patient/"):
        return value.removeprefix("Patient/").partition("/")[0]  # With a version, it is the patient all the same.
    if "/" not in value and ":" not in value and (one.modifier == "Patient" or one.parameter.targets == ("Patient",)):
        return value
    if "/" not in value and one.parameter.code == "patient":
        return value
    return None


def may_name_patient(one: Filter, value: str) -> bool:
    """Whether a bare id may be a patient's, where a reference may be to several types."""
    return not one.modifier and "/" not in value and ":" not in value and "Patient" in one.parameter.targets


def is_narrow(query: Query) -> bool:
    """Whether the search starts from one patient, from what few refer to, or from what few have: then one plan is right
    for all values, and to plan for each would take longer than the search."""
    return any(map(_is_start, query.filters))


def _is_start(one: Filter) -> bool:
    if one.modifier:
        return False
    parameter = one.parameter
    if parameter.type == "reference":
        return len(one.values) == 1 and patient_of(one, one.values[0]) is not None
    if parameter.type == "date":
        return parameter.code == "birthdate" and all(date.is_narrow(parameter.code, value) for value in one.values)
    return parameter.code == "identifier"


def page(query: Query, statement: Statement, *, why: Why | None = None) -> str:
    """SQL of one page and one row more, which tells whether there is a next page. The last columns are sort values.
    With `why` each row tells what opens the first record that any row of the page lies under: most pages are of one."""
    home, told = _told(statement, why) if why is not None else ("", "")
    found, again, carried = _page(query, statement)
    shown = f"{_COLUMNS}, {protected_of(statement.mostly, statement.arguments)}"
    return f"WITH {home}{found} SELECT {shown}{told}{carried} FROM page c {_JOIN} ORDER BY {again}"


def _told(statement: Statement, why: Why) -> tuple[str, str]:
    """SQL: the column that tells what opens a record. Where nearly all rows lie under one patient, he is asked about in
    a table before the page, whose rows are then open by the same answer."""
    of_first = why("one.patient", statement.arguments)
    home = ""
    if statement.mostly is not None:
        patient = statement.arguments.add(statement.mostly, "bigint")
        home = f"home AS MATERIALIZED (SELECT {why(patient, statement.arguments)} AS why), "
        statement.opened = "(SELECT home.why IS NOT NULL FROM home)"
        of_first = f"CASE WHEN one.patient = {patient} THEN (SELECT home.why FROM home) ELSE {of_first} END"
    return home, f", (SELECT {of_first} FROM page one WHERE one.patient <> {SYSTEM} LIMIT 1) AS why"


def pages(asked: Sequence[tuple[Query, Statement]]) -> str:
    """SQL of the pages of several searches, one row more of each, as one statement of one moment: `list` says which of
    them, `place` where in it, `sorted_by` the first sort value as text. All bind their values into the same
    Arguments."""
    several = []
    for number_, (query, statement) in enumerate(asked):
        found, again, _ = _page(query, statement)
        by = "c.k0::text" if query.sort else "NULL::text"
        several.append(
            f"""(SELECT {number_} AS list, row_number() OVER (ORDER BY {again}) AS place, {_COLUMNS},
                {protected_of(statement.mostly, statement.arguments)}, false AS deleted,
                NULL::text AS why, {by} AS sorted_by FROM (WITH {found} SELECT * FROM page) c {_JOIN})"""
        )
    return " UNION ALL ".join(several)


def _page(query: Query, statement: Statement) -> tuple[str, str, str]:
    """SQL of the rows of a page as the last table, `page`, of a WITH, of their order, and of their sort values."""
    arguments = statement.arguments
    keys = [(_expression(key, statement), key.descending) for key in query.sort]
    selected = "".join(f", {expression} AS k{place}" for place, (expression, _) in enumerate(keys))
    order = "".join(f"{expression} {ordering.direction(expression, down)}, " for expression, down in keys)
    where = statement.clause()
    if query.cursor is not None:
        where += f" AND {_after(query, keys, arguments)}"
    limit = arguments.add(query.count + 1, "bigint")
    again = ", ".join([*(f"k{n} {'DESC' if down else 'ASC'} NULLS LAST" for n, (_, down) in enumerate(keys)), "c.id"])
    carried = "".join(f", c.k{place}" for place in range(len(keys)))
    timed = statement.stored_with() if any(expression == _BY_TIME for expression, _ in keys) else ""
    rows = f"""SELECT c.type, c.id, c.version, c.patient, c.protected, c.others, c.at{selected}
        FROM store.current c {timed} WHERE {where}"""
    end = f"ORDER BY {order}c.id LIMIT {limit}"
    found, first = f"{rows} {end}", ""
    if start := statement.start(FEW + 1):
        # How many numbers or days fit is told by none of the planner's statistics, so that it would walk all rows in
        # order for those that are few. Few are taken from their index; where they are many, the walk soon has its page.
        first = f"few AS MATERIALIZED ({start}), "
        many = f"(SELECT count(*) FROM few) > {FEW}"
        listed = "c.id = ANY(ARRAY(SELECT few.id FROM few))"
        found = f"({rows} AND NOT {many} AND {listed} {end}) UNION ALL ({rows} AND {many} {end})"
    return f"{first}page AS MATERIALIZED ({found})", again, carried


FEW = 2000
_BY_TIME = "t.at"


def _expression(key: SortKey, statement: Statement) -> str:
    if key.code == "_lastUpdated" and not statement.starts_elsewhere:
        return _BY_TIME
    return ordering.expression(
        statement.type,
        key,
        sees_protected=statement.sees_protected,
        closes=statement.known is not None,
        arguments=statement.arguments,
    )


def _after(query: Query, keys: Sequence[tuple[str, bool]], arguments: Arguments) -> str:
    """SQL: the rows after the cursor, in the order of the sort, undated rows last."""
    assert query.cursor is not None
    *values, id_ = query.cursor
    if len(values) != len(keys):
        raise Invalid("This page link belongs to another search. Follow the links of the Bundle as they are.")
    alternatives = []
    equal: list[str] = []
    for (expression, down), key, value in zip(keys, query.sort, values, strict=True):
        place = _bind(key, query.type, value, arguments)
        if place is not None:
            beyond = f"{expression} {'<' if down else '>'} {place}"
            alternatives.append(" AND ".join([*equal, f"({beyond} OR {expression} IS NULL)"]))
        equal.append(f"{expression} IS NULL" if place is None else f"{expression} = {place}")
    alternatives.append(" AND ".join([*equal, f"c.id > {arguments.add(id_, 'text')}"]))
    return "(" + " OR ".join(alternatives) + ")"


def _bind(key: SortKey, type_: str, value: Any, arguments: Arguments) -> str | None:
    if value is None:
        return None
    known = parameters.for_type(type_).get(key.code)
    if key.code == "_lastUpdated" or (known is not None and known.type == "date"):
        try:
            return arguments.add(datetime.fromisoformat(value), "timestamptz")
        except (TypeError, ValueError):
            raise Invalid("This page link is broken. Follow the links of the Bundle as they are.") from None
    if known is not None and known.type in ("number", "quantity"):
        try:
            return arguments.add(float(value), "float8")
        except (TypeError, ValueError):
            raise Invalid("This page link is broken. Follow the links of the Bundle as they are.") from None
    return arguments.add(str(value), "text")


def count(statement: Statement, *, limit: int | None = None) -> str:
    """SQL that counts the matches, up to a limit where one is given."""
    inner = f"SELECT 1 FROM {statement.all_from()} WHERE {statement.clause()}{statement.narrowed()}"
    if limit is not None:
        inner += f" LIMIT {limit}"
    return f"SELECT count(*) FROM ({inner}) counted"
