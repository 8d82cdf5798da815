"""Signing in and out: in a demo as one of the made-up people, elsewhere by what a provider proves."""

from samjournal.signin.pages import routes
from samjournal.signin.providers import Identity, Provider

__all__ = ["Identity", "Provider", "routes"]
