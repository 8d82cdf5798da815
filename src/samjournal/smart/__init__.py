"""The face of apps: SMART App Launch and Backend Services, on top of OAuth 2.0 and OpenID Connect."""

from samjournal.smart.endpoints import WORDS, Endpoints, is_endpoint, is_origin_of
from samjournal.smart.giving import refuse_odd_scope
from samjournal.smart.pages import routes

__all__ = ["WORDS", "Endpoints", "is_endpoint", "is_origin_of", "refuse_odd_scope", "routes"]
