"""The face of apps: SMART App Launch and Backend Services, on top of OAuth 2.0 and OpenID Connect."""

from samjournal.smart.endpoints import WORDS, Endpoints, Origins, is_endpoint
from samjournal.smart.giving import refuse_odd_scope
from samjournal.smart.pages import routes

__all__ = ["WORDS", "Endpoints", "Origins", "is_endpoint", "refuse_odd_scope", "routes"]
