import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from sg_assets.alerts.channel import NotDelivered
from sg_assets.alerts.channels.email import Email
from sg_assets.alerts.channels.email import MailServer as Settings
from sg_assets_tests.alerts.mail_server import MailServer, certificate
from sg_assets_tests.alerts.telling import letter, life, message

SENDER = "Alerts <alerts@example.com>"
TO = "analytics@example.com"


def settings(server: MailServer, security: str = "none", password: str = "") -> Settings:
    return Settings("127.0.0.1", server.port, SENDER, "alerts", password, security)


def test_the_mails_of_an_incident_are_one_conversation() -> None:
    opened, _, resolved = life("raw_crm.account/1")
    with MailServer() as server:
        channel = Email(settings(server), TO)
        receipt = channel.send(letter(opened))
        channel.send(letter(resolved, receipt))
        channel.close()
    first, last = server.mails
    assert first["Subject"] == "opened raw_crm.account/1 1"
    assert (first["From"], first["To"]) == (SENDER, TO)
    assert "Why: the vendor answers 503" in first.get_content()
    assert "Owner: team:analytics" in first.get_content()
    assert "http://127.0.0.1:3000/assets/raw_crm/account" in first.get_content()
    assert first["Message-ID"] == receipt["message_id"] == last["In-Reply-To"] == last["References"]
    assert last["Message-ID"] != first["Message-ID"]
    assert first["Auto-Submitted"] == "auto-generated"


def test_a_mail_that_is_sent_again_has_the_same_id_so_that_mail_systems_can_tell() -> None:
    with MailServer(cuts_off_after_data=1) as server:
        channel = Email(settings(server), TO)
        with pytest.raises(NotDelivered, match="mail: SMTPServerDisconnected"):
            channel.send(letter())
        channel.send(letter(again=True))
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_a_long_title_in_any_language_is_a_subject() -> None:
    with MailServer() as server:
        Email(settings(server), TO).send(
            letter(replace(message(), title="Zürich\r\nBcc: all@example.com " + "x" * 300))
        )
    (mail,) = server.mails
    assert mail["Subject"].startswith("Zürich Bcc: all@example.com xxx")
    assert mail["Bcc"] is None


def test_the_password_is_sent_only_after_encryption(tmp_path: Path) -> None:
    file = certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(file))
    with MailServer(certificate=file, password="hunter2") as server:  # noqa: S106 (made up)
        Email(settings(server, "starttls", "hunter2"), TO, trusting).send(letter())
        assert server.commands.index("STARTTLS") < server.commands.index("AUTH")
        assert len(server.mails) == 1
        with pytest.raises(NotDelivered, match="the login was refused: 535") as raised:
            Email(settings(server, "starttls", "wrong-secret"), TO, trusting).send(letter())
        assert "secret" not in str(raised.value)
        with pytest.raises(NotDelivered, match="CERTIFICATE_VERIFY_FAILED"):
            Email(settings(server, "starttls", "hunter2"), TO).send(letter())


def test_a_server_that_does_not_encrypt_is_not_spoken_to() -> None:
    with MailServer() as server:
        with pytest.raises(NotDelivered, match="STARTTLS"):
            Email(settings(server, "starttls", "hunter2"), TO).send(letter())
        assert "AUTH" not in server.commands
        assert server.mails == []


@pytest.mark.parametrize(
    ("refused", "words", "is_this_message"),
    [
        ({"RCPT": "550 no such user"}, "the recipient was refused: 550 no such user", False),
        ({"MAIL": "421 too busy"}, "421 too busy", False),
        ({"DATA": "554 looks like spam"}, "554 looks like spam", True),
        ({"EHLO": "500 what", "HELO": "500 what"}, "500 what", False),
    ],
)
def test_a_refusal_says_what_the_server_said(refused: dict[str, str], words: str, is_this_message: bool) -> None:  # noqa: FBT001
    with MailServer(refused=refused) as server, pytest.raises(NotDelivered, match=words) as raised:
        Email(settings(server), TO).send(letter())
    assert raised.value.is_this_message is is_this_message


def test_a_server_that_is_not_there_is_said() -> None:
    with MailServer() as server:
        there = settings(server)
    with pytest.raises(NotDelivered, match="mail: ConnectionRefusedError"):
        Email(there, TO).send(letter())


@pytest.mark.parametrize(("security", "password"), [("none", "hunter2"), ("ssl3", "")])
def test_settings_that_would_give_the_password_away_are_refused(security: str, password: str) -> None:
    with pytest.raises(ValueError, match="mail") as raised:
        Settings("mail.example.com", 25, SENDER, "alerts", password, security)
    assert "hunter2" not in str(raised.value)
    assert "hunter2" not in repr(Settings("mail.example.com", 25, SENDER, "alerts", "hunter2"))
