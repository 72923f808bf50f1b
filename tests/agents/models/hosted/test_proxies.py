from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.hosted.proxies import is_loopback, proxy_for

VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.upper(), raising=False)


def test_without_a_variable_there_is_no_proxy() -> None:
    assert proxy_for("https", "api.openai.com") is None


@pytest.mark.parametrize(
    ("variable", "value", "address"),
    [
        ("HTTPS_PROXY", "http://proxy:3128", "http://proxy:3128"),
        ("https_proxy", "proxy:3128", "http://proxy:3128"),
        ("ALL_PROXY", "socks5://proxy:1080", "socks5://proxy:1080"),
    ],
)
def test_the_proxy_and_its_variable_are_found(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, address: str
) -> None:
    monkeypatch.setenv(variable, value)
    proxy = proxy_for("https", "api.openai.com")
    assert proxy
    assert (proxy.address, proxy.setting) == (address, variable)


def test_a_proxy_of_another_scheme_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    assert proxy_for("http", "example.com") is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "ollama.localhost"])
def test_this_machine_is_reached_directly(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    assert is_loopback(host)
    assert proxy_for("http", host) is None


@pytest.mark.parametrize(
    ("no_proxy", "host", "direct"),
    [
        ("*", "example.com", True),
        ("example.com", "example.com", True),
        ("example.com", "api.example.com", True),
        ("example.com", "notexample.com", False),
        (".example.com", "api.example.com", True),
        ("*.example.com", "api.example.com", True),
        ("EXAMPLE.com", "Api.Example.Com", True),
        ("a.org, example.com", "example.com", True),
        ("a.org example.com", "example.com", True),
        ("https://example.com", "example.com", True),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.9/8", "10.1.2.3", True),
        ("fd00::/8", "fd12::1", True),
        ("[fd00::]/8", "fd12::1", True),
        ("fd00::/8", "fe80::1", False),
        ("::1/128,localhost,127.0.0.0/8", "fd12::1", False),
        ("fd12::1", "[fd12::1]", True),
        ("example.com:8000", "example.com", True),
        ("example.com:8001", "example.com", False),
        ("[fd12::1]:8000", "fd12::1", True),
        ("0.3", "10.0.0.3", False),
        ("", "example.com", False),
        (",,", "example.com", False),
        (".", "example.com", False),
    ],
)
def test_no_proxy_names_hosts_addresses_and_ranges(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, host: str, direct: bool
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert (proxy_for("http", host, 8000) is None) == direct


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30))
def test_no_value_of_no_proxy_raises(no_proxy: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HTTP_PROXY", "http://proxy:3128")
        patch.setenv("NO_PROXY", no_proxy)
        proxy_for("http", "example.com", 80)
