"""The client against a server that does everything wrong."""

import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.exceptions import InvalidSchema

from scanner.adapters.http import HttpClient
from scanner.model.ports import NoResponse, Request, Response
from tests.server import (
    Answer,
    Asked,
    Line,
    Server,
    closed,
    drip,
    garbage,
    gzip_bomb,
    gzipped,
    huge,
    json_of,
    rate_limited,
    redirect,
    retry_after,
    slow,
    truncated,
)
from tests.support import run

NOW: Final = 1_700_000_000.0
SECRET: Final = "Bearer planted-secret-0123456789"


class Client(HttpClient):
    """With short bounds, and waits that are kept instead of waited."""

    def __init__(self, **options: float) -> None:
        self.waits: list[float] = []
        bounds = {"connect": 5.0, "read": 5.0, "total": 20.0} | options
        super().__init__(sleep=self.waits.append, clock=lambda: NOW, **bounds)  # type: ignore[arg-type]


def answered(answer: Response | NoResponse) -> Response:
    assert isinstance(answer, Response), answer
    return answer


def reason(answer: Response | NoResponse) -> str:
    assert isinstance(answer, NoResponse), answer
    assert not answer.reason.endswith(".")
    assert "planted-secret" not in answer.reason
    assert "://" not in answer.reason
    return answer.reason


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NIX_SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_an_answer(server: Server) -> None:
    server.on("/a", json_of([1], etag='"1"'))
    answer = answered(Client().send(Request(f"{server.url}/a?b=c", {"Accept": "application/json"})))
    assert answer.status == 200
    assert answer.body == b"[1]"
    assert answer.headers["etag"] == '"1"'
    assert answer.url == f"{server.url}/a?b=c"
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("GET", "/a?b=c")
    assert asked.headers["user-agent"].startswith("snowfence/")
    assert asked.headers["accept"] == "application/json"
    assert "authorization" not in asked.headers


def test_a_body_is_posted(server: Server) -> None:
    server.on("/a", Answer(200, b"done"))
    answer = Client().send(Request(f"{server.url}/a", {"Content-Type": "text/plain"}, b"body", secret=SECRET))
    assert answered(answer).body == b"done"
    (asked,) = server.asked
    assert (asked.method, asked.body, asked.headers["content-type"]) == ("POST", b"body", "text/plain")
    assert asked.headers["authorization"] == SECRET


def test_a_connection_is_used_again(server: Server) -> None:
    server.on("/a", Answer(200, b"x" * 100_000))
    client = Client()
    for _ in range(3):
        answered(client.send(Request(f"{server.url}/a")))
    assert server.connections == 1


@pytest.mark.parametrize("status", [304, 401, 403, 404, 410, 422, 451, 501])
def test_other_statuses_are_answers(server: Server, status: int) -> None:
    server.on("/a", Answer(status))
    assert answered(Client().send(Request(f"{server.url}/a"))).status == status
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_broken_server_is_asked_again(server: Server, status: int) -> None:
    server.on("/a", Answer(status), json_of([]))
    client = Client(backoff=0.5)
    assert answered(client.send(Request(f"{server.url}/a", body=b"again"))).status == 200
    assert [asked.body for asked in server.asked] == [b"again", b"again"]
    (wait,) = client.waits
    assert 0.25 <= wait <= 0.5


def test_a_server_that_stays_broken_is_answered_as_it_is(server: Server) -> None:
    server.on("/a", Answer(500))
    client = Client(attempts=3)
    assert answered(client.send(Request(f"{server.url}/a"))).status == 500
    assert len(server.asked) == 3
    assert len(client.waits) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (truncated(), "ends the connection before its answer is complete"),
        (closed(), "ends the connection before its answer is complete"),
        (garbage(), "does not speak HTTP"),
        (Answer(200, b"no gzip", {"Content-Encoding": "gzip"}), "cannot be unpacked"),
        (Answer(200, gzipped(b"a" * 99).body[:-4], {"Content-Encoding": "gzip"}), "cannot be unpacked"),
    ],
    ids=["truncated", "closed", "garbage", "no gzip", "half a gzip"],
)
def test_a_broken_answer_is_asked_again(server: Server, answer: Answer, said: str) -> None:
    server.on("/good", answer, json_of([]))
    server.on("/bad", answer)
    assert answered(Client().send(Request(f"{server.url}/good"))).body == b"[]"
    assert reason(Client().send(Request(f"{server.url}/bad?q=planted-secret", secret=SECRET))).endswith(said)
    assert len(server.asked) == 2 + 3


def test_a_slow_server(server: Server) -> None:
    """One that has answered before may be slow: it is asked again, also after something that it never answers."""
    server.on("/a", slow(), json_of([]))
    server.on("/b", slow())
    client = Client(read=0.1, attempts=2)
    answered(client.send(Request(server.url)))
    said = reason(client.send(Request(f"{server.url}/b", secret=SECRET)))
    assert said == f"`{server.host}` does not answer within 0.1 s"
    assert answered(client.send(Request(f"{server.url}/a"))).body == b"[]"
    assert len(server.asked) == 1 + 2 + 2


def test_a_server_that_never_answers_costs_one_wait(server: Server) -> None:
    """One thread asks, once; the others wait for what it finds."""
    server.otherwise(slow())
    client = Client(read=0.2)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(client.send, [Request(f"{server.url}/{number}") for number in range(50)]))
    assert {reason(answer) for answer in answers} == {f"`{server.host}` does not answer within 0.2 s"}
    assert len(server.asked) == 1 and client.waits == []


def test_who_answers_lets_the_others_in_before_the_answer_ends(server: Server) -> None:
    """A long answer, of a big repository, keeps nobody else waiting."""
    begun, ended = threading.Event(), threading.Event()

    def long(line: Line) -> None:
        line.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[")
        begun.set()
        ended.wait(20)
        line.write(b"]")

    server.on("/long", Answer(raw=long))
    server.on("/short", json_of([]))
    client = Client()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(client.send, Request(f"{server.url}/long"))
        assert begun.wait(20)
        assert answered(client.send(Request(f"{server.url}/short"))).status == 200
        ended.set()
        assert answered(first.result()).body == b"[]"


@pytest.mark.parametrize("headers", [False, True], ids=["body", "headers"])
def test_a_server_that_drips_ends(server: Server, headers: bool) -> None:
    server.on("/a", drip(headers=headers))
    said = reason(Client(read=5, total=0.3).send(Request(f"{server.url}/a")))
    assert said == f"`{server.host}` does not end its answer within 0.3 s"


@pytest.mark.parametrize(
    ("answer", "limit", "said"),
    [
        (huge(), 8 << 20, "8 MB"),
        (huge(claimed=False), 1 << 16, "64 KB"),
        (gzip_bomb(), 1 << 20, "1 MB"),
        (Answer(200, b"12345"), 4, "4 octets"),
    ],
    ids=["huge", "huge without a length", "gzip bomb", "one too many"],
)
def test_a_body_is_bounded(server: Server, answer: Answer, limit: int, said: str) -> None:
    server.on("/a", answer)
    assert reason(Client().send(Request(f"{server.url}/a", limit=limit))).endswith(f"with more than {said}")
    assert len(server.asked) == 1


FRAMINGS: Final = {
    "a chunk of size -1": (b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", b" " * (1 << 20)),
    "a chunk without end": (b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n", b" " * (1 << 20)),
    "small chunks": (b"Transfer-Encoding: chunked\r\n\r\n", b"1;%s\r\na\r\n" % (b"x" * 60_000) * 20),
    "a gzip of nothing": (b"Content-Encoding: gzip\r\n\r\n", gzipped(b"").body * 50_000),
    "no other than interim ones": (b"\r\n", b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" * 30_000),
}


@pytest.mark.parametrize("framing", FRAMINGS)
def test_an_answer_is_bounded_whatever_is_around_its_body(server: Server, framing: str) -> None:
    head, part = FRAMINGS[framing]
    written = 0

    def write(line: Line) -> None:
        nonlocal written
        status = b"HTTP/1.1 100 Continue\r\n" if framing.startswith("no") else b"HTTP/1.1 200 OK\r\n"
        line.write(status + head)
        for _ in range(100):
            line.write(part)
            written += len(part)

    server.on("/a", Answer(raw=write))
    said = reason(Client().send(Request(f"{server.url}/a", limit=1 << 20)))
    assert said == f"`{server.host}` answers with more than 1 MB"
    assert len(server.asked) == 1
    assert written < 30 << 20, "what buffers of sockets take is not read"


def test_a_body_at_its_limit_and_packed_ones(server: Server) -> None:
    server.on("/a", Answer(200, b"12345"))
    server.on("/packed", gzipped(b"b" * 200_000))
    server.on(
        "/members", Answer(200, gzipped(b"one").body + gzipped(b"two").body, {"Content-Encoding": "gzip"})
    )
    server.on("/empty", Answer(304, b"", {"Content-Encoding": "gzip"}))
    server.on("/other", Answer(200, b"", {"Content-Encoding": "br"}))
    client = Client()
    assert answered(client.send(Request(f"{server.url}/a", limit=5))).body == b"12345"
    assert answered(client.send(Request(f"{server.url}/packed"))).body == b"b" * 200_000
    assert answered(client.send(Request(f"{server.url}/members"))).body == b"onetwo"
    assert answered(client.send(Request(f"{server.url}/empty"))).body == b""
    assert "encoding" in reason(client.send(Request(f"{server.url}/other")))


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> Answer:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    return garbage(head + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end)


def test_a_body_in_chunks(server: Server) -> None:
    server.on("/a", chunked(b"one", b"", end=b"0\r\n\r\n"))
    server.on("/b", chunked(b"one", b"two"))
    server.on("/cut", chunked(b"one", end=b""), chunked(b"one", end=b"5\r\ntw"), chunked(b"good"))
    server.on("/bad", chunked(b"one", end=b"zz\r\n"))
    server.on("/long", chunked(b"a" * 1000, b"b" * 1000))
    client = Client()
    assert answered(client.send(Request(f"{server.url}/b"))).body == b"onetwo"
    assert answered(client.send(Request(f"{server.url}/a"))).body == b"one"
    assert answered(client.send(Request(f"{server.url}/cut"))).body == b"good"
    assert "ends the connection" in reason(client.send(Request(f"{server.url}/bad")))
    assert "more than 1 KB" in reason(client.send(Request(f"{server.url}/long", limit=1024)))


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
        b"HTTP/1.1 999 No\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n",
    ],
    ids=["many headers", "a long header", "continue", "status 999", "two lengths"],
)
def test_heads_that_are_none(server: Server, octets: bytes) -> None:
    server.on("/a", garbage(octets))
    Client(attempts=1).send(Request(f"{server.url}/a"))


def test_a_short_wait_is_waited(server: Server) -> None:
    server.on("/a", rate_limited(int(NOW) + 7), json_of([]))
    server.on("/b", retry_after(3), json_of([]))
    server.on("/c", retry_after("Tue, 14 Nov 2023 22:13:25 GMT", 503), json_of([]))
    client = Client()
    for path in "abc":
        assert answered(client.send(Request(f"{server.url}/{path}"))).status == 200
    assert client.waits == [7.0, 3.0, 5.0]


def test_a_long_wait_is_for_the_caller(server: Server) -> None:
    server.on("/a", rate_limited(int(NOW) + 3000))
    server.on("/b", retry_after(61, 403))
    server.on("/c", retry_after("no date"))
    server.on("/d", retry_after("9" * 400))
    client = Client()
    answer = answered(client.send(Request(f"{server.url}/a")))
    assert (answer.status, answer.headers["x-ratelimit-reset"]) == (403, str(int(NOW) + 3000))
    for path in "bcd":
        assert answered(client.send(Request(f"{server.url}/{path}"))).status in (403, 429)
    assert client.waits == []
    assert len(server.asked) == 4


def test_a_redirect_is_followed(server: Server) -> None:
    server.on("/old", redirect("/new?a=b"))
    server.on("/new", json_of([]))
    answer = answered(Client().send(Request(f"{server.url}/old", secret=SECRET)))
    assert answer.url == f"{server.url}/new?a=b"
    assert [asked.headers["authorization"] for asked in server.asked] == [SECRET, SECRET]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_post_stays_one(server: Server, status: int) -> None:
    server.on("/old", redirect("/new", status))
    server.on("/new", json_of([]))
    answered(Client().send(Request(f"{server.url}/old", body=b"x")))
    assert [(asked.method, asked.body) for asked in server.asked] == [("POST", b"x")] * 2


def test_see_other_is_a_get(server: Server) -> None:
    server.on("/old", redirect("/new", 303))
    server.on("/new", json_of([]))
    answered(Client().send(Request(f"{server.url}/old", body=b"x")))
    assert [asked.method for asked in server.asked] == ["POST", "GET"]


def test_a_loop_of_redirects_ends(server: Server) -> None:
    server.on("/a", redirect("/b"))
    server.on("/b", redirect("/a"))
    assert "sends on more than 5 times" in reason(Client().send(Request(f"{server.url}/a")))
    assert len(server.asked) == 6


def test_another_host_is_asked_only_when_it_may_and_without_the_secret(server: Server) -> None:
    with Server() as other:
        server.on("/a", redirect(f"{other.url}/b"))
        other.on("/b", json_of([]))
        said = reason(Client().send(Request(f"{server.url}/a", secret=SECRET)))
        assert said == f"`{server.host}` sends on to `{other.host}`, which is not asked"
        assert other.asked == []
        headers = {"Cookie": "planted-secret", "authorization": "planted-secret"}
        allowed = Request(f"{server.url}/a", headers, secret=SECRET, hosts=frozenset((other.host,)))
        assert answered(Client().send(allowed)).url == f"{other.url}/b"
        assert not {"authorization", "cookie"} & set(other.asked[0].headers)
        assert "cookie" not in server.asked[-1].headers


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data?planted-secret",
        "https://evil.example/",
        "//evil.example/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://user:planted-secret@127.0.0.1/",
        "http://[::1/",
        "/a b",
        "/caf\xe9",
        "http://127.0.0.1:99999/",
        "\\\\evil.example\\",
    ],
)
def test_a_redirect_to_somewhere_else(server: Server, target: str) -> None:
    server.on("/a", redirect(target))
    assert "sends on to" in reason(Client().send(Request(f"{server.url}/a", secret=SECRET)))
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user@example.org/",
        "https://user:planted-secret@example.org/",
        "https://exa mple.org/",
        "https://example.org/a\nb",
        "https://example.org\\@evil.example/",
        "https://example.org:x/",
        "https://example.org:99999/",
        "https://[::1",
        "https://-example.org/",
        "https://ex\u00e4mple.org/",
        "http://localhost.example.org/",
        "http://127.0.0.1.example.org/",
    ],
)
def test_addresses_that_are_not_asked(url: str) -> None:
    assert reason(Client().send(Request(url, secret=SECRET))).startswith("the address ")


@given(text=st.text(), before=st.sampled_from(("", "http:", "http://", "https://?", "https://[")))
def test_no_address_raises(text: str, before: str) -> None:
    assert reason(HttpClient().send(Request(f"{before}\x00{text}"))).startswith("the address ")
    if not before.startswith("https") and not text.startswith("https"):
        reason(HttpClient().send(Request(before + text)))


def test_no_answer_raises(server: Server) -> None:
    client = Client(attempts=1)

    @given(
        octets=st.binary(max_size=300),
        head=st.sampled_from((b"", b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 301 No\r\nLocation: ")),
        rest=st.sampled_from(
            (
                b"",
                b"\r\n\r\n",
                b"\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b",
                b"\r\nTransfer-Encoding: chunked\r\n\r\nff",
                b"\r\nContent-Length: -1\r\n\r\n",
            )
        ),
    )
    def check(octets: bytes, head: bytes, rest: bytes) -> None:
        server.on("/a", garbage(head + octets + rest + octets))
        client.send(Request(f"{server.url}/a"))

    check()


def test_a_header_cannot_be_broken_out_of(server: Server) -> None:
    for headers, secret in (
        ({"A": "b\r\nX-Evil: 1"}, ""),
        ({}, "Bearer planted-secret\r\nX-Evil: 1"),
        ({}, "\u2713"),
    ):
        assert reason(Client().send(Request(server.url, headers, secret=secret)))
    assert server.asked == []


def test_nobody_there(server: Server) -> None:
    with Server() as gone:
        url = gone.url
    client = Client()
    said = reason(client.send(Request(f"{url}/a?planted-secret", secret=SECRET)))
    assert said == f"`{gone.host}` cannot be reached"
    assert reason(client.send(Request(f"{url}/b"))) == said
    assert client.waits == [], "it is not asked again"
    assert answered(client.send(Request(server.url))).status == 404, "others are"


def test_a_netrc_is_not_read(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password planted-secret\n", "utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    answered(Client().send(Request(server.url)))
    assert "authorization" not in server.asked[0].headers


def test_cookies_are_forgotten(server: Server) -> None:
    server.on("/a", Answer(200, b"", {"Set-Cookie": "a=b"}))
    client = Client()
    for _ in range(2):
        answered(client.send(Request(f"{server.url}/a")))
    assert "cookie" not in server.asked[1].headers


def test_the_proxy_of_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://somebody:planted-secret@{server.host}")
    said = reason(Client(attempts=1).send(Request("https://example.org/a")))
    assert said == "the proxy does not let us through to `example.org`"
    assert (server.asked[0].method, server.asked[0].path) == ("CONNECT", "example.org:443")
    monkeypatch.setenv("HTTP_PROXY", server.url)
    answered(Client().send(Request(f"{server.url}/a")))
    assert server.paths()[-1] == "/a", "never for this machine itself"


@pytest.mark.parametrize(
    "proxy",
    [
        "http://",
        "nonsense://x",
        "http://[::1",
        "http://user:planted-secret@",
        "http://user:planted-secret@[::1",
        "user:planted-secret@",
        "://",
        "@",
        "http://:0",
        "http://a b:99999999",
        "\x1b[31m",
        "http://\xfc:1",
    ],
)
def test_proxies_that_cannot_be_used(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    client = Client(attempts=1, connect=1.0)
    said = reason(client.send(Request("https://example.org/planted-secret", secret=SECRET)))
    assert "proxy" in said or said == "the request cannot be sent as it is"


def test_a_proxy_of_a_kind_that_takes_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """requests speaks SOCKS with PySocks alone, which is not among our dependencies."""

    def missing(*_: object, **__: object) -> None:
        raise InvalidSchema("Missing dependencies for SOCKS support.")

    monkeypatch.setattr("requests.adapters.SOCKSProxyManager", missing)  # what it is without the library
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
    said = reason(Client(attempts=1, connect=1.0).send(Request("https://example.org/a")))
    assert "proxy" in said


def test_certificates_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIX_SSL_CERT_FILE", "/nowhere/ca.pem")
    said = reason(Client().send(Request("https://example.org/a")))
    assert said == "NIX_SSL_CERT_FILE names a file of certificates that does not exist"


def test_many_threads(server: Server) -> None:
    def echo(asked: Asked) -> Answer:
        return json_of(asked.path, 200)

    for number in range(64):
        server.on(f"/{number}", Answer(500), echo)
    client = Client()
    found: dict[int, bytes] = {}

    def ask(numbers: range) -> None:
        for number in numbers:
            found[number] = answered(client.send(Request(f"{server.url}/{number}"))).body

    threads = [threading.Thread(target=ask, args=(range(start, 64, 8),)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: b'"/%d"' % number for number in range(64)}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and a certificate for `localhost` that signs itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    options = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30000")
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    run([openssl, "req", "-x509", *options, *subject, "-keyout", key, "-out", certificate])
    both = folder / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    return both


@pytest.fixture
def secure(certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Server(context) as running:
        yield running


def test_certificates_of_the_system(
    secure: Server, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no variable names others: those that its owner trusts, as git and curl take them."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NIX_SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    monkeypatch.setattr("scanner.adapters.http._OF_SYSTEM", (str(tmp_path / "none"), str(empty)))
    assert "cannot be verified" in reason(Client().send(Request(secure.url)))
    monkeypatch.setattr("scanner.adapters.http._OF_SYSTEM", (str(empty), str(certificate)))
    assert answered(Client().send(Request(secure.url))).status == 404


def test_a_server_that_never_shakes_hands() -> None:
    """The wait that is told is that which was waited."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        said = reason(Client(connect=0.1).send(Request(f"https://{host}")))
    assert said == f"`{host}` does not answer within 0.1 s"


def test_a_certificate_that_nobody_knows(secure: Server) -> None:
    client = Client()
    said = reason(client.send(Request(f"{secure.url}/a?planted-secret", secret=SECRET)))
    assert said == f"the certificate of `{secure.host}` cannot be verified: self-signed certificate"
    assert client.waits == []
    assert secure.asked == []


@pytest.mark.parametrize(
    "name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NIX_SSL_CERT_FILE"]
)
def test_certificates_of_the_environment(
    secure: Server, server: Server, certificate: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(certificate))
    secure.on("/a", json_of([]))
    secure.on("/plain", redirect(f"{server.url}/a"))
    secure.on("/drip", drip())
    client = Client(read=5, total=5)
    assert answered(client.send(Request(f"{secure.url}/a"))).body == b"[]"
    plain = Request(f"{secure.url}/plain", secret=SECRET, hosts=frozenset((server.host,)))
    assert reason(client.send(plain)) == f"`{secure.host}` sends on to an address without https"
    assert server.asked == []
    assert "does not end its answer" in reason(Client(total=0.3).send(Request(f"{secure.url}/drip")))


def test_a_file_of_certificates_that_is_none(
    secure: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.pem").write_text("nothing\n", "utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    assert reason(Client().send(Request(secure.url)))


# ---------------------------------------------------------------- requests that change something


def test_a_patch(server: Server) -> None:
    server.on("/a", redirect("/b", 307))
    server.on("/b", Answer(503), json_of({}))
    assert answered(Client().send(Request(f"{server.url}/a", body=b"{}", method="PATCH"))).status == 200
    assert [(asked.method, asked.path, asked.body) for asked in server.asked] == [
        ("PATCH", "/a", b"{}"),
        ("PATCH", "/b", b"{}"),
        ("PATCH", "/b", b"{}"),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500),
        Answer(502),
        Answer(503, headers={"Retry-After": "1"}),
        Answer(503, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}),
        closed(),
        truncated(),
    ],
)
def test_what_is_sent_once_is_not_repeated_when_it_may_have_been_done(server: Server, answer: Answer) -> None:
    server.on("/a", answer, json_of({}, 201))
    Client().send(Request(f"{server.url}/a", body=b"{}", once=True))
    assert len(server.asked) == 1


def test_what_is_sent_once_is_repeated_when_the_server_asks_to_wait(server: Server) -> None:
    server.on("/a", retry_after(2), json_of({}, 201))
    client = Client()
    assert answered(client.send(Request(f"{server.url}/a", body=b"{}", once=True))).status == 201
    assert len(client.waits) == 1


def test_what_a_post_leads_to_is_got(server: Server) -> None:
    server.on("/a", redirect("/b", 303))
    server.on("/b", json_of({}))
    client = Client()
    assert answered(client.send(Request(f"{server.url}/a", body=b"{}", once=True))).status == 200
    assert [(asked.method, asked.body) for asked in server.asked] == [("POST", b"{}"), ("GET", b"")]
