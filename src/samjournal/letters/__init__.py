"""Letters on paper, as accessible PDF."""

from samjournal.letters.paper import Unprintable, pdf

__all__ = ["Unprintable", "pdf"]
