"""Asking a web server: checked addresses, time and size within bounds, retries that grow apart, redirects checked too."""

from __future__ import annotations

import contextlib
import ipaddress
import random
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout, Url, parse_url
from urllib3.util.ssl_match_hostname import CertificateError

from qala.intake.fetchers.addresses import Allowed, checked_addresses
from qala.intake.payloads.limits import shown
from qala.standard.problems import Problem, phrase

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_STEP = 1 << 16
_LONGEST_WAIT_S = 60.0
_AGENT = "Qala"


class RefusalError(Problem):
    """A server answered with an error.

    Args:
        status: as HTTP numbers it.
    """

    def __init__(self, status: int, message: str, *, where: str, hint: str = "") -> None:
        super().__init__(message, where=where, hint=hint)
        self.status = status


@dataclass(frozen=True)
class Bounds:
    """How long and how much.

    Args:
        connect_s, read_s: seconds to connect, and of silence in between.
        whole_s: seconds for everything, retries too.
        size: bytes of an answer, unpacked.
        tries: attempts; between them the wait doubles from `backoff_s`, or is as long as the server asks.
    """

    connect_s: float = 10
    read_s: float = 30
    whole_s: float = 300
    size: int = 64 << 20
    tries: int = 4
    backoff_s: float = 1.0
    redirects: int = 5


@dataclass(frozen=True)
class Answer:
    """What a server said.

    Args:
        status: 200, 204 or 304.
        body: its content, unpacked; empty where it went to a file.
        url: where it came from after redirects.
    """

    status: int
    headers: Mapping[str, str]
    url: str
    body: bytes = b""

    @property
    def unchanged(self) -> bool:
        return self.status == 304


@dataclass(frozen=True)
class Web:
    """A client within bounds.

    Args:
        allowed: internal networks that it may reach.
        trust: certificates; default: those of the machine.
    """

    allowed: Allowed = field(default_factory=Allowed)
    bounds: Bounds = field(default_factory=Bounds)
    trust: ssl.SSLContext | None = None

    def get(self, url: str, headers: Mapping[str, str] | None = None, to: Path | None = None) -> Answer:
        """GET an address.

        Args:
            headers: sent to its own origin only, never to where it redirects.
            to: a file for the body; it is there when this returns, or not at all.

        Raises:
            Problem: an address that is not allowed, no answer in time, an answer too big, an error of the server; told
                without the query of the address, where secrets like to be.
        """
        until = time.monotonic() + self.bounds.whole_s
        for attempt in range(1, self.bounds.tries + 1):
            wait = self.bounds.backoff_s * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)
            try:
                return self._followed(url, dict(headers or {}), to, until)
            except _LaterError as later:
                wait = later.wait if later.wait is not None else wait
                trouble = later.problem
            except (HTTPError, OSError) as error:
                trouble = Problem(f"{_plain(url)} does not answer: {_why(error)}", where=_plain(url))
            if attempt == self.bounds.tries or wait > _LONGEST_WAIT_S or time.monotonic() + wait > until:
                break
            time.sleep(wait)
        trouble.hint = trouble.hint or "it is asked again at the next turn"
        raise trouble

    def _followed(self, url: str, headers: dict[str, str], to: Path | None, until: float) -> Answer:
        asked = _parsed(url)
        for _ in range(self.bounds.redirects + 1):
            with self._asked(asked, headers, until) as answer:
                if answer.status not in _REDIRECTS:
                    return self._read(asked, answer, to, until)
                target = answer.headers.get("Location")
            if not target:
                raise Problem("the server redirects to nowhere", where=_plain(url))
            further = _parsed(urljoin(asked.url, target))
            if asked.scheme == "https" and further.scheme == "http":
                raise Problem(f"the server redirects from https to {_plain(further.url)}", where=_plain(url))
            if _origin(further) != _origin(asked):
                headers = {name: value for name, value in headers.items() if name.lower() == "accept"}
            asked = further
        raise Problem(f"the server redirects more than {self.bounds.redirects} times", where=_plain(url))

    @contextlib.contextmanager
    def _asked(self, url: Url, headers: Mapping[str, str], until: float) -> Iterator[Any]:
        host, port = str(url.host), url.port or (443 if url.scheme == "https" else 80)
        name = host.strip("[]")
        addresses = checked_addresses(name, port, self.allowed)
        left = until - time.monotonic()
        timeout = Timeout(
            connect=min(self.bounds.connect_s, max(left, 0.01)), read=min(self.bounds.read_s, max(left, 0.01))
        )
        sent = {"User-Agent": _AGENT, "Accept-Encoding": "gzip, deflate", "Host": url.netloc or host, **headers}
        trouble: Exception | None = None
        for address in addresses:
            pool = self._pool(url.scheme == "https", address, port, name, timeout)
            with pool, _watched(pool, until):
                try:
                    answer = pool.urlopen(
                        "GET", url.request_uri, headers=sent, redirect=False, retries=False, preload_content=False,
                        decode_content=True,
                    )  # fmt: skip
                except urllib3.exceptions.NewConnectionError as error:
                    trouble = error
                    continue
                try:
                    yield answer
                finally:
                    answer.close()
                return
        raise trouble or OSError(f"{name} has no address")

    def _pool(self, secure: bool, address: str, port: int, name: str, timeout: Timeout) -> urllib3.HTTPConnectionPool:
        if not secure:
            return urllib3.HTTPConnectionPool(address, port, timeout=timeout)
        by_name: dict[str, str] = {} if _is_address(name) else {"server_hostname": name, "assert_hostname": name}
        context = self.trust or ssl.create_default_context()
        return urllib3.HTTPSConnectionPool(address, port, timeout=timeout, ssl_context=context, **by_name)  # type: ignore[arg-type]

    def _read(self, url: Url, answer: Any, to: Path | None, until: float) -> Answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if answer.status in _AGAIN:
            problem = self._refusal(url, answer)
            raise _LaterError(problem, _seconds(headers.get("retry-after")))
        if answer.status == 304 or answer.status == 204:
            return Answer(answer.status, headers, url.url)
        if answer.status != 200:
            raise self._refusal(url, answer)
        if to is None:
            into = BytesIO()
            self._copy(url, answer, into, until)
            return Answer(200, headers, url.url, into.getvalue())
        part = to.with_name(to.name + ".part")
        try:
            with part.open("wb") as file:
                self._copy(url, answer, file, until)
            part.replace(to)
        finally:
            part.unlink(missing_ok=True)
        return Answer(200, headers, url.url)

    def _copy(self, url: Url, answer: Any, into: IO[bytes], until: float) -> None:
        size = 0
        announced = answer.headers.get("Content-Length", "")
        while True:
            if (announced.isdigit() and int(announced) > self.bounds.size) or size > self.bounds.size:
                raise Problem(
                    f"the answer has more than {self.bounds.size} bytes",
                    where=_plain(url.url),
                    hint="ask for less at a time, or raise the bound of the source",
                )
            piece = answer.read1(_STEP, decode_content=True)
            if time.monotonic() > until:  # also where the watch has ended the connection
                raise TimeoutError(f"not all came within {self.bounds.whole_s:g} s")
            if not piece:
                break
            size += len(piece)
            into.write(piece)
        if answer.length_remaining:
            raise OSError("the answer ends too early")

    def _refusal(self, url: Url, answer: Any) -> RefusalError:
        said = ""
        with contextlib.suppress(HTTPError, OSError):
            said = shown(" ".join(answer.read(300, decode_content=True).decode("utf-8", "replace").split()))
        message = phrase(f"the server answered {answer.status} {answer.reason or ''}").strip()
        return RefusalError(answer.status, message, where=_plain(url.url), hint=f"it says: {said}" if said else "")


class _LaterError(Exception):
    def __init__(self, problem: Problem, wait: float | None) -> None:
        super().__init__(problem.message)
        self.problem, self.wait = problem, wait


@contextlib.contextmanager
def _watched(pool: urllib3.HTTPConnectionPool, until: float) -> Iterator[None]:
    """End the connection when time is over, however slowly and steadily the other side drips."""
    made = pool.ConnectionCls
    timers: list[threading.Timer] = []

    class Watched(made):  # type: ignore[valid-type,misc]
        def connect(self) -> None:
            super().connect()
            timer = threading.Timer(max(until - time.monotonic(), 0.01), partial(_shut, self.sock))
            timer.daemon = True
            timer.start()
            timers.append(timer)

    pool.ConnectionCls = Watched
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _parsed(url: str) -> Url:
    try:
        found = parse_url(url.strip())
    except HTTPError:
        raise Problem("this is not an address of the web", where=_plain(url)) from None
    if found.scheme not in ("http", "https") or not found.host:
        raise Problem("an address of the web begins with http:// or https:// and a host", where=_plain(url))
    if found.auth:
        raise Problem("an address holds no password", where=_plain(url), hint="put user and password into the settings")
    return found


def _origin(url: Url) -> tuple[Any, ...]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _plain(url: str) -> str:
    """An address for messages: without user, password, query and fragment."""
    bare = url.split("?", 1)[0].split("#", 1)[0]
    scheme, mark, rest = bare.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}" if mark else bare


def _seconds(retry_after: str | None) -> float | None:
    """`Retry-After` in seconds (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    return None


def _why(error: Exception) -> str:
    """The first cause of an error, without the addresses that libraries put into theirs."""
    while error.__cause__ or error.__context__:
        inner = error.__cause__ or error.__context__
        if not isinstance(inner, Exception):
            break
        error = inner
    if isinstance(error, socket.gaierror):
        return phrase("its name is not known")
    if isinstance(error, ssl.SSLCertVerificationError):
        return phrase(f"its certificate is not trusted: {error.verify_message}")
    if isinstance(error, CertificateError):
        return phrase("its certificate is not trusted: it is for another name")
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return str(error) or phrase("it took too long")
    return getattr(error, "strerror", None) or type(error).__name__
