"""Platforms that crateline does not read: what to do with a link of theirs."""

from urllib.parse import SplitResult

NAMES = {
    "tidal.com": "TIDAL",
    "listen.tidal.com": "TIDAL",
    "music.apple.com": "Apple Music",
    "itunes.apple.com": "Apple Music",
    "deezer.com": "Deezer",
    "deezer.page.link": "Deezer",
    "link.deezer.com": "Deezer",
    "qobuz.com": "Qobuz",
    "open.qobuz.com": "Qobuz",
    "play.qobuz.com": "Qobuz",
    "music.amazon.com": "Amazon Music",
    "music.amazon.de": "Amazon Music",
    "music.amazon.co.uk": "Amazon Music",
    "mixcloud.com": "Mixcloud",
    "hearthis.at": "hearthis.at",
    "audius.co": "Audius",
    "traxsource.com": "Traxsource",
    "junodownload.com": "Juno",
    "discogs.com": "Discogs",
    "song.link": "Odesli",
    "shazam.com": "Shazam",
}
DOMAINS = {"bandcamp.com": "Bandcamp", "lnk.to": "Linkfire"}
"""Platforms that give everybody a host of their own."""

INSTEAD = (
    "leads to {name}, which crateline does not read. Paste the same tracks' links from SoundCloud, Spotify or YouTube, "
    "or enqueue a CSV with their titles and artists (tunemymusic.com and soundiiz.com export one)."
)
LOOKALIKE = "has letters in its host that only look like another's. Copy the link from the platform itself."


def hint(host: str, parts: SplitResult) -> str:
    """What is to be said of a link, or "" if its host is no platform at all. `host` is without `www.`."""
    name = NAMES.get(host) or next((name for domain, name in DOMAINS.items() if f".{host}".endswith(f".{domain}")), "")
    if name:
        return INSTEAD.format(name=name)
    return LOOKALIKE if parts.scheme in {"http", "https"} and not host.isascii() else ""
