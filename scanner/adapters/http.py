"""HTTP as `scanner.model.ports.Http` wants it: bounded in time and size, tried again, along with proxies and certificates of the environment.

Proxies are those of HTTPS_PROXY, ALL_PROXY and NO_PROXY; certificates those of REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE or
NIX_SSL_CERT_FILE, the first that is set, else those of the system, as git and curl take them, else the library's. A netrc is not read.
"""

import os
import random
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from http.client import BadStatusLine, HTTPException, RemoteDisconnected
from pathlib import Path
from typing import Final, NamedTuple, TypeGuard
from urllib.parse import urljoin, urlsplit

import requests
from requests import exceptions as failed
from urllib3 import exceptions as broken
from urllib3.response import BaseHTTPResponse

from scanner import __version__
from scanner.adapters.budget import budget_of, number
from scanner.adapters.first_contact import FirstContact
from scanner.adapters.loopback import LOOPBACK, host_of, is_loopback
from scanner.adapters.transport import TooManyOctets, Transport
from scanner.model.ports import NoResponse, Request, Response
from scanner.model.quoting import quoted

_CERTIFICATES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NIX_SSL_CERT_FILE")
_OF_SYSTEM: Final = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch, Alpine, NixOS
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, BSD
)
"""Where systems keep the certificates that their owners trust, those of a company's proxy among them."""
_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_")
_URL: Final = frozenset(
    "!#$%&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~"
)
"""The characters of RFC 3986."""
_REDIRECTS: Final = 5
_PASSING: Final = frozenset((500, 502, 503, 504))
"""Statuses that may be others a moment later."""
_REFUSED: Final = frozenset((403, 429))
"""Statuses with which a server that wants to be left alone for a while says that it has done nothing."""

_MOVED: Final = frozenset((301, 302, 303, 307, 308))
_CHUNK: Final = 1 << 16
_PRIVATE: Final = frozenset(("authorization", "cookie", "proxy-authorization", "host", "content-length"))
"""Headers that nobody sets: the first has `secret`, the others are of the transport."""

_DEPTH: Final = 20
_AGENT: Final = f"snowfence/{__version__}"


class _Failure(NamedTuple):
    """Why there is no answer; `passing` when another attempt may give one, `unreachable` when the server was not even met, `silent` when it
    was, and says nothing."""

    reason: str
    passing: bool = False
    unreachable: bool = False
    silent: bool = False
    too_long: bool = False


_UNUSABLE: Final = _Failure("the proxy that the environment names cannot be used", unreachable=True)


class _Address(NamedTuple):
    """Where a URL leads: `place` is the host, with a port unless it is that of the scheme."""

    scheme: str
    place: str

    def __str__(self) -> str:
        return quoted(self.place)

    @property
    def loopback(self) -> bool:
        return is_loopback(self.place)


class HttpClient:
    """`scanner.model.ports.Http`. Safe to be used by several threads.

    Seconds: `connect` to reach a server, `read` between two of its octets, `total` for a request with its redirects, repetitions and
    waits; `patience` is the longest wait that a server may ask for (a longer one is not waited: its answer is handed on as it is).
    A host that could not be reached is not asked again, nor is one that was silent when it was asked first: other questions wait for that
    one, and it is not repeated, so that a network that swallows everything costs one wait for each host.
    """

    def __init__(
        self,
        *,
        connect: float = 5.0,
        read: float = 15.0,
        total: float = 60.0,
        attempts: int = 3,
        backoff: float = 0.5,
        patience: float = 10.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._connect = connect
        self._read = read
        self._total = total
        self._attempts = attempts
        self._backoff = backoff
        self._patience = patience
        self._sleep = sleep
        self._clock = clock
        certificates = _certificates()
        self._no_certificates = certificates if isinstance(certificates, _Failure) else None
        self._transport = Transport(connect, read, certificates if isinstance(certificates, str) else True)
        self._contact: FirstContact[_Address, _Failure] = FirstContact()

    def send(self, request: Request) -> Response | NoResponse:
        """Follows redirects (also those of a POST, which stays one) and tries again what may pass."""
        deadline = time.monotonic() + self._total
        first = _address(request.url)
        if isinstance(first, _Failure):
            return NoResponse(first.reason)
        url, address = request.url, first
        for _ in range(_REDIRECTS + 1):
            answer = self._insist(request, url, address, address == first, deadline)
            if isinstance(answer, _Failure):
                return NoResponse(answer.reason, answer.too_long)
            target = answer.headers.get("location")
            if answer.status not in _MOVED or target is None:
                return answer
            if answer.status == 303:  # the answer to it is there, and is got
                request = request._replace(body=None, method="", once=False)
            url = _joined(url, target)
            led = _address(url)
            if isinstance(led, _Failure):
                return NoResponse(f"{address} sends on to an address that is not asked: {led.reason}")
            if address.scheme == "https" and led.scheme == "http":
                return NoResponse(f"{address} sends on to an address without https")
            if led.place != first.place and led.place not in request.hosts:
                return NoResponse(f"{address} sends on to {led}, which is not asked")
            address = led
        return NoResponse(f"{first} sends on more than {_REDIRECTS} times")

    def _insist(
        self, request: Request, url: str, address: _Address, own: bool, deadline: float
    ) -> Response | _Failure:
        """The answer at one address, after as many attempts as it takes and may take."""
        known = self._contact.begin(address)
        if known is not None:
            return known
        answer: Response | _Failure | None = None
        try:
            answer = self._attempts_at(request, url, address, own, deadline)
        finally:
            self._contact.end(address, answer if self._leaves_alone(answer, address) else None)
        return answer

    def _leaves_alone(self, answer: object, address: _Address) -> TypeGuard[_Failure]:
        """Whether a failure is one of the server as a whole, or of the way to it."""
        return isinstance(answer, _Failure) and (
            answer.unreachable or (answer.silent and not self._contact.has_answered(address))
        )

    def _attempts_at(
        self, request: Request, url: str, address: _Address, own: bool, deadline: float
    ) -> Response | _Failure:
        for attempt in range(1, self._attempts + 1):
            answer = self._attempt(request, url, address, own, deadline)
            wait = self._wait(address, answer, attempt, once=request.once)
            if wait is None or attempt == self._attempts or time.monotonic() + wait >= deadline:
                break
            self._sleep(wait)
        return answer

    def _wait(
        self, address: _Address, answer: Response | _Failure, attempt: int, *, once: bool
    ) -> float | None:
        """Seconds until it is worth asking again; None when it is not, or is to be asked `once` and the server may have acted."""
        own = self._backoff * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)
        if isinstance(answer, _Failure):
            never = self._leaves_alone(answer, address) and not self._contact.has_answered(address)
            surely_not = not once or answer.unreachable
            return own if answer.passing and surely_not and not never else None
        if once and answer.status not in _REFUSED:
            return None
        asked = _asked_wait(answer, self._clock())
        if asked is not None:
            return max(asked, own) if asked <= self._patience else None
        return own if answer.status in _PASSING else None

    def _attempt(
        self, request: Request, url: str, address: _Address, own: bool, deadline: float
    ) -> Response | _Failure:
        if address.scheme == "https" and self._no_certificates is not None:
            return self._no_certificates
        headers = {"User-Agent": _AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"} | dict(request.headers)
        headers = {name: value for name, value in headers.items() if name.lower() not in _PRIVATE}
        if own and request.secret:
            headers["Authorization"] = request.secret
        try:
            method = request.method or ("GET" if request.body is None else "POST")
            asked = requests.Request(method, url, headers, data=request.body).prepare()
        except ValueError:
            return _Failure("the request cannot be sent as it is")
        try:
            raw = self._transport.send(asked, deadline, request.limit, proxied=not address.loopback)
        except (OSError, ValueError, HTTPException, broken.HTTPError) as error:
            return self._why(error, address, request.limit, deadline)
        except Exception:  # of a proxy that is half of one requests makes errors of any type
            return _UNUSABLE
        self._contact.answered(address)
        try:
            return _read(raw, url, address, request.limit)
        except (OSError, ValueError, HTTPException, broken.HTTPError) as error:
            return self._why(error, address, request.limit, deadline)
        finally:
            # a connection whose answer was read to its end has gone back to the pool by now, any other is of no use
            raw.close()

    def _why(self, error: BaseException, address: _Address, limit: int, deadline: float) -> _Failure:
        """The reason in an exception and those inside it. None of their texts is used: they hold addresses."""
        chain = list(_chain(error))
        for one in chain:
            match one:
                case ssl.SSLCertVerificationError():
                    said = one.verify_message.rstrip(".")
                    return _Failure(f"the certificate of {address} cannot be verified: {said}")
                case (
                    failed.InvalidSchema()
                    | failed.InvalidURL()
                    | broken.LocationValueError()
                    | broken.ProxySchemeUnknown()
                ):  # the address itself was looked at before
                    return _UNUSABLE
                case TooManyOctets():
                    return _too_long(address, limit)
                case failed.ProxyError() | broken.ProxyError():
                    return _Failure(f"the proxy does not let us through to {address}", True, True)
                case UnicodeError():
                    return _Failure("the request cannot be sent as it is")
                case broken.NameResolutionError():
                    return _Failure(f"the name {address} cannot be resolved", True, True)
                case broken.NewConnectionError():
                    return _Failure(f"{address} cannot be reached", True, True)
                case broken.ConnectTimeoutError():
                    return _Failure(f"{address} cannot be reached within {self._connect:g} s", True, True)
        if any(isinstance(one, TimeoutError | broken.TimeoutError) for one in chain):
            if time.monotonic() >= deadline:
                return _Failure(f"{address} does not end its answer within {self._total:g} s", silent=True)
            return _Failure(
                f"{address} does not answer within {self._transport.waited:g} s", True, silent=True
            )
        if any(isinstance(one, ssl.SSLError) for one in chain):
            return _Failure(f"no secure connection to {address} can be made", True)
        if any(isinstance(one, BadStatusLine) and not isinstance(one, RemoteDisconnected) for one in chain):
            return _Failure(f"{address} does not speak HTTP", True)
        return _Failure(f"{address} ends the connection before its answer is complete", True)


def _read(raw: BaseHTTPResponse, url: str, address: _Address, limit: int) -> Response | _Failure:
    headers = {name.lower(): value for name, value in raw.headers.items()}
    encoding = headers.get("content-encoding", "").strip().lower()
    octets = raw.stream(_CHUNK, decode_content=False)
    if encoding in ("gzip", "x-gzip"):
        octets = _unpacked(octets)
    elif encoding not in ("", "identity"):
        return _Failure(f"{address} answers in an encoding that was not asked for")
    body = bytearray()
    try:
        for part in octets:
            body += part
            if len(body) > limit:
                return _too_long(address, limit)
    except zlib.error:
        return _Failure(f"{address} answers with what cannot be unpacked", True)
    return Response(raw.status, url, headers, bytes(body))


def _too_long(address: _Address, limit: int) -> _Failure:
    return _Failure(f"{address} answers with more than {_size(limit)}", too_long=True)


def _unpacked(packed: Iterator[bytes]) -> Iterator[bytes]:
    """The content of one or more members of gzip, in parts of a bounded size."""
    unpack = zlib.decompressobj(31)
    begun = False
    for part in packed:
        while part:
            if unpack.eof:
                unpack = zlib.decompressobj(31)
            begun = True
            yield unpack.decompress(part, _CHUNK)
            part = unpack.unconsumed_tail or unpack.unused_data
    if begun and not unpack.eof:
        raise zlib.error("ends too early")


def _asked_wait(answer: Response, now: float) -> float | None:
    """Seconds that a server asks to wait.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api, RFC 9110 10.2.3
    """
    if answer.status not in (403, 429, 503):
        return None
    after = answer.headers.get("retry-after", "").strip()
    seconds = number(after)
    if seconds is not None:
        return float(seconds)
    if after:
        try:
            return max(parsedate_to_datetime(after).timestamp() - now, 0.0)
        except (ValueError, OverflowError, OSError):
            return None
    budget = budget_of(answer.headers)
    if budget.left == 0 and budget.reset is not None:
        return max(budget.reset - now, 0.0)
    return None


def _address(url: str) -> _Address | _Failure:
    """Where a URL leads, when it is one that may be asked."""
    if not url or not _URL.issuperset(url):
        return _Failure("the address holds characters that no address may hold")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return _Failure("the address cannot be read")
    scheme, place = parts.scheme, parts.netloc.lower()
    if scheme not in _PORTS:
        return _Failure("the address is none of https")
    if "@" in place:
        return _Failure("the address holds a user or password")
    host = host_of(place)
    if port is None:
        place = host
    elif place != f"{host}:{port}":
        return _Failure("the address cannot be read")
    if port == _PORTS[scheme]:
        place = host
    if host not in LOOPBACK and (not host or not _HOST.issuperset(host) or host.startswith((".", "-"))):
        return _Failure("the address names no host")
    if scheme == "http" and host not in LOOPBACK:
        return _Failure("the address is without https")
    return _Address(scheme, place)


def _joined(url: str, target: str) -> str:
    """Where a `Location` leads; an empty text when it cannot be read."""
    try:
        return urljoin(url, target).partition("#")[0]
    except ValueError:
        return ""


def _certificates() -> str | _Failure | None:
    """The file or folder of certificates that the environment names, else the file of the system; None for those of the library."""
    for name in _CERTIFICATES:
        path = os.environ.get(name)
        if path and Path(path).exists():
            return path
        if path:
            return _Failure(f"{name} names a file of certificates that does not exist")
    # A folder is not taken for one: images without certificates have an empty one.
    return next((path for path in _OF_SYSTEM if os.path.isfile(path) and os.path.getsize(path)), None)  # noqa: PTH113, PTH202


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and those inside it, from the outside in; urllib3 keeps them as arguments and reasons."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < _DEPTH:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += (*one.args, getattr(one, "reason", None), one.__cause__, one.__context__)


def _size(octets: int) -> str:
    if octets >= 1 << 20:
        return f"{octets >> 20} MB"
    return f"{octets >> 10} KB" if octets >= 1 << 10 else f"{octets} octets"
