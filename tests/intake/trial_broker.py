"""A real Mosquitto on a port of its own, with TLS by a throw-away authority, and a sender that is another library than ours."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

USER, PASSWORD = "qala", "p@ss/word"


def mosquitto() -> str:
    found = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
    if found is None:
        pytest.skip("Mosquitto is not installed (Debian: apt-get install mosquitto)")
    return found


class TrialBroker:
    """Mosquitto with the settings that docs/howto/receive-over-mqtt.md recommends."""

    def __init__(self, folder: Path, *, tls: bool = False, persistent: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o777)
        self.folder, self.tls = folder, tls
        self.port = free_port()
        self.ca = folder / "ca.pem"
        lines = [
            f"listener {self.port} 127.0.0.1", "max_queued_messages 0", "max_queued_bytes 0",
            "max_inflight_messages 0", "max_packet_size 1048576", "set_tcp_nodelay true", "user root",
        ]  # fmt: skip
        if tls:
            authority(folder)
            passwords = folder / "passwords"
            passwords.write_text(f"{USER}:{PASSWORD}\n")
            subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True, capture_output=True)
            lines += [
                f"cafile {self.ca}", f"certfile {folder}/broker.pem", f"keyfile {folder}/broker.key",
                "allow_anonymous false", f"password_file {passwords}",
            ]  # fmt: skip
        else:
            lines.append("allow_anonymous true")
        if persistent:
            lines += ["persistence true", f"persistence_location {folder}/", "autosave_interval 1"]
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        if not self.tls:
            return f"mqtt://127.0.0.1:{self.port}"
        return f"mqtts://{USER}:p%40ss%2Fword@localhost:{self.port}?ca={self.ca}"

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [mosquitto(), "-c", str(self.folder / "mosquitto.conf")], stdout=log, stderr=log
            )
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.02)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(10)


class Sender:
    """Publishes at QoS 1 and knows what the broker has acknowledged."""

    def __init__(self, broker: TrialBroker, *, user: str = "", password: str = "") -> None:
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.max_inflight_messages_set(500)
        self.reasons: list[Any] = []
        self._reasons = threading.Lock()
        self._client.on_publish = self._told
        if broker.tls:
            self._client.tls_set(str(broker.ca))
            self._client.username_pw_set(user or USER, password or PASSWORD)
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 600
        self._client.connect("localhost" if broker.tls else "127.0.0.1", broker.port, properties=properties)
        self._client.loop_start()

    def _told(self, client: Any, data: Any, mid: int, reason: Any, properties: Any) -> None:
        with self._reasons:
            self.reasons.append(reason)

    def send(self, topic: str, *bodies: bytes) -> None:
        """Publish, and wait for the broker to have all of it."""
        wait(self._client.is_connected)
        waiting = [self._client.publish(topic, body, qos=1) for body in bodies]
        for one in waiting:
            one.wait_for_publish(20)
            assert one.is_published(), "the broker did not acknowledge"

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextlib.contextmanager
def sender(broker: TrialBroker, **how: Any) -> Iterator[Sender]:
    one = Sender(broker, **how)
    try:
        yield one
    finally:
        one.close()


def authority(folder: Path) -> None:
    """A certificate authority and a broker's certificate for localhost, good for an hour."""
    now = datetime.datetime.now(datetime.UTC)

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def certificate(subject: str, key: Any, issuer: str, signer: Any, authority: bool) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(subject)).issuer_name(name(issuer)).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5)).not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )  # fmt: skip
        if not authority:
            names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(signer, hashes.SHA256())

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(certificate("trial", ca_key, "trial", ca_key, True).public_bytes(pem))
    (folder / "broker.pem").write_bytes(certificate("localhost", key, "trial", ca_key, False).public_bytes(pem))
    (folder / "broker.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait(what: Any, seconds: float = 15.0) -> None:
    """Until something is so."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come to be in time"
        time.sleep(0.02)
