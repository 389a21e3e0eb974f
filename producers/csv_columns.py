"""Which column of an exported table says what, by the names that exporters give them, in their languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, takewhile

from crateline.domain import folding

NAMES: dict[str, tuple[str, ...]] = {
    "id": (
        *("track uri", "spotify uri", "spotify id", "spotify track id", "spotify track uri", "track id", "trackid", "uri"),
        *("uri de la cancion", "uri du titre", "uri della traccia", "nummer uri", "uri da faixa", "latens uri", "parca uri"),
        *("uri kommatioy", "torakuuri", "曲目 uri", "rabt alaghnyh uri"),
    ),
    "video": ("video id", "videoid", "youtube id", "youtube video id"),
    "link": (
        *("track url", "track link", "spotify url", "spotify link", "song url", "song link", "url", "link", "permalink url"),
        *(
            "permalink",
            "video url",
            "youtube url",
            "youtube link",
            "soundcloud url",
            "soundcloud link",
            "source url",
            "webpage url",
        ),
    ),
    "title": (
        *("track name", "track title", "song title", "song name", "title", "song", "video title", "name", "track"),
        *(
            "nombre de la cancion",
            "nom du titre",
            "nome della traccia",
            "nummernaam",
            "nome da faixa",
            "latens namn",
            "parca adi",
        ),
        *("onoma kommatioy", "toraku名", "曲目名称", "asm alaghnyh"),
        *("titel", "titulo", "titre", "titolo", "nombre", "nom", "nome", "naam", "namn", "cancion", "musica", "brano"),
    ),
    "artist": (
        *("artist name s", "artist names", "artist name", "artists", "artist", "track artist", "track artists", "song artist"),
        *("kunstlername n", "nombre s del artista", "nom s de lartiste", "nome dellartista", "naam van artiest"),
        *(
            "nome s do artista",
            "artistens namn",
            "sanatci adi",
            "onoma ta kallitechni",
            "ateisuto名",
            "艺人名称",
            "asma alfnanyn",
        ),
        *("interpret", "kunstler", "artista", "artiste", "artiest", "sanatci", "interprete", "performer", "creator"),
        *("album artist", "album artists", "album artist name s", "albuminterpret", "user", "username", "uploader", "channel"),
    ),
    "album": (
        *("album name", "album title", "album", "release", "nombre del album", "nom de lalbum", "nome dellalbum"),
        *(
            "naam van album",
            "nome do album",
            "albumets namn",
            "album adi",
            "onoma almpoym",
            "arubamu名",
            "专辑名称",
            "asm alalbwm",
        ),
    ),
    "milliseconds": (
        *("track duration ms", "duration ms", "durationms", "length ms", "milliseconds", "track dauer ms"),
        *("duracion de la cancion ms", "duree du titre ms", "durata della traccia ms", "nummerduur ms", "duracao da faixa ms"),
        *("latlangd ms", "parca suresi ms", "diarkeia kommatioy ms", "torakuno长sa miri秒", "曲目时长 毫秒", "曲目长度 毫秒"),
        "mdh alaghnyh balmlly thanyh",
    ),
    "seconds": ("duration s", "duration sec", "duration seconds", "length s", "length seconds", "duration in seconds"),
    "time": (
        *("time", "duration", "length", "track duration", "track time", "total time", "zeit", "dauer", "lange", "tiempo"),
        *("duracion", "duree", "durata", "duur", "duracao", "tid", "langd", "sure"),
    ),
    "isrc": ("isrc", "isrc code", "isrcs"),
    "artwork_url": (
        *("album image url", "album bild url", "url de la imagen del album", "url de limage de lalbum"),
        *("url dellimmagine dellalbum", "album afbeelding url", "url da imagem do album", "albumets bild url"),
    ),
    "playlist": ("playlist name", "playlist title", "playlist"),
    "type": ("type",),
}
"""What the exporters call each column, folded to Latin letters; the first name that is there counts."""

OF_A_LIST = frozenset({"name", "nombre", "nom", "nome", "naam", "namn", "isim", "onoma", "名前", "名称", "alasm"})
"""What Exportify calls the first column of all, which holds the playlist's own name, before those of the track."""
IDENTITIES = frozenset({"id", "video", "link"})


@dataclass(frozen=True, slots=True)
class Columns:
    """The places of the columns by what they say. Several places mean the first cell that is filled."""

    places: dict[str, tuple[int, ...]]
    artists: tuple[int, ...] = ()

    def words(self, cells: Sequence[str]) -> dict[str, str]:
        """What a row says."""
        said = {word: next((cells[place] for place in places if cells[place]), "") for word, places in self.places.items()}
        if self.artists:
            said["artist"] = "; ".join(filter(None, (cells[place] for place in self.artists)))
        return said


def of(head: Sequence[str]) -> Columns | None:
    """Which column says what, if a row of names is the head of a table with tracks."""
    names = [folding.fold(name.strip("\ufeff ")) for name in head]
    found = {word: places for word in NAMES if (places := _places(word, names))}
    numbered = takewhile(lambda name: name in names, (f"artist name {number}" for number in count(1)))
    artists = tuple(names.index(name) for name in numbered)
    if names[0] in OF_A_LIST and "id" in found and 0 not in found.get("title", ()) and "playlist" not in found:
        found["playlist"] = (0,)
    if found.keys() & IDENTITIES or ("title" in found and ("artist" in found or artists)):
        return Columns(found, artists)
    return None


def _places(word: str, names: list[str]) -> tuple[int, ...]:
    """A name that stands twice counts twice; ids and links count in all their columns."""
    there = [name for name in NAMES[word] if name in names]
    wanted = there if word in IDENTITIES else there[:1]
    return tuple(place for one in wanted for place, name in enumerate(names) if name == one)
