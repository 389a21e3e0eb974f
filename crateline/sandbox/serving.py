"""Run a simulated service: an ASGI app on a loopback port in a thread, with its connections in reach of faults."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

READY_LIMIT_S = 20.0


class ResettableProtocol(H11Protocol):
    """HTTP/1.1 whose request scope carries the transport, so that an app can cut the connection.

    `scope["crateline.transport"].abort()` ends the connection without an answer, as a broken network does.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope["crateline.transport"] = self.transport
            await inner(scope, receive, send)

        self.app = with_transport


@contextmanager
def serve(app: Any, *, port: int = 0) -> Iterator[str]:
    """Serve `app` on 127.0.0.1 until the block ends; gives its base URL. `port` 0 takes a free one."""
    listener = socket.create_server(("127.0.0.1", port), backlog=512)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else every small answer waits for 40 ms
    config = uvicorn.Config(app, log_config=None, http=ResettableProtocol, ws="none", lifespan="off", timeout_keep_alive=75)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="sandbox-server")
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(READY_LIMIT_S)
        listener.close()
