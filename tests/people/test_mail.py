"""Letters go out by any SMTP server that the environment names."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

SENDS = """
import django
django.setup()
from django.core.mail import send_mail
from django.utils.translation import override
from qala.people.letters import Unsent, sending
try:
    with override("en"), sending("akim@example.kz"):
        send_mail(
            "Сізді Qala жүйесіне шақырады", "Құпиясөзді таңдаңыз: https://qala.example/kk/", None, ["akim@example.kz"]
        )
except Unsent as problem:
    print("unsent:", problem.message)
"""


class Box:
    """What a server took in."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  so the library calls it
        self.letters.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return "250 OK"


def knows(server: Any, session: Any, envelope: Any, mechanism: str, auth: Any) -> AuthResult:
    right = isinstance(auth, LoginPassword) and (auth.login, auth.password) == (b"qala", b"a secret")
    return AuthResult(success=right, handled=False)  # the server says 535 itself


@pytest.fixture
def server() -> Iterator[tuple[Box, int]]:
    """A server that asks who sends, and its port."""
    box = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=knows, auth_required=True, auth_require_tls=False
    )
    running.start()
    yield box, port
    running.stop()


def send(port: int, password: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QALA_")} | {
        "DJANGO_SETTINGS_MODULE": "qala.config.settings", "DATABASE_URL": "postgresql:///unused",
        "QALA_SMTP_HOST": "127.0.0.1", "QALA_SMTP_PORT": str(port), "QALA_SMTP_TLS": "0", "QALA_SMTP_USER": "qala",
        "QALA_SMTP_PASSWORD": password, "QALA_MAIL_FROM": "rating@qala.example",
    }  # fmt: skip
    return subprocess.run([sys.executable, "-c", SENDS], env=environment, capture_output=True, text=True, check=False)


def test_a_letter_reaches_a_server_that_asks_who_sends(server: tuple[Box, int]) -> None:
    box, port = server
    done = send(port, "a secret")
    assert done.returncode == 0, done.stderr
    ((to, letter),) = box.letters
    assert to == ["akim@example.kz"] and letter["From"] == "rating@qala.example"
    assert letter["Subject"] == "Сізді Qala жүйесіне шақырады"
    assert "Құпиясөзді таңдаңыз" in letter.get_content()


def test_a_password_that_the_server_does_not_know_is_told_and_nothing_waits_for_ever(server: tuple[Box, int]) -> None:
    box, port = server
    done = send(port, "wrong")
    assert "unsent: The mail server did not take the letter to akim@example.kz." in done.stdout, done.stderr
    assert "535" in done.stderr  # the server's own words are for whoever runs the site
    assert not box.letters
