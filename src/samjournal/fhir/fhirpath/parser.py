"""An expression as a tree, by the grammar's order of operators. hl7.org/fhirpath/N1/#operator-precedence"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from samjournal.fhir.fhirpath.errors import PathError
from samjournal.fhir.fhirpath.lexer import Word, words

DEEPEST = 60
LONGEST_CHAIN = 120


class Literal(NamedTuple):
    """A value as written; `unit` makes a number a quantity, `word` says that the unit is a word of the calendar."""

    at: int
    kind: str
    text: str
    unit: str = ""
    word: bool = False


class Empty(NamedTuple):
    at: int


class Special(NamedTuple):
    """`$this`, `$index` or `$total`."""

    at: int
    name: str


class Variable(NamedTuple):
    at: int
    name: str


class Member(NamedTuple):
    """An element by name; without `left` of what stands there, or a type at the beginning."""

    at: int
    left: Tree | None
    name: str


class Call(NamedTuple):
    at: int
    left: Tree | None
    name: str
    arguments: tuple[Tree, ...]


class Place(NamedTuple):
    """An indexer: `name[0]`."""

    at: int
    left: Tree
    place: Tree


class Sign(NamedTuple):
    at: int
    sign: str
    of: Tree


class Operation(NamedTuple):
    at: int
    sign: str
    left: Tree
    right: Tree


class OfType(NamedTuple):
    """`is` and `as`."""

    at: int
    sign: str
    left: Tree
    type: str


Tree = Literal | Empty | Special | Variable | Member | Call | Place | Sign | Operation | OfType

CALENDAR = frozenset(
    unit + plural
    for unit in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
    for plural in ("", "s")
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("implies",),
    ("or", "xor"),
    ("and",),
    ("in", "contains"),
    ("=", "~", "!=", "!~"),
    ("<=", "<", ">", ">="),
    ("|",),
    ("is", "as"),
    ("+", "-", "&"),
    ("*", "/", "div", "mod"),
)
_STRENGTH = {sign: strength for strength, signs in enumerate(_LEVELS) for sign in signs}


def parse(expression: str) -> Tree:
    """The tree of an expression. Raises PathError with the place."""
    return _Parser(words(expression)).whole()


def type_named(tree: Tree) -> str:
    """The type that an argument of `is()`, `as()` and `ofType()` names."""
    if isinstance(tree, Member):
        if tree.left is None:
            return tree.name
        if isinstance(tree.left, Member) and tree.left.left is None:
            return f"{tree.left.name}.{tree.name}"
    raise PathError("Here stands a type, such as Quantity or FHIR.Quantity", tree.at)


class _Parser:
    def __init__(self, found: list[Word]) -> None:
        self.words = found
        self.at = 0
        self.depth = 0

    def whole(self) -> Tree:
        tree = self.level(0)
        if self.now.kind != "end":
            raise self.unexpected()
        return tree

    @property
    def now(self) -> Word:
        return self.words[self.at]

    def take(self, *signs: str) -> Word | None:
        """The next word, if it is one of these signs or names."""
        word = self.now
        if word.kind in ("sign", "name") and word.text in signs:
            self.at += 1
            return word
        return None

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            raise self.unexpected(f"; here should be {sign}")

    def unexpected(self, told: str = "") -> PathError:
        word = self.now
        what = "The expression ends too early" if word.kind == "end" else f"“{word.text}” cannot stand here"
        return PathError(what + told, word.at)

    def deeper(self, read: Callable[[], Tree]) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            raise PathError(f"The expression is nested deeper than {DEEPEST} levels", self.now.at)
        tree = read()
        self.depth -= 1
        return tree

    def level(self, weakest: int) -> Tree:
        """What operators of this level and stronger ones join; the strongest have the highest number."""
        left = self.signed()
        for _ in range(LONGEST_CHAIN):
            number = _STRENGTH.get(self.now.text, -1) if self.now.kind in ("sign", "name") else -1
            if number < weakest:
                return left
            word = self.now
            self.at += 1
            if word.text in ("is", "as"):
                left = OfType(word.at, word.text, left, self.type())
            else:
                left = Operation(word.at, word.text, left, self.deeper(partial(self.level, number + 1)))
        raise PathError(f"More than {LONGEST_CHAIN} operators in a row", self.now.at)

    def type(self) -> str:
        name = self.name()
        return f"{name}.{self.name()}" if self.take(".") else name

    def name(self) -> str:
        if self.now.kind not in ("name", "quoted"):
            raise self.unexpected("; here should be a name")
        self.at += 1
        return self.words[self.at - 1].text

    def signed(self) -> Tree:
        if word := self.take("+", "-"):
            return Sign(word.at, word.text, self.deeper(self.signed))
        return self.path()

    def path(self) -> Tree:
        tree = self.term()
        for _ in range(LONGEST_CHAIN):
            if word := self.take("."):
                tree = self.invocation(tree, word.at + 1)
            elif word := self.take("["):
                tree = Place(word.at, tree, self.deeper(lambda: self.level(0)))
                self.expect("]")
            else:
                return tree
        raise PathError(f"A path of more than {LONGEST_CHAIN} steps", self.now.at)

    def invocation(self, left: Tree | None, at: int) -> Tree:
        if self.now.kind == "special":
            self.at += 1
            if left is not None:
                raise PathError(f"{self.words[self.at - 1].text} stands alone, not after a point", at)
            return Special(at, self.words[self.at - 1].text)
        name = self.name()
        if not self.take("("):
            return Member(at, left, name)
        arguments: list[Tree] = []
        if not self.take(")"):
            while True:
                arguments.append(self.deeper(lambda: self.level(0)))
                if not self.take(","):
                    break
            self.expect(")")
        return Call(at, left, name, tuple(arguments))

    def term(self) -> Tree:
        word = self.now
        if word.kind in ("name", "quoted", "special"):
            if word.kind == "name" and word.text in ("true", "false"):
                self.at += 1
                return Literal(word.at, "boolean", word.text)
            return self.invocation(None, word.at)
        if self.take("("):
            tree = self.deeper(lambda: self.level(0))
            self.expect(")")
            return tree
        if self.take("{"):
            self.expect("}")
            return Empty(word.at)
        if word.kind not in ("text", "number", "date", "time", "variable"):
            raise self.unexpected()
        self.at += 1
        if word.kind == "variable":
            return Variable(word.at, word.text)
        if word.kind == "number":
            unit = self.now
            if unit.kind == "text" or (unit.kind == "name" and unit.text in CALENDAR):
                self.at += 1
                return Literal(word.at, "quantity", word.text, unit.text, unit.kind == "name")
        return Literal(word.at, word.kind, word.text)
