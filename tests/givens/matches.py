"""What matching says of a wish and an offer, in one word, with the defaults that most traps share."""

from crateline.domain import matching
from crateline.domain.track import Candidate, Platform, Track

SAME, DOUBT, OTHER = "same", "doubt", "other"


def said(total):
    """The word for a score."""
    return SAME if total >= matching.ACCEPT else DOUBT if total >= matching.REVIEW else OTHER


def a_wish(artist, title, *, length=300.0, album="", platform=Platform.SPOTIFY):
    """A track to look for; `length` is in seconds."""
    return Track(key="x", title=title, artist=artist, url="", platform=platform, duration=length, album=album)


def an_offer(title, *, length, channel="some channel", topic="", album=""):
    """An upload by `channel`, or by a catalogue under the artist `topic`."""
    by = topic or channel
    youtube = Platform.YOUTUBE
    return Candidate(
        id=title, title=title, artist=by, channel=by, url="", platform=youtube, duration=length, album=album, topic=bool(topic)
    )


def verdict(song, upload, *, apart=1.0, length=300.0, channel="some channel", topic=""):
    """What the rules say of an upload that is `apart` seconds longer than the song (artist, title)."""
    return said(
        matching.score(a_wish(*song, length=length), an_offer(upload, length=length + apart, channel=channel, topic=topic)).total
    )
