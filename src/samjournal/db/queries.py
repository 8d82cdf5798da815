"""Named SQL: plain statements in a package's `queries.sql`, each under `-- name: what it does`."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from types import SimpleNamespace

_HEAD = re.compile(r"^-- (\w+): .*$", re.MULTILINE)


@cache
def queries(package: str) -> SimpleNamespace:
    """The statements of `package`'s queries.sql as attributes, by name."""
    text = files(package).joinpath("queries.sql").read_text(encoding="utf-8")
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return SimpleNamespace(
        **{head[1]: text[head.end() : end].strip().rstrip(";") for head, end in zip(heads, ends, strict=True)}
    )
