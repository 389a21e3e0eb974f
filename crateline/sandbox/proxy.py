"""A proxy that ends TLS itself and leads real host names to simulated services on loopback.

A process whose HTTPS_PROXY is `Proxy.url` and whose SSL_CERT_FILE is `Proxy.ca_file` reaches the sandbox with
certificates fully verified; the product needs no switch for it. After the CONNECT the bytes are passed on as they
are, so that Host, Range, keep-alive, slow answers and cut connections arrive exactly as the service made them.
"""

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import trustme

CHUNK = 65536
HEAD_LIMIT = 65536
READY_LIMIT_S = 20.0

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """An HTTP proxy for `routes`: host name or domain suffix → base URL of the service that plays it.

    The longest suffix wins. A host that nobody plays is answered with 502 and kept in `refused`, in order of arrival.
    `folder` receives the CA's certificate (public; its key never leaves memory); `port` 0 takes a free one.
    """

    def __init__(self, routes: Mapping[str, str], folder: Path, port: int = 0) -> None:
        self.routes = {host.lower().lstrip("."): base for host, base in routes.items()}
        self.refused: list[str] = []
        self.ca_file = folder / "sandbox-ca.pem"
        self.port = port
        self._authority = trustme.CA(organization_name="crateline sandbox")
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._connections: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True, name="sandbox-proxy")

    @property
    def url(self) -> str:
        """What to write in HTTPS_PROXY; valid inside the `with` block."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.ca_file.parent.mkdir(parents=True, exist_ok=True)
        self.ca_file.write_bytes(self._authority.cert_pem.bytes())
        self.ca_file.chmod(0o644)
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._started()).result(READY_LIMIT_S)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(READY_LIMIT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(READY_LIMIT_S)
        self._loop.close()

    def base_for(self, host: str) -> str | None:
        """The base URL of the service that plays `host`, or None."""
        labels = host.lower().rstrip(".").split(".")
        suffixes = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self.routes[suffix] for suffix in suffixes if suffix in self.routes), None)

    # The loop's thread

    def _started(self) -> asyncio.AbstractEventLoop:
        self._thread.start()
        return self._loop

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, limit=HEAD_LIMIT, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _end(self) -> None:
        self._server.close()
        await asyncio.sleep(0)  # a connection just taken begins, and is known
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:  # pragma: no cover - asyncio always runs this callback as a task
            return
        self._connections.add(task)
        try:
            await self._answer((reader, writer))
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            # A peer that left, a certificate not trusted, no HTTP or the end of the sandbox: each is that connection's end.
            _reset(writer)
        finally:
            self._connections.discard(task)
            writer.close()

    # One connection

    async def _answer(self, client: Streams) -> None:
        head = await client[0].readuntil(b"\r\n\r\n")
        method, target, _version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        tunnel = method == "CONNECT"
        host = urlsplit(f"//{target}" if tunnel else target).hostname or ""
        base = self.base_for(host)
        if base is None:
            await self._refuse(client[1], host)
        elif tunnel:
            await self._tunnel(client, host, base)
        else:
            await _relay(client, base, origin_form(head))

    async def _refuse(self, writer: asyncio.StreamWriter, host: str) -> None:
        self.refused.append(host)
        body = f"The sandbox plays no host named {host!r}.\n".encode()
        head = f"HTTP/1.1 502 Not in the sandbox\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    async def _tunnel(self, client: Streams, host: str, base: str) -> None:
        client[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await client[1].drain()
        inner = await _end_tls(client[1], self._context(host))
        try:
            await _relay(inner, base)
        except BaseException:
            _reset(inner[1])  # before anybody can say a polite farewell in TLS
            raise
        inner[1].close()

    def _context(self, host: str) -> ssl.SSLContext:
        if host not in self._contexts:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._authority.issue_cert(host).configure_cert(context)
            context.set_alpn_protocols(["http/1.1"])
            self._contexts[host] = context
        return self._contexts[host]


def origin_form(head: bytes) -> bytes:
    """Turn a request to a proxy (`GET http://host/path`) into one to a server, ending after one answer.

    The next request of the same connection could be for another host; `Connection: close` spares telling them apart.
    """
    request, *fields = head.rstrip(b"\r\n").split(b"\r\n")
    method, target, version = request.split(b" ", 2)
    parts = urlsplit(target)
    path = (parts.path or b"/") + (b"?" + parts.query if parts.query else b"")
    kept = [field for field in fields if field.split(b":", 1)[0].lower() not in {b"connection", b"proxy-connection"}]
    return b"\r\n".join([b" ".join([method, path, version]), *kept, b"Connection: close", b"", b""])


async def _end_tls(writer: asyncio.StreamWriter, context: ssl.SSLContext) -> Streams:
    """Take the server's side of TLS on an open connection.

    `StreamWriter.start_tls` would leave the reader's flow control on the raw transport (Python 3.11): new streams instead.
    """
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport = await loop.start_tls(writer.transport, protocol, context, server_side=True)
    if transport is None:
        raise ConnectionResetError("the client left during the handshake")
    protocol.connection_made(transport)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def _relay(client: Streams, base: str, first: bytes = b"") -> None:
    """Pass bytes both ways until one side ends. A service that resets its connection resets the client's."""
    parts = urlsplit(base)
    service = await asyncio.open_connection(parts.hostname, parts.port)
    service[1].write(first)
    ways = [asyncio.create_task(_pump(client[0], service[1])), asyncio.create_task(_pump(service[0], client[1]))]
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in done:
            way.result()
    finally:
        service[1].transport.abort()
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(CHUNK):
        sink.write(data)
        await sink.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Cut a connection as a broken network does: the peer reads a reset, not an end."""
    raw: socket.socket | None = writer.get_extra_info("socket")
    if raw is not None and raw.fileno() != -1:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
