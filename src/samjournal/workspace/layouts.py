"""What each role has first on the chart, in order: the table that somebody changes who knows the work.

All else on the page is the same for all, in the same place and by the same name. A thing is made by the function of
that name in `first.py`; a role that is not here has the doctor's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LAYOUTS: Final[Mapping[str, tuple[str, str, str]]] = {
    # role             to look at first      then                  and then
    "doctor": ("abnormal results", "medicine decisions", "decide today"),
    "gp": ("elsewhere", "medicine list", "gp follow up"),
    "nurse": ("measure now", "shift tasks", "fluids"),
    "home-nurse": ("next visit", "measure at visit", "home service"),
    "physiotherapist": ("goals", "heed", "from us"),
    "health-visitor": ("growth", "vaccines", "family"),
    "secretary": ("appointments", "letters", "missing"),
}
