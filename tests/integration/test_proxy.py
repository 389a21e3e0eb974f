import socket
import ssl
import stat
import struct
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from crateline.sandbox.proxy import Proxy, origin_form
from crateline.sandbox.serving import serve
from givens import proxied

MEDIA = bytes(range(256)) * 4096


async def echo(request: Request) -> PlainTextResponse:
    body = await request.body()
    return PlainTextResponse(f"{request.method} {request.headers['host']} {request.url.path}?{request.url.query} {len(body)}")


async def media(request: Request) -> Response:
    first = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").split("-")[0])

    async def chunks():
        for start in range(first, len(MEDIA), 10_000):
            yield MEDIA[start : start + 10_000]

    return StreamingResponse(chunks(), 206 if first else 200)


async def cut(request: Request) -> Response:
    request.scope["crateline.transport"].abort()
    return Response()


async def cut_midway(request: Request) -> Response:
    async def chunks():
        yield b"half"
        request.scope["crateline.transport"].abort()
        yield b"lost"

    return StreamingResponse(chunks(), headers={"content-length": "8"})


def reset_one(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


APP = Starlette(
    routes=[
        Route("/echo", echo, methods=["GET", "POST"]),
        Route("/media", media),
        Route("/cut", cut),
        Route("/midway", cut_midway),
    ]
)


@pytest.fixture(scope="module")
def base():
    with serve(APP) as url:
        yield url


@pytest.fixture
def proxy(base, tmp_path, monkeypatch):
    routes = {"api.example.com": base, "googlevideo.com": base}
    with Proxy(routes, tmp_path / "ca") as running:
        proxied.through(monkeypatch, running)
        monkeypatch.setenv("HTTP_PROXY", running.url)
        yield running


def test_httpx_reaches_a_routed_host_with_its_certificate_verified(proxy):
    # Given an environment that names the proxy and its CA, and nothing else
    with httpx.Client() as client:
        # When two requests use one connection
        answers = [client.post("https://api.example.com/echo?a=1", content=b"four").text for _ in range(2)]
    # I expect the service to see the real host, the path, the query and the body
    assert answers == ["POST api.example.com /echo?a=1 4"] * 2


def test_requests_reaches_it_when_the_bundle_is_passed(proxy):
    answer = requests.get("https://api.example.com/echo", verify=str(proxy.ca_file), timeout=5)
    assert answer.text == "GET api.example.com /echo? 0"


def test_urllib_reaches_it(proxy):
    with urllib.request.urlopen("https://api.example.com/echo", timeout=5) as answer:
        assert answer.read() == b"GET api.example.com /echo? 0"


def test_a_client_that_does_not_know_the_authority_refuses_the_certificate(proxy, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get("https://api.example.com/echo", timeout=5)


def test_every_subdomain_of_a_routed_suffix_is_played(proxy):
    assert httpx.get("https://rr3---sn-4g5e6nez.googlevideo.com/media", timeout=5).content == MEDIA


def test_a_range_is_passed_on(proxy):
    answer = httpx.get("https://api.example.com/media", headers={"Range": "bytes=1000000-"}, timeout=5)
    assert (answer.status_code, answer.content) == (206, MEDIA[1_000_000:])


def test_an_unknown_host_is_refused_and_remembered(proxy):
    # Given a host that nobody plays
    # When it is asked for, both ways
    with pytest.raises(httpx.ProxyError, match="502"):
        httpx.get("https://tracker.example.org/", timeout=5)
    plain = httpx.get("http://notapi.example.com/", timeout=5)
    # I expect a 502 each, and their names kept
    assert plain.status_code == 502
    assert proxy.refused == ["tracker.example.org", "notapi.example.com"]


def test_plain_http_is_served_too(proxy):
    with httpx.Client() as client:
        answers = [client.post("http://api.example.com/echo?b=2", content=b"four").text for _ in range(2)]
    assert answers == ["POST api.example.com /echo?b=2 4"] * 2


def test_a_cut_connection_arrives_as_a_cut_connection(proxy):
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected"):
        httpx.get("https://api.example.com/cut", timeout=5)


def test_a_body_cut_midway_is_never_taken_for_whole(proxy):
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        httpx.get("https://api.example.com/midway", timeout=5)


@pytest.mark.parametrize(("scheme", "broken"), [("http", httpx.ReadError), ("https", httpx.TransportError)])
def test_a_reset_by_the_service_is_a_reset_for_the_client(tmp_path, scheme, broken):
    # Given a service that resets its connection as soon as it has read something
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        pool.submit(reset_one, listener)
        # When it is asked through the proxy
        with Proxy({"api.example.com": f"http://127.0.0.1:{listener.getsockname()[1]}"}, tmp_path) as proxy:
            context = ssl.create_default_context(cafile=str(proxy.ca_file))
            # I expect a broken connection (OpenSSL reports a reset as an end, so TLS cannot tell which)
            with httpx.Client(proxy=proxy.url, verify=context) as client, pytest.raises(broken):
                client.get(f"{scheme}://api.example.com/echo")


def test_fifty_connections_at_once_are_served(proxy):
    # Given one client with a pool of fifty connections
    limits = httpx.Limits(max_connections=50)
    with httpx.Client(limits=limits, timeout=30) as client, ThreadPoolExecutor(50) as pool:
        # When each fetches a megabyte
        answers = list(pool.map(lambda _: client.get("https://api.example.com/media").content, range(100)))
    # I expect every byte of all of them
    assert all(answer == MEDIA for answer in answers)


def test_a_connection_that_speaks_no_http_harms_nobody_else(proxy):
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as stray:
        stray.sendall(b"hello\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            stray.recv(1)
    assert httpx.get("https://api.example.com/echo", timeout=5).status_code == 200


def test_the_authority_is_readable_by_all_and_writable_by_its_owner_alone(proxy):
    assert stat.S_IMODE(proxy.ca_file.stat().st_mode) == 0o644
    assert b"PRIVATE" not in proxy.ca_file.read_bytes()


def test_the_longest_suffix_wins(tmp_path):
    proxy = Proxy({"example.com": "http://127.0.0.1:1", "api.example.com": "http://127.0.0.1:2"}, tmp_path)
    hosts = ["api.example.com", "V2.API.example.com", "www.example.com", "badexample.com", "com"]
    assert [proxy.base_for(host) for host in hosts] == [
        "http://127.0.0.1:2",
        "http://127.0.0.1:2",
        "http://127.0.0.1:1",
        None,
        None,
    ]
    proxy._loop.close()


def test_a_request_to_a_proxy_becomes_one_to_a_server():
    head = b"GET http://h/a?b=1 HTTP/1.1\r\nHost: h\r\nProxy-Connection: keep-alive\r\nConnection: keep-alive\r\n\r\n"
    assert origin_form(head) == b"GET /a?b=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
