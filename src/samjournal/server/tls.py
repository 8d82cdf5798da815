"""TLS spoken by the server itself, where no proxy does it. rfc-editor.org/rfc/rfc9325

Versions 1.2 and 1.3; of 1.2 only what has forward secrecy and authenticated encryption.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from samjournal.server.exits import Usage

SUITES: Final = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!SHA1"


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate with what it hangs on, and its key."""

    certificate: Path
    key: Path

    def context(self, _config: Any = None, _default: Callable[[], ssl.SSLContext] | None = None) -> ssl.SSLContext:
        """What uvicorn asks for. Raises Usage when the files cannot be used."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(SUITES)
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        try:
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError):
            raise Usage(f"{self.certificate} and {self.key} are no certificate with its key (PEM).") from None
        return context

    def address(self, host: str, place: socket.socket) -> str:
        """What the server is called when nobody says it."""
        return f"https://{f'[{host}]' if ':' in host else host}:{place.getsockname()[1]}"


def tls_of(certificate: Path | None, key: Path | None) -> Tls | None:
    """What the command line says. Raises Usage for half of it, and for a key that others can read."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise Usage("TLS needs both: --certificate FILE and --private-key FILE.")
    made = Tls(certificate, key)
    made.context()
    if key.stat().st_mode & 0o077:
        raise Usage(f"{key} can be read by others: chmod 600 {key}")
    return made
