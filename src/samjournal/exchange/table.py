"""A table of the operator's TOML file, which knows where it stands and which of its keys were asked for.

Paths are meant from the folder of the file. Secrets stand in files of their own that nobody else may read, or in the
environment (`{env:NAME}`), and appear in no log and in no error.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Misconfigured(Exception):
    """What is wrong in the file, where, and what to do."""


_ENVIRONMENT = re.compile(r"\{env:([A-Za-z_][A-Za-z0-9_]*)\}")


class Table:
    """A table of the file, which knows where it stands and which of its keys were asked for."""

    def __init__(self, told: Mapping[str, Any], where: str, folder: Path) -> None:
        self._told, self.where, self._folder = told, where, folder
        self._asked: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._told

    def _value(self, name: str, default: Any = None) -> Any:
        self._asked.add(name)
        found = self._told.get(name, default)
        if found is None:
            raise Misconfigured(f"{self.where}: {name} is missing.")
        return found

    def text(self, name: str, default: str | None = None) -> str:
        found = self._value(name, default)
        if isinstance(found, bool):
            return "true" if found else "false"
        if not isinstance(found, str | int | float):
            raise Misconfigured(f"{self.where}: {name} is one value.")
        return str(found)

    def texts(self, name: str, default: tuple[str, ...] | None = None) -> list[str]:
        found = self._value(name, default)
        if not isinstance(found, list | tuple):
            raise Misconfigured(f"{self.where}: {name} is a list.")
        return [str(one) for one in found]

    def texts_by_name(self, name: str) -> dict[str, str]:
        found = self._value(name, {})
        if not isinstance(found, dict):
            raise Misconfigured(f"{self.where}: {name} is a table.")
        return {key: str(value) for key, value in found.items()}

    def table(self, name: str) -> Table:
        found = self._value(name)
        if not isinstance(found, dict):
            raise Misconfigured(f"{self.where}: {name} is a table.")
        return Table(found, f"{self.where} [{name}]", self._folder)

    def tables(self, name: str) -> list[Table]:
        found = self._value(name, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise Misconfigured(f"{self.where}: {name} is a list of tables.")
        return [Table(one, f"{self.where} [[{name}]] {place}", self._folder) for place, one in enumerate(found, 1)]

    def numbers(self, name: str, default: tuple[int, ...]) -> list[int]:
        found = self._value(name, default)
        if not isinstance(found, list | tuple) or not all(isinstance(one, int) for one in found):
            raise Misconfigured(f"{self.where}: {name} is a list of whole numbers.")
        return list(found)

    def value(self, name: str) -> Any:
        """Whatever stands there, with what it names of the environment put in."""
        return self._filled(name, self._value(name))

    def _filled(self, name: str, found: Any) -> Any:
        if isinstance(found, str):
            return _ENVIRONMENT.sub(lambda each: self._environment(name, each[1]), found)
        if isinstance(found, dict):
            return {key: self._filled(name, one) for key, one in found.items()}
        return [self._filled(name, one) for one in found] if isinstance(found, list) else found

    def _environment(self, name: str, variable: str) -> str:
        found = os.environ.get(variable, "")
        if not found:
            raise Misconfigured(f"{self.where}: {name} names {variable}, which the environment does not have.")
        return found

    def path(self, name: str) -> Path:
        return self._folder / self.text(name)

    def private(self, name: str) -> Path:
        """A file with a secret: it must be there, and nobody else may read it."""
        path = self.path(name)
        try:
            mode = path.stat().st_mode
        except OSError as error:
            raise Misconfigured(f"{self.where}: {name} {path} cannot be read: {error.strerror}.") from None
        if stat.S_IMODE(mode) & 0o077:
            raise Misconfigured(f"{self.where}: {name} {path} can be read by others: chmod 600 {path}")
        return path

    def secret(self, name: str) -> str:
        """What stands in a file with a secret; "" where none is named."""
        self._asked.add(name)
        return self.private(name).read_text().strip() if name in self._told else ""

    def finish(self) -> None:
        """Raises Misconfigured for keys that mean nothing: a slip of the finger would pass unseen."""
        if unknown := sorted(self._told.keys() - self._asked):
            raise Misconfigured(f"{self.where}: there is no setting {unknown[0]}.")
