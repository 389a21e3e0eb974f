"""Where a short link of Spotify's app leads. It is asked by HEAD, as no browser asks: to those it answers with a redirect."""

import ssl
from urllib.parse import urljoin

import httpx

from crateline import errors
from crateline.clients.spotify.answers import SERVICE, Ask
from crateline.domain import links

HOPS = 4
"""One short link may lead to another, and no further than this."""
TIMEOUT_S = 15.0
NOWHERE = "{url} leads to no track, album or playlist: open it in a browser, and enqueue the address that it shows there"


def landing(ask: Ask, link: links.Link) -> links.Link:
    """The link behind a short link: 1 request, or one per redirect. Hosts other than Spotify's are not asked.

    Raises NotFound if it leads nowhere, Unavailable if it is not answered now.
    """
    here = link
    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, headers={"User-Agent": "curl/8"}) as client:
        for _ in range(HOPS):
            ask()
            try:
                here = links.classify(_following(client, here.url))
            except ValueError:
                break
            if here.platform is not link.platform:
                break
            if here.kind is not links.Kind.SHORT:
                return here
    raise errors.NotFound(SERVICE, NOWHERE.format(url=link.url))


def _following(client: httpx.Client, url: str) -> str:
    try:
        response = client.head(url)
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
        raise errors.Unavailable(SERVICE, f"{url}: {type(error).__name__}: {error}") from None
    if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise errors.Unavailable(SERVICE, f"{url}: status {response.status_code}")
    return str(urljoin(url, response.headers.get("Location", "/")))
