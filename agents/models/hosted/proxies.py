"""Chooses the proxy of a request from the environment, and from the system's settings on macOS and Windows.

Hosts on this machine are never reached through a proxy. Entries of `NO_PROXY` are host names with their subdomains,
addresses, ranges of addresses such as `10.0.0.0/8` or `::1/128`, each with a port if wanted, or `*`.
"""

from __future__ import annotations

import ipaddress
import os
import urllib.request
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Proxy:
    """A proxy and the setting that names it."""

    address: str
    setting: str
    """The environment variable, or `the system's settings`."""


def proxy_for(scheme: str, host: str, port: int | None = None) -> Proxy | None:
    """The proxy for requests to `host`; None for a direct connection."""
    proxies = urllib.request.getproxies()
    kind = next((kind for kind in (scheme, "all") if proxies.get(kind)), None)
    if kind is None or is_loopback(host) or _excluded(host, port, proxies.get("no", "")):
        return None
    address = proxies[kind]
    return Proxy(address if "://" in address else f"http://{address}", _setting(f"{kind}_proxy"))


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine."""
    address = _address(host)
    return address.is_loopback if address else host == "localhost" or host.endswith(".localhost")


def _setting(variable: str) -> str:
    present = (name for name in (variable, variable.upper()) if os.environ.get(name))
    return next(present, "the system's settings")


def _excluded(host: str, port: int | None, no_proxy: str) -> bool:
    entries = [entry for entry in no_proxy.replace(",", " ").split() if entry]
    return any(_matches(entry.rpartition("://")[2].lower(), host.lower(), port) for entry in entries)


def _matches(entry: str, host: str, port: int | None) -> bool:
    if entry == "*":
        return True
    address = _address(host)
    if "]:" in entry:
        name, _, wanted = entry.rpartition(":")
        return wanted == str(port) and _matches(name, host, port)
    try:
        network = ipaddress.ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        name, colon, wanted = entry.rpartition(":")
        if colon and wanted.isdecimal():
            return int(wanted) == port and _matches(name, host, port)
        name = entry.lstrip("*").lstrip(".")
        return bool(name) and not address and (host == name or host.endswith(f".{name}"))
    return address is not None and address in network


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
