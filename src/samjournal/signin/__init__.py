"""Signing in and out: in a demo as one of the made-up people, elsewhere through the owner's own sign-in."""

from samjournal.signin.pages import routes

__all__ = ["routes"]
