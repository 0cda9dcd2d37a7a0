"""Where a pull may go: public addresses, and of internal ones those that the operator has allowed.

A name is resolved once, every address that it has is checked, and the connection goes to a checked address: a name that
changes its mind between the check and the connection (DNS rebinding) gets nowhere.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qala.standard.problems import Problem

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

VARIABLE = "QALA_INTAKE_ALLOW"
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class RefusedAddressError(Problem):
    """A name leads to an internal address that the operator has not allowed."""


@dataclass(frozen=True)
class Allowed:
    """Internal networks that pulls may reach.

    Args:
        networks: none by default: the machine itself, the local network and a cloud's metadata stay out of reach.
    """

    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Allowed:
        """From networks or addresses as texts, `10.20.0.0/16` or `192.168.5.7`.

        Raises:
            Problem: a text is neither.
        """
        found = []
        for text in texts:
            try:
                found.append(ipaddress.ip_network(text.strip()))
            except ValueError as error:
                raise Problem(
                    f"{text.strip()!r} is no network: {error}", where=VARIABLE, hint="write 10.20.0.0/16 or 192.168.5.7"
                ) from None
        return cls(tuple(found))

    @classmethod
    def by_operator(cls) -> Allowed:
        """What `QALA_INTAKE_ALLOW` says: networks by commas."""
        return cls.of(filter(None, (part.strip() for part in os.environ.get(VARIABLE, "").split(","))))

    def permits(self, address: Address) -> bool:
        """Whether a connection may go there."""
        inner = _inner(address)
        if any(
            one in network for one in {address, inner} for network in self.networks if one.version == network.version
        ):
            return True
        return all(one.is_global and not one.is_multicast for one in (address, inner))


def _inner(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where the network would unwrap it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64 or int(address) >> 32 == 0:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.sixtofour is not None:
            return address.sixtofour
        if address.teredo is not None:
            return address.teredo[1]
    return address


def checked_addresses(host: str, port: int, allowed: Allowed) -> Sequence[str]:
    """The addresses of a host, all of them permitted.

    Raises:
        RefusedAddressError: one of them is internal.
        OSError: the name cannot be resolved (now).
    """
    found = dict.fromkeys(
        str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    )
    for text in found:
        if not allowed.permits(ipaddress.ip_address(text)):
            raise RefusedAddressError(
                f"{host} is an internal address" if host == text else f"{host} leads to {text}, an internal address",
                where=f"{host}:{port}",
                hint=f"the operator of this site can allow it: {VARIABLE}={text}",
            )
    return list(found)


def checked_connection(host: str, port: int, allowed: Allowed, timeout: float) -> socket.socket:
    """A connected socket to a checked address of a host; they are tried in turn.

    Raises:
        RefusedAddressError: one of its addresses is internal.
        OSError: none of them answers.
    """
    trouble: OSError | None = None
    for address in checked_addresses(host, port, allowed):
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            trouble = error
    raise trouble or OSError(f"{host} has no address")
