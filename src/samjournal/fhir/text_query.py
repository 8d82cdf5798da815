"""What `_text` and `_content` ask for: words, "phrases", OR, a minus before what must not be there, parentheses.

hl7.org/fhir/R4/search.html#content. Words beside each other must all be there, as in a web search; OR binds least.

    parse(text) -> Node                 Invalid, in words, for what cannot be understood
    words_query(node, weight) -> str    a tsquery as PostgreSQL reads it
    leaves(node) -> list[Leaf]          its words and phrases, in order
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from samjournal.fhir.errors import Invalid
from samjournal.fhir.words import sought, words

MAX_LEAVES = 50
MAX_DEPTH = 20
_SIGN = re.compile(r'\s*(?:(?P<quoted>-?"[^"]*")|(?P<open>-?\()|(?P<close>\))|(?P<word>[^\s()"]+))')


@dataclass(frozen=True, slots=True)
class Leaf:
    """A word, or several that stand beside each other; each as it is looked for."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    node: Node


@dataclass(frozen=True, slots=True)
class All:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    nodes: tuple[Node, ...]


Node = Leaf | Not | All | Any


def parse(text: str) -> Node:
    """What a value asks for."""
    reader = _Reader(text)
    node = reader.any_of(0)
    if not reader.at_end():
        raise Invalid(f"“{text[:80]}” has a closing parenthesis too many.")
    if len(leaves(node)) > MAX_LEAVES:
        raise Invalid(f"A search in texts has at most {MAX_LEAVES} words and phrases.")
    if not _is_bound(node):
        raise Invalid(f"“{text[:80]}” says only what must not be there. Add a word that must.")
    return node


def _is_bound(node: Node) -> bool:
    """Whether something must be there, so that the index has something to look up."""
    match node:
        case Leaf():
            return True
        case Not():
            return False
        case All():
            return any(map(_is_bound, node.nodes))
    return all(map(_is_bound, node.nodes))


class _Reader:
    """Reads a value sign by sign."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def at_end(self) -> bool:
        return not self.text[self.place :].strip()

    def any_of(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise Invalid(f"A search in texts has at most {MAX_DEPTH} parentheses in one another.")
        nodes = [self._all_of(depth)]
        while self._take("OR"):
            nodes.append(self._all_of(depth))
        return nodes[0] if len(nodes) == 1 else Any(tuple(nodes))

    def _all_of(self, depth: int) -> Node:
        nodes: list[Node] = []
        while (found := _SIGN.match(self.text, self.place)) and not found["close"]:
            if found["word"] and found["word"].upper() == "OR":
                break
            self.place = found.end()
            if found["word"] and found["word"].upper() == "AND":
                continue
            nodes += self._one(found, depth)
        if not nodes:
            if not found and not self.at_end():
                raise Invalid(f"“{self.text[:80]}” has a quotation mark that is not closed.")
            raise Invalid(f"“{self.text[:80]}” lacks a word, before or after OR or between parentheses.")
        if not found and not self.at_end():
            raise Invalid(f"“{self.text[:80]}” has a quotation mark that is not closed.")
        return nodes[0] if len(nodes) == 1 else All(tuple(nodes))

    def _one(self, found: re.Match[str], depth: int) -> Iterator[Node]:
        if found["open"]:
            node = self.any_of(depth + 1)
            closing = _SIGN.match(self.text, self.place)
            if not closing or not closing["close"]:
                raise Invalid(f"“{self.text[:80]}” has a parenthesis that is not closed.")
            self.place = closing.end()
            yield Not(node) if found["open"].startswith("-") else node
            return
        written = found["quoted"] or found["word"]
        if leaf := _leaf(written):
            yield Not(leaf) if written.startswith("-") else leaf
        elif found["quoted"]:
            raise Invalid(f"{written[:40]} has no word in it.")

    def _take(self, word: str) -> bool:
        found = _SIGN.match(self.text, self.place)
        if found and found["word"] and found["word"].upper() == word:
            self.place = found.end()
            return True
        return False


def _leaf(written: str) -> Leaf | None:
    """A word or a phrase; a sign that is no word, such as a dash between two, is none."""
    found = words(written)
    return Leaf(tuple(map(sought, found))) if found else None


def leaves(node: Node) -> list[Leaf]:
    """The words and phrases, in the order in which they are written."""
    match node:
        case Leaf():
            return [node]
        case Not():
            return leaves(node.node)
    return [leaf for one in node.nodes for leaf in leaves(one)]


def words_query(node: Node, weight: str = "") -> str:
    """The tsquery; with a weight only words of that weight count."""
    match node:
        case Leaf():
            return _leaf_query(node, weight)
        case Not():
            return f"!({words_query(node.node, weight)})"
        case All():
            return f"({' & '.join(words_query(one, weight) for one in node.nodes)})"
    return f"({' | '.join(words_query(one, weight) for one in node.nodes)})"


def _leaf_query(leaf: Leaf, weight: str) -> str:
    mark = f":{weight}" if weight else ""
    return "(" + " <-> ".join(f"'{word}'{mark}" for word in leaf.words) + ")"
