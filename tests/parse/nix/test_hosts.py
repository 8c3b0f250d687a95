"""Hosts that mean something."""

import pytest

from scanner.parse.nix.hosts import is_local_host


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "a.localhost", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:5000"]
)
def test_this_machine(host: str) -> None:
    assert is_local_host(host)


@pytest.mark.parametrize(
    "host",
    ["", "localhost.example.org", "128.0.0.1", "127.example.org", "127.0.0.1.nip.io", "[::2]", "mylocalhost"],
)
def test_other_machines(host: str) -> None:
    assert not is_local_host(host)
