"""How old a thing may be before the chart marks it as old, with its age in words: the table to change.

Of what is measured in a stay newer values are expected than of somebody who lives at home.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

AGES: Final[Mapping[str, timedelta]] = {
    "vital signs in a stay": timedelta(hours=24),
    "vital signs": timedelta(days=366),
    "results in a stay": timedelta(days=14),
    "results": timedelta(days=400),
    "habits": timedelta(days=365),
    "no known allergy": timedelta(days=730),
}
