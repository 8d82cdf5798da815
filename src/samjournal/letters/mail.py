"""E-mail over SMTP. RFC 5321, RFC 3207 (STARTTLS), RFC 3834 (nobody answers a machine)

Mail(server).send(parcel) -> str        the Message-ID, the same when it is sent again; raises Unreachable, Refused
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal

from samjournal.letters.channels import Parcel
from samjournal.letters.faults import Refused, Unreachable


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in. `security` `none` is for a server on this machine alone."""

    host: str
    port: int
    sender: str
    name: str = "Samjournal"
    user: str = ""
    password: str = ""
    security: Literal["starttls", "tls", "none"] = "starttls"
    tls: ssl.SSLContext | None = None
    patience: float = 20.0


class Mail:
    """Plain text to one address."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def send(self, parcel: Parcel) -> str:
        message = self._written(parcel)
        try:
            async with asyncio.timeout(self._server.patience * 3):
                await asyncio.to_thread(self._handed_in, message, parcel.to)
        except smtplib.SMTPRecipientsRefused as error:
            code = next((code for code, _ in error.recipients.values()), 550)
            raise (Refused if code >= 500 else Unreachable)(f"the mail server answers {code}") from None
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            raise Unreachable(f"the mail server does not let us in ({type(error).__name__})") from None
        except smtplib.SMTPSenderRefused as error:
            raise Unreachable(f"the mail server refuses the sender ({error.smtp_code})") from None
        except smtplib.SMTPResponseException as error:
            kind = Refused if error.smtp_code >= 500 and isinstance(error, smtplib.SMTPDataError) else Unreachable
            raise kind(f"the mail server answers {error.smtp_code}") from None
        except (OSError, TimeoutError, smtplib.SMTPException) as error:
            raise Unreachable(f"no answer from the mail server ({type(error).__name__})") from None
        return str(message["Message-ID"])

    def _written(self, parcel: Parcel) -> EmailMessage:
        user, at, domain = parcel.to.strip().rpartition("@")
        if not (user and at and domain) or any(one.isspace() for one in parcel.to.strip()):
            raise Refused("the e-mail address is none")
        message = EmailMessage(policy=SMTP)
        message["Subject"] = parcel.title
        message["From"] = Address(self._server.name, addr_spec=self._server.sender)
        try:
            message["To"] = parcel.to.strip()
        except (ValueError, IndexError):
            raise Refused("the e-mail address is none") from None
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{parcel.id}@{self._server.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        if parcel.is_urgent:
            message["Importance"] = "high"
        message.set_content(f"{parcel.text}\n")
        message["Content-Language"] = parcel.language
        return message

    def _handed_in(self, message: EmailMessage, to: str) -> None:
        server, tls = self._server, self._server.tls or ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(server.host, server.port, timeout=server.patience, context=tls)
            if server.security == "tls"
            else smtplib.SMTP(server.host, server.port, timeout=server.patience)
        ) as connection:
            if server.security == "starttls":
                connection.starttls(context=tls)
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(message, server.sender, [to.strip()])
