"""The program without the log of looks, or without access control too, to be measured against. Never where people are.

python -m bench.unguarded log serve …             as `samjournal serve …`, but nothing is logged
python -m bench.unguarded access+log serve …      and everything is shown
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
    without = sys.argv.pop(1).split("+")
    if "access" in without:
        for name, sql in (("condition", "true"), ("opens", "true"), ("why", "'care'")):
            setattr(Permit, name, lambda *_, sql=sql, **__: sql)
    audit.write = _unlogged
    Looks.write = _unlogged  # type: ignore[method-assign]
    return __main__.main()


if __name__ == "__main__":
    sys.exit(main())
