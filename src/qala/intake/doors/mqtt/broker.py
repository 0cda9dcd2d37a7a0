"""The broker: its address, and clients of it (MQTT 5)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from awscrt import io, mqtt5

from qala.standard.problems import Problem

VARIABLE = "QALA_MQTT_URL"
SESSION_S = 7 * 24 * 3600
"""How long the broker keeps what comes for a receiver that is away, if its own settings allow."""
IN_FLIGHT = 1000
"""Messages of one source that are with a receiver and not acknowledged: receive maximum."""
PACKET_BYTES = 1024 * 1024
"""Longer messages are not delivered: the broker is to refuse them to their sender (docs/howto/receive-over-mqtt.md)."""
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_EXAMPLE = "mqtts://user:password@broker.example.kz:8883?ca=/etc/qala/ca.pem"
_NOT_US = (mqtt5.ConnectReasonCode.BAD_USERNAME_OR_PASSWORD, mqtt5.ConnectReasonCode.NOT_AUTHORIZED)
_LOOK_S = 5.0
_SLOWEST_MS = 5_000


@dataclass(frozen=True)
class Broker:
    """Where the broker is, and what Qala proves itself with.

    Args:
        ca: file of certificates that are trusted, PEM; the system's where empty.
        certificate, key: files of the client's own, where the broker asks for them.
    """

    host: str
    port: int
    tls: bool
    user: str = ""
    password: str = ""
    ca: str = ""
    certificate: str = ""
    key: str = ""

    @classmethod
    def parse(cls, url: str) -> Broker:
        """Read an address.

        Raises:
            Problem: it is none, or names files that are not there.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise _problem(f"this is no address of a broker: {error}") from None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise _problem("this is no address of a broker")
        if parts.path.strip("/"):
            raise _problem("the address of a broker has no path")
        said = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if unknown := set(said) - {"ca", "certificate", "key"}:
            raise _problem(f"{', '.join(sorted(unknown))} is not known of a broker; ca, certificate and key are")
        for name, file in said.items():
            if not Path(file).is_file():
                raise _problem(f"{name} names a file that is not there: {file}")
        if bool(said.get("certificate")) != bool(said.get("key")):
            raise _problem("certificate and key go together")
        if said.get("ca"):
            try:
                ssl.create_default_context(cafile=said["ca"])
            except ssl.SSLError:
                raise _problem(f"ca names a file without certificates in PEM: {said['ca']}") from None
        if said and parts.scheme != "mqtts":
            raise _problem("certificates belong to mqtts")
        return cls(
            parts.hostname, port or _PORTS[parts.scheme], parts.scheme == "mqtts", unquote(parts.username or ""),
            unquote(parts.password or ""), **said,
        )  # fmt: skip

    def looked_at(self) -> str:
        """Why no connection can be made, in a sentence; empty if one can. The client tries on and on, and says less."""
        try:
            with socket.create_connection((self.host, self.port), timeout=_LOOK_S) as plain:
                if self.tls:
                    context = ssl.create_default_context(cafile=self.ca or None)
                    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # no stricter than the client
                    if self.certificate:
                        context.load_cert_chain(self.certificate, self.key)
                    context.wrap_socket(plain, server_hostname=self.host).close()
        except ssl.SSLCertVerificationError as error:
            return f"{self}: its certificate is not trusted: {error.verify_message}"
        except OSError as error:
            return f"{self}: {error.strerror or error}"
        return ""

    def __str__(self) -> str:
        """The address without what is secret."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


class Line:
    """What all clients of a process share: the thread of the network, and how TLS is done."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        group = io.EventLoopGroup(1)
        self._bootstrap = io.ClientBootstrap(group, io.DefaultHostResolver(group))
        self._tls = self._tls_context() if broker.tls else None

    def _tls_context(self) -> io.ClientTlsContext:
        broker = self.broker
        if broker.certificate:
            options = io.TlsContextOptions.create_client_with_mtls_from_path(broker.certificate, broker.key)
        else:
            options = io.TlsContextOptions()
        if broker.ca:
            options.override_default_trust_store_from_path(None, broker.ca)
        return io.ClientTlsContext(options)

    def client(
        self,
        name: str,
        *,
        published: Callable[[mqtt5.PublishReceivedData], None],
        up: Callable[[bool], None],
        down: Callable[[str], None],
        session_s: int = SESSION_S,
    ) -> mqtt5.Client:
        """A client that joins its session again whenever it is connected, and connects again by itself.

        Args:
            name: client id; two clients of one name drive each other out.
            published: is called with each message, in the thread of the network.
            up: is called when the broker has accepted, with whether it knew the session.
            down: is called with a reason when it is lost, or cannot be reached.
            session_s: seconds; 0 makes a session that ends with the connection.
        """
        broker = self.broker
        refused: Callable[[Any], None] = lambda data: down(_reason(data, broker))  # noqa: E731
        return mqtt5.Client(
            mqtt5.ClientOptions(
                host_name=broker.host,
                port=broker.port,
                bootstrap=self._bootstrap,
                tls_ctx=self._tls,
                connect_options=mqtt5.ConnectPacket(
                    client_id=name,
                    keep_alive_interval_sec=30,
                    username=broker.user or None,
                    password=broker.password or None,
                    session_expiry_interval_sec=session_s,
                    receive_maximum=IN_FLIGHT,
                    maximum_packet_size=PACKET_BYTES,
                ),
                session_behavior=(
                    mqtt5.ClientSessionBehaviorType.REJOIN_ALWAYS
                    if session_s
                    else mqtt5.ClientSessionBehaviorType.CLEAN
                ),
                offline_queue_behavior=mqtt5.ClientOperationQueueBehaviorType.FAIL_ALL_ON_DISCONNECT,
                retry_jitter_mode=mqtt5.ExponentialBackoffJitterMode.FULL,
                min_reconnect_delay_ms=500,
                max_reconnect_delay_ms=_SLOWEST_MS,
                min_connected_time_to_reset_reconnect_delay_ms=5_000,
                disable_metrics=True,
                on_publish_callback_fn=published,
                on_lifecycle_event_connection_success_fn=lambda data: up(bool(data.connack_packet.session_present)),
                on_lifecycle_event_connection_failure_fn=refused,
                on_lifecycle_event_disconnection_fn=refused,
            )
        )


def _reason(data: Any, broker: Broker) -> str:
    """Why a connection ended or was refused, for people."""
    answer = getattr(data, "connack_packet", None) or getattr(data, "disconnect_packet", None)
    if answer is not None and answer.reason_code is not None:
        code = answer.reason_code
        said = f"{getattr(code, 'name', code)}".replace("_", " ").lower()
        hint = f"; look at user and password in {VARIABLE}" if code in _NOT_US else ""
        return f"{broker} says: {said}" + (f" ({answer.reason_string})" if answer.reason_string else "") + hint
    error = data.exception
    return f"{broker}: {getattr(error, 'message', error)}"


def _problem(message: str) -> Problem:
    return Problem(message, where=VARIABLE, hint=f"for example {_EXAMPLE}")
