"""The staff's pages: find a patient, open the chart, write down what was measured and done."""

from samjournal.workspace.routes import routes

__all__ = ["routes"]
