"""A web server on 127.0.0.1 that answers as it is told, and misbehaves on request.

    def test_it(server: Server) -> None:                      # a fixture of tests/conftest.py
        server.on("/repos/a/b", json_of({"id": 1}))           # the last answer of a path is repeated
        server.on("/again", Answer(500), json_of([]))         # first this, then that
        server.on("/slow", slow())
        HttpClient().send(Request(f"{server.url}/repos/a/b"))
        assert server.asked[0].headers["user-agent"].startswith("snowfence/")

A path may hold a query (`/repos?page=2`), then it is for that one only. What has no answer is 404 with GitHub's error body.
Nothing here sleeps: what waits, waits for `released`, which is set when the test ends.
"""

import contextlib
import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Event, Lock, Thread
from typing import Any, Final, NamedTuple, Self

_MOST_WAITED: Final = 60.0
"""Seconds after which a waiting thread ends, also when a test forgot to close its server."""


class Asked(NamedTuple):
    """A request as it arrived. `path` has the query; the names of `headers` are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Line:
    """The way back to the client, for answers that are no HTTP: `write` octets, `wait` for the end of the test."""

    def __init__(self, handler: BaseHTTPRequestHandler, released: Event) -> None:
        self._handler = handler
        self._released = released

    def write(self, octets: bytes) -> None:
        self._handler.wfile.write(octets)
        self._handler.wfile.flush()

    def wait(self, seconds: float = _MOST_WAITED) -> bool:
        """Whether the test has ended meanwhile."""
        return self._released.wait(seconds)


class Answer(NamedTuple):
    """What is answered. `raw` takes the place of everything else and writes to the line itself; the connection is closed behind it."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}
    raw: Callable[[Line], None] | None = None


Answering = Answer | Callable[[Asked], Answer]
"""An answer, or what works it out from the request."""


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may leave whenever they want."""


class Server:
    """The server, a context manager. `asked` holds every request in the order of arrival, `connections` counts those, `answering`
    is what `otherwise` was told.

    With a `context` it speaks TLS, as `localhost`."""

    def __init__(self, context: SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self.released = Event()
        self._routes: dict[str, list[Answering]] = {}
        self.answering: Answering = NOT_FOUND
        self._lock = Lock()
        self._http = _Quiet(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._http.block_on_close = False
        port = self._http.server_address[1]
        self.host = f"127.0.0.1:{port}" if context is None else f"localhost:{port}"
        self.url = f"http://{self.host}" if context is None else f"https://{self.host}"
        if context is not None:
            self._http.socket = context.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )

    def __enter__(self) -> Self:
        Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()

    def on(self, path: str, *answers: Answering) -> None:
        """What is answered at this path, one after the other; the last one again and again."""
        with self._lock:
            self._routes[path] = list(answers)

    def otherwise(self, answer: Answering) -> None:
        """What is answered at every other path."""
        self.answering = answer

    def paths(self) -> list[str]:
        """The paths that were asked for, with their queries."""
        return [asked.path for asked in self.asked]

    def _answer(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            answers = self._routes.get(asked.path) or self._routes.get(asked.path.partition("?")[0])
            answer = self.answering
            if answers:
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer if isinstance(answer, Answer) else answer(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                with server._lock:
                    server.connections += 1

            def do_GET(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def do_PATCH(self) -> None:
                self._serve()

            def do_CONNECT(self) -> None:
                self._serve()

            def do_HEAD(self) -> None:
                self._serve()

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = server._answer(Asked(self.command, self.path, headers, body))
                with contextlib.suppress(OSError):  # the client may have had enough
                    self._write(answer)

            def _write(self, answer: Answer) -> None:
                if answer.raw is not None:
                    self.close_connection = True
                    answer.raw(Line(self, server.released))
                    return
                self.send_response_only(answer.status)
                given = {name.lower() for name in answer.headers}
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if "content-length" not in given and "transfer-encoding" not in given:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def json_of(value: object, status: int = 200, **headers: str) -> Answer:
    """JSON; `headers` by their names with `_` for `-`: `json_of([], etag='"1"', x_ratelimit_remaining="0")`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(
        status, json.dumps(value).encode(), {"Content-Type": "application/json; charset=utf-8"} | named
    )


NOT_FOUND: Final = json_of({"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}, 404)


def redirect(to: str, status: int = 301) -> Answer:
    return Answer(status, b"", {"Location": to})


def rate_limited(reset: int, status: int = 403) -> Answer:
    """GitHub's answer when the budget is spent until `reset` (seconds since 1970).
    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api"""
    return json_of(
        {"message": "API rate limit exceeded for 127.0.0.1.", "documentation_url": "https://docs.github.com"},
        status,
        x_ratelimit_limit="60",
        x_ratelimit_remaining="0",
        x_ratelimit_reset=str(reset),
    )


def retry_after(value: int | str, status: int = 429) -> Answer:
    """A wait in seconds or until a date of HTTP."""
    return json_of({"message": "You have exceeded a secondary rate limit."}, status, retry_after=str(value))


def wrong_type(body: bytes = b"<!doctype html><title>Sign in</title>") -> Answer:
    """A page for people where data was asked for, as captive portals give it."""
    return Answer(200, body, {"Content-Type": "text/html"})


def invalid_json(body: bytes = b'{"half": [1, 2') -> Answer:
    return Answer(200, body, {"Content-Type": "application/json"})


def slow() -> Answer:
    """Takes the request and says nothing until the test ends."""
    return Answer(raw=lambda line: _ignored(line.wait()))


def drip(octets: bytes = b"a" * 1_000_000, every: float = 0.01, headers: bool = False) -> Answer:
    """An octet at a time, until the test ends; also the status line when `headers` drip."""

    def write(line: Line) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % len(octets)
        if headers:
            octets_of_all = head + b"X-Long: " + octets
        else:
            line.write(head + b"\r\n")
            octets_of_all = octets
        for octet in octets_of_all:
            line.write(bytes((octet,)))
            if line.wait(every):
                return

    return Answer(raw=write)


def truncated(body: bytes = b'{"whole": true}', missing: int = 10) -> Answer:
    """A body that ends before the length that is claimed."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return Answer(raw=lambda line: line.write(head % (len(body) + missing) + body))


def closed() -> Answer:
    """The connection ends without a word."""
    return Answer(raw=lambda line: None)


def garbage(octets: bytes = b"\x00\xffnot HTTP at all\r\n\r\n") -> Answer:
    return Answer(raw=lambda line: line.write(octets))


def huge(octets: int = 100 << 20, claimed: bool = True) -> Answer:
    """A body of so many octets, made while it is sent; without Content-Length when it is not `claimed`."""

    def write(line: Line) -> None:
        line.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n")
        line.write(b"Content-Length: %d\r\n\r\n" % octets if claimed else b"\r\n")
        for _ in range(octets >> 16):
            line.write(b" " * (1 << 16))

    return Answer(raw=write)


def gzip_bomb(octets: int = 100 << 20) -> Answer:
    """A small body that unpacks to so many octets."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(b" " * (1 << 16)) for _ in range(octets >> 16)]
    return Answer(200, b"".join((*parts, packer.flush())), {"Content-Encoding": "gzip"})


def gzipped(body: bytes) -> Answer:
    return Answer(200, gzip.compress(body, mtime=0), {"Content-Encoding": "gzip"})


def _ignored(_: object) -> None:
    return None
