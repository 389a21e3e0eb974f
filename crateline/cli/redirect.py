"""The page a browser is sent back to after a consent: a server on loopback, for as long as the question is open."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from crateline.errors import ConfigurationError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>crateline</title>
<style>body {{ font: 18px system-ui, sans-serif; margin: 20vh auto; max-width: 26em; padding: 0 1em }}</style>
<p>{said} Close this page and go back to the console."""
THANKS, REFUSED = "Thank you.", "Nothing was agreed, and nothing is changed."

Answers = Callable[[float], Iterator[str]]


@contextmanager
def listening(redirect_uri: str) -> Iterator[Answers]:
    """Listen where a browser is sent; gives a function that yields the addresses that arrive within so many seconds.

    Raises ConfigurationError if the address is not on this machine or its port is taken.
    """
    where = urlsplit(redirect_uri)
    if where.scheme != "http" or where.hostname not in LOOPBACK or not where.port:
        raise ConfigurationError(
            f"SPOTIPY_REDIRECT_URI is {redirect_uri}, and nobody can listen there: register http://127.0.0.1:8888/callback "
            "with the app at developer.spotify.com, or run `crateline login spotify --paste`"
        )
    arrived: queue.Queue[str] = queue.Queue()
    server = _server(where.hostname, where.port, where.path or "/", arrived)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True, name="redirect")
    thread.start()
    try:
        yield lambda seconds: _arrivals(arrived, seconds)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _server(host: str, port: int, path: str, arrived: "queue.Queue[str]") -> ThreadingHTTPServer:
    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            mine = urlsplit(self.path).path == path
            self.send_response(200 if mine else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Connection", "close")
            self.end_headers()
            if mine:
                said = REFUSED if "error" in parse_qs(urlsplit(self.path).query) else THANKS
                self.wfile.write(PAGE.format(said=said).encode())
                arrived.put(self.path)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the standard library
            """Say nothing: the address holds a code."""

    try:
        return ThreadingHTTPServer((host, port), Door)
    except OSError as error:
        raise ConfigurationError(
            f"Port {port} of SPOTIPY_REDIRECT_URI is taken ({error.strerror}): end what uses it, "
            "or run `crateline login spotify --paste`"
        ) from None


def _arrivals(arrived: "queue.Queue[str]", seconds: float) -> Iterator[str]:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            yield arrived.get(timeout=left)
        except queue.Empty:
            return
