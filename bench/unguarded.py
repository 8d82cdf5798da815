"""The program without access control and without the log of looks, to be measured against. Never where people are.

python -m bench.unguarded serve …        as `samjournal serve …`
"""

from __future__ import annotations

import sys
from typing import Any

from samjournal import __main__, audit
from samjournal.access import Permit
from samjournal.audit import Looks


async def _unlogged(*_: Any) -> None:
    """Nothing is written."""


def main() -> int:
    for name, sql in (("condition", "true"), ("opens", "true"), ("why", "'care'")):
        setattr(Permit, name, lambda *_, sql=sql, **__: sql)
    audit.write = _unlogged
    Looks.write = _unlogged  # type: ignore[method-assign]
    return __main__.main()


if __name__ == "__main__":
    sys.exit(main())
