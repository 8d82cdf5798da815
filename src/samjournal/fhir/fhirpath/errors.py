"""What can be wrong with an expression: in its words, or with what it met."""

from __future__ import annotations


class PathError(ValueError):
    """An expression that cannot be read, or cannot be carried through; `at` is the place in it, from 0."""

    def __init__(self, text: str, at: int = -1) -> None:
        super().__init__(text)
        self.text = text
        self.at = at

    def __str__(self) -> str:
        return f"{self.text} (character {self.at + 1})" if self.at >= 0 else self.text
