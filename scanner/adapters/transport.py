"""The way of one request to one server, on requests: its socket has a deadline and a number of octets that hold for the whole answer.

Timeouts of sockets begin anew with every octet, so a server that sends one a second never ends. Here the answer is read through
a file that knows when the whole has to be done, and how much may come: whatever the framing of an answer makes http.client and urllib3
read (a chunk of size -1: all that comes), there is no more of it. Nothing of `requests.Session` takes part: no netrc, no cookies, no redirects.
"""

import io
import socket
import threading
import time
from http.client import HTTPResponse
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import BaseHTTPResponse

_POOLED: Final = 8
"""Connections to one host that are kept open: as many as there are threads that ask."""

_BESIDES: Final = 1 << 20
"""Octets of an answer that are none of its body."""

_now = threading.local()
"""`deadline` (seconds of the monotonic clock), `wait` (seconds for one octet) and `left` (octets) of the request that this thread is sending;
`waited` are the seconds of the wait that it is in."""


class TooManyOctets(OSError):
    """An answer goes on behind what is taken of it."""


class Transport:
    """Sends a request once. Safe to be used by several threads."""

    def __init__(self, connect: float, read: float, verify: bool | str) -> None:
        self._connect = connect
        self._read = read
        self._verify = verify
        self._adapter = _Adapter(pool_maxsize=_POOLED, max_retries=0)

    @property
    def waited(self) -> float:
        """The seconds that are waited for what this thread waits for, or has waited for in vain."""
        waited: float = _now.waited
        return waited

    def send(
        self, request: requests.PreparedRequest, deadline: float, limit: int, proxied: bool
    ) -> BaseHTTPResponse:
        """The head of an answer; its body is read from it, in the same thread. `deadline` is one of `time.monotonic`; a body of `limit` octets
        can be read, and TooManyOctets is raised somewhere behind that. Raises the errors of requests and urllib3, and OSError; what they make
        of a proxy that is none may be any other."""
        _now.deadline, _now.wait, _now.waited = deadline, self._read, self._connect
        _now.left = limit + limit // 2 + _BESIDES  # small chunks have more around them than large ones
        left = max(deadline - time.monotonic(), 0.001)
        response = self._adapter.send(
            request,
            stream=True,
            timeout=(min(self._connect, left), min(self._read, left)),
            verify=self._verify,
            proxies=get_environ_proxies(request.url or "") if proxied else None,
        )
        raw: BaseHTTPResponse = response.raw
        return raw


class _Bounded(io.RawIOBase):
    """The octets of a socket until the deadline, and no more than are left."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._held = sock.makefile(
            "rb", buffering=0
        )  # counts the users of the socket, so that it closes with the last

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = _now.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline is over")
        if _now.left <= 0:
            raise TooManyOctets
        _now.waited = _now.wait
        self._socket.settimeout(min(_now.wait, left))
        read = self._socket.recv_into(buffer)
        _now.left -= read
        return read

    def readall(self) -> bytes:
        raise TooManyOctets  # nobody who knows how much he wants asks for all

    def close(self) -> None:
        if not self.closed:
            self._held.close()
        super().close()


class _Line:
    """Stands for a socket where http.client makes a file of it."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Bounded(self._socket), 1 << 16)


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(_Line(sock), *args, **kwargs)  # type: ignore[arg-type]


class _Plain(HTTPConnection):
    response_class = _Response


class _Secure(HTTPSConnection):
    response_class = _Response


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _bound(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return _bound(super().proxy_manager_for(proxy, **kwargs))


def _bound(manager: PoolManager) -> PoolManager:
    """With connections that keep to the deadline; those of a SOCKS proxy keep to the timeout of each octet alone."""
    if type(manager).__name__ != "SOCKSProxyManager":
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
    return manager
