"""Messages as e-mail by SMTP. All mails of one incident are one conversation; none can be taken back or edited."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import ExitStack
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256

from sg_assets.alerts.channel import Letter, NotDelivered, Receipt
from sg_assets.http.answers import redacted

TIMEOUT = 15.0
SUBJECT = 200
PERMANENT = range(500, 600)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `security` is `starttls` (usual, port 587), `tls` (port 465) or `none`.

    `user` and `password` may be empty. Without encryption no password is sent.

    Raises:
        ValueError: another security, or a password without one.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "starttls"

    def __post_init__(self) -> None:
        """Refuse what cannot be, and what would show the password to everybody on the way."""
        if self.security not in {"starttls", "tls", "none"}:
            msg = f"the mail server's security is {self.security!r}: it can be starttls, tls or none"
            raise ValueError(msg)
        if self.security == "none" and self.password:
            msg = "a mail password is not sent without encryption: use starttls or tls"
            raise ValueError(msg)

    @property
    def domain(self) -> str:
        """The sender's domain."""
        return self.sender.rpartition("@")[2].rstrip("> ") or "localhost"


class Email:
    """One recipient. A connection is made for each mail: there are few."""

    is_silent_on_growth = False

    def __init__(self, server: MailServer, recipient: str, context: ssl.SSLContext | None = None) -> None:
        """Keep them; `context` says whose certificates to trust, by default those of the machine."""
        self._server, self._recipient = server, recipient
        self._context = context or ssl.create_default_context()

    def send(self, letter: Letter) -> Receipt:
        """Hand the mail in.

        Raises:
            NotDelivered: see `Channel.send`.
        """
        mail = compose(letter, self._server, self._recipient)
        try:
            with self._connected() as smtp:
                smtp.send_message(mail)
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = next(iter(refused.recipients.values()))
            raise NotDelivered(self._safe(_reason("the recipient was refused", code, said))) from None
        except smtplib.SMTPResponseException as refused:
            is_mail = isinstance(refused, smtplib.SMTPDataError) and refused.smtp_code in PERMANENT
            what = "the login was refused" if isinstance(refused, smtplib.SMTPAuthenticationError) else "refused"
            reason = _reason(what, refused.smtp_code, b"" if "login" in what else refused.smtp_error)
            raise NotDelivered(self._safe(reason), is_this_message=is_mail) from None
        except (smtplib.SMTPException, OSError) as error:
            msg = f"mail: {type(error).__name__}: {error}"
            raise NotDelivered(self._safe(msg)) from None
        return {"message_id": str(mail["Message-ID"])}

    def close(self) -> None:
        """Nothing stays open."""

    def _safe(self, text: str) -> str:
        return redacted(text, [self._server.password] if self._server.password else [])

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        place = (server.host, server.port, server.domain)  # by our own domain: else a name server is asked for our name
        if server.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=TIMEOUT, context=self._context)
        else:
            smtp = smtplib.SMTP(*place, timeout=TIMEOUT)
        with ExitStack() as unless_ready:
            unless_ready.callback(smtp.close)
            if server.security == "starttls":
                smtp.starttls(context=self._context)
            if server.password:
                smtp.login(server.user, server.password)
            unless_ready.pop_all()
        return smtp


def compose(letter: Letter, server: MailServer, recipient: str) -> EmailMessage:
    """The mail. Its Message-ID is the same whenever it is sent, by which many mail systems drop a second one."""
    message = letter.message
    mail = EmailMessage()
    mail["From"], mail["To"] = server.sender, recipient
    mail["Subject"] = " ".join(message.title.split())[:SUBJECT]
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{sha256(message.id.encode()).hexdigest()[:32]}@{server.domain}>"
    if conversation := next((receipt["message_id"] for receipt in letter.told if "message_id" in receipt), None):
        mail["In-Reply-To"] = mail["References"] = conversation
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: holiday notices do not answer it
    mail.set_content(f"{message.text}\n\nOwner: {message.owner}\n")
    return mail


def _reason(what: str, code: int, said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"mail: {what}: {code} {' '.join(text.split())[:200]}".rstrip()
