"""Names for files and folders. Titles and playlist names are hostile input; what comes out every file system accepts."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator

STEM_LIMIT = 180  # bytes: room for a suffix, an extension and ".part" below the 255 that file systems allow
NAMELESS = "untitled"

_REPLACED = str.maketrans({"/": "-", "\\": "-", "|": "-", ":": "-", '"': "'", "*": None, "?": None, "<": None, ">": None})
_JOINERS = "\u200c\u200d"  # they shape Persian words and compound emoji, and are kept inside a name
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"}
    | {f"{port}{n}" for port in ("COM", "LPT") for n in "0123456789¹²³"},
)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_REGIONAL = range(0x1F1E6, 0x1F200)
_SAFE_IN_KEYS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")
_KEY_LIMIT = 200


def file_stem(artist: str, title: str, *, limit_bytes: int = STEM_LIMIT, key: str = "") -> str:
    """The name of a track's file without its extension: "Artist - Title", at most `limit_bytes` of UTF-8.

    A title that already begins with its artist is not given the artist twice. Long artists give way to the title.
    If nothing of the words can stand in a name, the name is made of `key`.
    """
    artist, title = _clean(artist), _clean(title)
    if not artist or title.casefold().startswith(f"{artist.casefold()} - "):
        return _finish(title or artist, limit_bytes, key)
    if not title:
        return _finish(artist, limit_bytes, key)
    room = max(limit_bytes // 3, limit_bytes - _size(title) - len(" - "))
    return _finish(f"{_cut(artist, room)} - {title}", limit_bytes, key)


def folder_name(name: str, *, limit_bytes: int = STEM_LIMIT, key: str = "") -> str:
    """One folder's name, never a path: at most `limit_bytes` of UTF-8, made of `key` if no word of `name` can stand."""
    return _finish(_clean(name), limit_bytes, key)


def unique(stem: str, key: str, *, limit_bytes: int = STEM_LIMIT) -> str:
    """`stem` with a short suffix made of the track's key, for two tracks that get the same name in one folder."""
    suffix = f" [{hashlib.sha256(key.encode(errors='surrogatepass')).hexdigest()[:8]}]"
    return _cut(stem, limit_bytes - len(suffix)) + suffix


def collision_key(name: str) -> str:
    """Two names are the same file on some file system if their collision keys are equal (case and composition)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def store_name(key: str) -> str:
    """A readable file name for a track's key, different for different keys even where case does not count.

    `:` becomes `.`, a capital X becomes `+x`, anything else outside a-z 0-9 - _ becomes `=` and the hex of its UTF-8
    bytes. Keys of 200 characters and more, and names that would be longer than 200 bytes, become a SHA-256.
    """
    name = "".join(_encoded(key, place) for place in range(len(key)))
    if name.split(".")[0].upper() in _DEVICES:
        name = f"={ord(key[0]):02x}{name[1:]}"
    if not name or len(key) >= _KEY_LIMIT or len(name) > _KEY_LIMIT:
        return f"=hash-{hashlib.sha256(key.encode(errors='surrogatepass')).hexdigest()}"
    return name


def _encoded(key: str, place: int) -> str:
    letter = key[place]
    inside = 0 < place < len(key) - 1
    if letter == ":" and inside and key[place - 1] != ":":
        return "."
    if letter in _SAFE_IN_KEYS and (letter != "-" or place):
        return letter
    if letter.isascii() and letter.isupper():
        return f"+{letter.lower()}"
    return "".join(f"={byte:02x}" for byte in letter.encode(errors="surrogatepass"))


def _clean(text: str) -> str:
    """The characters that may stand in a name, composed, with single spaces and no dots or spaces at the ends."""
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if letter.isspace() else letter for letter in composed)
    kept = (letter for letter in spaced if letter in _JOINERS or unicodedata.category(letter) not in _UNWANTED)
    words = re.sub(r" {2,}", " ", "".join(kept).translate(_REPLACED))
    return _trimmed(unicodedata.normalize("NFC", words))


def _finish(name: str, limit: int, key: str) -> str:
    short = _cut(name, limit)
    if not short:
        return _cut(store_name(key), limit) if key else NAMELESS
    if short.split(".")[0].rstrip().upper() in _DEVICES:
        return _cut(f"_{short}", limit)
    return short


def _trimmed(name: str) -> str:
    return name.strip(f" .{_JOINERS}")


def _size(text: str) -> int:
    """Bytes of UTF-8; or, if that is more, the units that HFS+ counts: it takes letters and their marks apart."""
    return max(len(text.encode()), len(unicodedata.normalize("NFD", text).encode("utf-16-le")) // 2)


def _cut(name: str, limit: int) -> str:
    """As many whole characters, as a reader sees them, as fit into `limit` bytes."""
    if _size(name) <= limit:
        return name
    room, kept = limit, []
    for cluster in _clusters(name):
        room -= _size(cluster)
        if room < 0:
            break
        kept.append(cluster)
    return _trimmed("".join(kept))


def _clusters(text: str) -> Iterator[str]:
    """Letters with their marks, joined emoji and flags in one piece (a short form of Unicode's annex 29)."""
    cluster = ""
    for letter in text:
        if cluster and not _continues(cluster, letter):
            yield cluster
            cluster = ""
        cluster += letter
    if cluster:
        yield cluster


def _continues(cluster: str, letter: str) -> bool:
    if letter in _JOINERS or cluster[-1] == "\u200d" or ord(letter) in _SKIN_TONES:
        return True
    if ord(letter) in _REGIONAL:
        return len(cluster) == 1 and ord(cluster) in _REGIONAL
    return unicodedata.category(letter) in {"Mn", "Mc", "Me"}
