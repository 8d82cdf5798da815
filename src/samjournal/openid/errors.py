"""Why nobody was signed in. None of them holds a token, a number or anything else that a provider said of a person."""

from __future__ import annotations


class Problem(Exception):
    """Nobody was signed in. `reason` is a word or two of ours, for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Away(Problem):
    """The provider did not answer, not in time, or with something that is no answer. Try again later."""


class Declined(Problem):
    """The provider says no: `code` is OAuth's (RFC 6749 4.1.2.1), such as access_denied when somebody cancels."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the provider declined: {code}")
        self.code = code


class Unproven(Problem):
    """What came back proves nothing: a wrong signature, issuer, audience, time, nonce or level. `is_level`: all else
    was right, and the level too low."""

    def __init__(self, reason: str, *, is_level: bool = False) -> None:
        super().__init__(reason)
        self.is_level = is_level
