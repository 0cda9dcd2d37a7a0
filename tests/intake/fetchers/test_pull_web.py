"""The client of pulls: where it may go, how long, how much, how often."""

from __future__ import annotations

import gzip
import socket
import ssl
import time
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from certificates import certificates
from hypothesis import given
from hypothesis import strategies as some
from web_servers import Asked, site

from qala.intake.fetchers import Allowed, Bounds, RefusedAddressError, Web
from qala.standard.problems import Problem

QUICK = Bounds(connect_s=2, read_s=1, whole_s=5, size=1 << 20, tries=3, backoff_s=0.01)
LOOPBACK = Allowed.of(["127.0.0.1"])
WEB = Web(LOOPBACK, QUICK)
PACKED = gzip.compress(bytes(16 << 20))


def names(monkeypatch: pytest.MonkeyPatch, answers: list[list[str]]) -> list[str]:
    """Have names resolve to these addresses, one list after another; gives the names that were asked for."""
    asked: list[str] = []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        try:
            found = [str(ip_address(host))]
        except ValueError:
            asked.append(host)
            found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1",
     "2002:7f00:1::", "::7f00:1", "2001:0:53aa:64c:0:5efe:80ff:fffe", "ff02::1"],
)  # fmt: skip
def test_an_internal_address_is_not_permitted_until_it_is_allowed(address: str) -> None:
    assert not Allowed().permits(ip_address(address))
    assert Allowed.of([address]).permits(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "95.56.237.24", "2a00:1450:4001:800::200e", "64:ff9b::808:808"])
def test_a_public_address_is_permitted(address: str) -> None:
    assert Allowed().permits(ip_address(address))


@given(some.ip_addresses())
def test_every_address_gets_an_answer(address: Any) -> None:
    assert Allowed().permits(address) in (True, False)
    assert Allowed.of([str(address)]).permits(address)


def test_what_the_operator_allows_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QALA_INTAKE_ALLOW", "10.20.0.0/16, 192.168.5.7")
    allowed = Allowed.by_operator()
    assert allowed.permits(ip_address("10.20.3.4")) and allowed.permits(ip_address("192.168.5.7"))
    assert not allowed.permits(ip_address("10.21.0.1"))
    monkeypatch.setenv("QALA_INTAKE_ALLOW", "10.20.0.1/16")
    with pytest.raises(Problem, match="no network"):
        Allowed.by_operator()


@pytest.mark.parametrize("found", [["127.0.0.2"], ["127.0.0.1", "127.0.0.2"]])
def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    with site(lambda asked: asked.answer(200, b"secret")) as there:
        names(monkeypatch, [found])
        with pytest.raises(RefusedAddressError, match=r"127\.0\.0\.2, an internal address"):
            WEB.get(there.url(host="city.example"))
    assert there.asked == []


def test_a_name_that_changes_its_mind_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: what was checked is what is connected to."""
    with site(lambda asked: asked.answer(200, b"[]")) as there:
        asked = names(monkeypatch, [["127.0.0.1"], ["169.254.169.254"]])
        assert WEB.get(there.url(host="city.example")).body == b"[]"
    assert asked == ["city.example"]
    assert there.asked[0].headers["host"] == f"city.example:{there.port}"


@pytest.mark.parametrize("host", ["127.0.0.2", "2130706434", "0x7f.2", "127.2", "localhost.internal.invalid"])
def test_other_spellings_of_an_internal_address_are_refused_too(host: str) -> None:
    with pytest.raises(Problem):
        WEB.get(f"http://{host}:9/")


@pytest.mark.parametrize(
    "target", ["http://127.0.0.2:9/", "//127.0.0.2:9/x", "file:///etc/passwd", "gopher://127.0.0.1/"]
)
def test_a_redirect_is_checked_like_the_first_address(target: str) -> None:
    with site(lambda asked: asked.answer(302, Location=target)) as there, pytest.raises(Problem):
        WEB.get(there.url())
    assert len(there.asked) == 1


def test_a_redirect_takes_no_secret_to_another_origin() -> None:
    with site(lambda asked: asked.answer(200, b"[]")) as other:

        def answer(asked: Asked) -> None:
            target = "/same" if asked.path == "/" else other.url("/other")
            asked.answer(307, Location=target)

        with site(answer) as there:
            found = WEB.get(there.url(), {"Authorization": "Bearer x", "X-Key": "y", "Accept": "text/csv"})
    assert found.body == b"[]" and found.url == other.url("/other")
    assert there.asked[1].headers["authorization"] == "Bearer x"
    assert {"authorization", "x-key"}.isdisjoint(other.asked[0].headers)
    assert other.asked[0].headers["accept"] == "text/csv"


def test_redirects_end() -> None:
    with site(lambda asked: asked.answer(301, Location="/again")) as there, pytest.raises(Problem, match="more than 5"):
        WEB.get(there.url())
    assert len(there.asked) == 6


def test_what_may_pass_is_tried_again_and_what_will_not_is_not() -> None:
    statuses = iter([503, 429, 200])
    with site(lambda asked: asked.answer(next(statuses), b"[]", Retry_After="0")) as there:
        assert WEB.get(there.url()).body == b"[]"
    assert len(there.asked) == 3
    with (
        site(lambda asked: asked.answer(404, b"no such  dataset")) as there,
        pytest.raises(Problem, match="404") as problem,
    ):
        WEB.get(there.url("/x?token=secret"))
    assert len(there.asked) == 1
    assert "no such dataset" in problem.value.hint and "secret" not in str(problem.value)
    with site(lambda asked: asked.answer(500)) as there, pytest.raises(Problem, match="500"):
        WEB.get(there.url())
    assert len(there.asked) == QUICK.tries


def test_a_server_that_asks_to_wait_long_is_left_alone_until_the_next_turn() -> None:
    begun = time.monotonic()
    with site(lambda asked: asked.answer(503, Retry_After="3600")) as there, pytest.raises(Problem):
        WEB.get(there.url())
    assert len(there.asked) == 1 and time.monotonic() - begun < 3


def test_waits_grow_apart() -> None:
    times: list[float] = []

    def answer(asked: Asked) -> None:
        times.append(time.monotonic())
        asked.answer(503)

    with site(answer) as there, pytest.raises(Problem):
        Web(LOOPBACK, Bounds(tries=4, backoff_s=0.05)).get(there.url())
    waits = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    assert waits[0] > 0.03 and waits[2] > waits[0] * 1.5


def test_nobody_there_is_told() -> None:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    with pytest.raises(Problem, match="does not answer"):
        WEB.get(f"http://127.0.0.1:{port}/data?key=secret")
    with pytest.raises(Problem, match="its name is not known"):
        WEB.get("http://no-such-host.invalid/")


def _silent(asked: Asked) -> None:
    time.sleep(2)


def _drips_headers(asked: Asked) -> None:
    asked.raw.sendall(b"HTTP/1.1 200 OK\r\nX-A: ")
    for _ in range(60):
        asked.raw.sendall(b"a")
        time.sleep(0.05)


def _drips_body(asked: Asked) -> None:
    asked.raw.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(60):
        asked.raw.sendall(b"[")
        time.sleep(0.05)


@pytest.mark.parametrize("answer", [_silent, _drips_headers, _drips_body])
def test_a_server_that_is_too_slow_is_given_up_in_time(answer: Any) -> None:
    begun = time.monotonic()
    with site(answer) as there:
        with pytest.raises(Problem, match=r"does not answer|too long"):
            Web(LOOPBACK, Bounds(read_s=0.5, whole_s=0.8, tries=2, backoff_s=0.01)).get(there.url())
        assert time.monotonic() - begun < 2


@pytest.mark.parametrize("how", ["announced", "streamed", "packed"])
def test_an_answer_that_is_too_big_is_refused(how: str, tmp_path: Path) -> None:
    def answer(asked: Asked) -> None:
        if how == "announced":
            asked.raw.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n[")
        elif how == "packed":
            asked.answer(200, PACKED, Content_Encoding="gzip")
        else:
            asked.raw.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * (3 << 20))

    with site(answer) as there:
        for to in (None, tmp_path / "answer.csv"):
            with pytest.raises(Problem, match="more than 1048576 bytes"):
                WEB.get(there.url(), to=to)
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_is_cut_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    def answer(asked: Asked) -> None:
        asked.raw.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1, 2]")

    with site(answer) as there, pytest.raises(Problem):
        WEB.get(there.url(), to=tmp_path / "answer.json")
    assert len(there.asked) == QUICK.tries
    assert list(tmp_path.iterdir()) == []


def test_a_packed_answer_is_unpacked() -> None:
    with site(lambda asked: asked.answer(200, gzip.compress(b"[1]"), Content_Encoding="gzip")) as there:
        assert WEB.get(there.url()).body == b"[1]"
    assert "gzip" in there.asked[0].headers["accept-encoding"]


def test_a_certificate_is_for_the_name_though_the_address_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority, certificate, key = certificates(tmp_path, "city.example")
    trust = ssl.create_default_context(cafile=str(authority))
    with site(lambda asked: asked.answer(200, b"[]"), tls=(certificate, key)) as there:
        names(monkeypatch, [["127.0.0.1"]])
        assert Web(LOOPBACK, QUICK, trust).get(there.url(host="city.example")).body == b"[]"
        with pytest.raises(Problem, match="certificate is not trusted"):
            Web(LOOPBACK, QUICK, trust).get(there.url(host="other.example"))
        with pytest.raises(Problem, match="certificate is not trusted"):
            WEB.get(there.url(host="city.example"))


def test_a_redirect_from_https_to_http_is_refused(tmp_path: Path) -> None:
    authority, certificate, key = certificates(tmp_path, "127.0.0.1")
    trust = ssl.create_default_context(cafile=str(authority))
    there = site(lambda asked: asked.answer(302, Location="http://127.0.0.1:9/"), tls=(certificate, key))
    with there as found, pytest.raises(Problem, match="from https to http"):
        Web(LOOPBACK, QUICK, trust).get(found.url())


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1/", "http://", "127.0.0.1/x", "http://user:secret@127.0.0.1/", "http://[::1", "http://a b/", ""],
)
def test_what_is_no_address_is_told_without_its_secrets(url: str) -> None:
    with pytest.raises(Problem) as problem:
        WEB.get(url)
    assert "secret" not in str(problem.value)
