"""Fetching the picture of a track from the hosts where SoundCloud, YouTube and Spotify keep theirs, and from no other."""

import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from crateline.errors import NotFound, Rejected, Unavailable

SERVICE = "artwork"
HOSTS = ("sndcdn.com", "ytimg.com", "ggpht.com", "googleusercontent.com", "scdn.co", "spotifycdn.com")
"""Suffixes of the hosts. No budget is spent there: they carry pictures alone, as others carry audio alone."""
LIMIT_BYTES = 12 << 20
TIMEOUT_S = 15.0


def fetch(url: str) -> bytes:
    """Fetch a picture of at most 12 MiB over HTTPS, through the proxy and with the certificates of the environment.

    No redirect is followed: these hosts give none, and another one could be anywhere. Raises Rejected for a foreign host
    or too many bytes, NotFound if there is no such picture, Unavailable if the host does not give it now.
    """
    address = plain(url)
    try:
        with (
            httpx.Client(timeout=TIMEOUT_S, follow_redirects=False) as client,
            client.stream("GET", address, headers={"Accept": "image/jpeg,image/png"}) as response,
        ):
            if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                raise Unavailable(SERVICE, f"{address}: status {response.status_code}")
            if not response.is_success:
                raise NotFound(SERVICE, f"{address}: status {response.status_code}")
            return b"".join(_bounded(response.iter_bytes(), address))
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
        raise Unavailable(SERVICE, f"{address}: {type(error).__name__}: {error}") from None


def plain(url: str) -> str:
    """The address to ask: of YouTube's two forms of a thumbnail the JPEG. Raises Rejected for a host that is not known."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise Rejected(SERVICE, f"{url!r} is no address") from None
    known = any(host == suffix or host.endswith(f".{suffix}") for suffix in HOSTS)
    if parts.scheme != "https" or not known or port not in (None, 443) or parts.username or parts.password:
        raise Rejected(SERVICE, f"{parts.scheme}://{host} is not a host of pictures that crateline asks")
    if host.endswith("ytimg.com") and parts.path.startswith("/vi_webp/"):
        path = parts.path.replace("/vi_webp/", "/vi/", 1)
        return f"https://{host}{path.removesuffix('.webp')}.jpg" if path.endswith(".webp") else f"https://{host}{path}"
    return parts.geturl()


def _bounded(chunks: Iterator[bytes], address: str) -> Iterator[bytes]:
    room = LIMIT_BYTES
    for chunk in chunks:
        room -= len(chunk)
        if room < 0:
            raise Rejected(SERVICE, f"{address}: more than {LIMIT_BYTES >> 20} MiB")
        yield chunk
