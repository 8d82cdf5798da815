"""The portal: a citizen's own record, in plain words. Requirements 3.1, 3.3."""

from samjournal.portal.pages import routes

__all__ = ["routes"]
