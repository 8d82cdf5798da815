"""How a program is refused: OAuth's word for it, and a sentence. RFC 6749 section 5.2"""

from __future__ import annotations


class Refused(Exception):
    """Nothing is given; `code` is the standard's word for why. `as_basic`: the client tried HTTP Basic, and is told
    what this server takes."""

    def __init__(self, code: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.code, self.status = code, status
        # Descriptions are printable ASCII without quotes and backslashes.
        plain = text.replace("“", "'").replace("”", "'").replace('"', "'").replace("\\", "/")
        self.text = plain.encode("ascii", "replace").decode()
