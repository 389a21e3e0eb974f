"""What the ledger knows of one track or playlist, read in one go."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from crateline.domain.track import Availability, Platform, Track
from crateline.messages import LINE, WRITES, Station

_WORDS = tuple(one.name for one in dataclasses.fields(Track))


def card_of(track: Track) -> str:
    """A track as the ledger keeps it: JSON without what is unknown."""
    return json.dumps({name: value for name in _WORDS if (value := getattr(track, name))}, ensure_ascii=False)


def words_of(track: Track) -> str:
    """A digest of what a listing says of a track in words: when it changes, the track is filed and written again."""
    words = (track.title, track.artist, track.album, track.isrc, track.genre, track.artwork_url, track.url)
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=False)
class Item:
    """The hash of one track. Stations' results are what their tasks sealed."""

    key: str
    fields: dict[str, str] = field(default_factory=dict)

    @cached_property
    def card(self) -> dict[str, Any]:
        """What the listing said, as plain values."""
        card: dict[str, Any] = json.loads(self.fields.get("card", "{}"))
        return card

    @cached_property
    def track(self) -> Track:
        """What the listing said, as a Track."""
        card = {**self.card}
        card["platform"] = Platform(card["platform"])
        card["availability"] = Availability(card.get("availability", Availability.PLAYABLE))
        return Track(**{"title": "", "artist": "", "url": "", **card})

    @property
    def title(self) -> str:
        """Artist and title for people; the key if neither is known."""
        words = " - ".join(filter(None, (self.card.get("artist"), self.card.get("title") or self.card.get("name"))))
        return words or self.key

    def result(self, station: Station) -> dict[str, Any]:
        """What a sealed station stored; what it had stored, while it is done again; empty if neither."""
        result: dict[str, Any] = json.loads(self.fields.get(f"s:{station}") or self.fields.get(f"was:{station}", "{}"))
        return result

    def repeated(self, station: Station) -> bool:
        """Whether a station was sealed, and is done again for better values: its old ones hold meanwhile."""
        return f"was:{station}" in self.fields and not self.sealed(station)

    def sealed(self, station: Station) -> bool:
        """Whether a station's work is done and stored."""
        if station in WRITES:
            return self.written >= self.version
        return f"s:{station}" in self.fields

    @property
    def version(self) -> int:
        """Rises whenever what Notion should say changes."""
        return int(self.fields.get("v", "1"))

    @property
    def written(self) -> int:
        """The version that Notion has."""
        return int(self.fields.get("w", "0"))

    @property
    def page_id(self) -> str:
        """The Notion page, or nothing."""
        return str(self.result(Station.PAGE).get("page_id", ""))

    @property
    def verdict(self) -> str:
        """`failed`, `refused`, `review`, or nothing while the track is on its way."""
        return self.fields.get("verdict", "")

    @property
    def reason(self) -> str:
        """Why the track was refused, failed, waits for a person, or waits at all."""
        return self.fields.get("reason", "") or next(
            (self.fields[f"note:{s}"] for s in LINE if f"note:{s}" in self.fields and not self.sealed(s)), ""
        )

    @property
    def alias(self) -> str:
        """The key of the track that this one is another upload of, or nothing."""
        return self.fields.get("alias", "")

    @property
    def want_audio(self) -> bool:
        """False if the track was enqueued with `--no-download`."""
        return self.fields.get("want", "all") == "all"

    @property
    def playlists(self) -> tuple[str, ...]:
        """The keys of the playlists that hold the track, oldest first."""
        return tuple(json.loads(self.fields.get("in", "[]")))

    @property
    def left(self) -> tuple[str, ...]:
        """The keys of playlists that it was taken out of, as long as its page may still say otherwise."""
        return tuple(name.removeprefix("left:") for name in self.fields if name.startswith("left:"))

    @property
    def touched(self) -> str:
        """How often somebody who holds no claim has changed the track: joined it to a playlist, opened it again."""
        return self.fields.get("touched", "0")

    @property
    def made(self) -> bool:
        """Whether everything but the last write to Notion is done, or will not be done."""
        if self.verdict or self.alias:
            return True
        if not self.want_audio:
            return self.sealed(Station.PAGE)
        return all(self.sealed(s) for s in (Station.DOWNLOAD, Station.ANALYZE, Station.EAGLE))

    def attempts(self, station: Station) -> int:
        """How many attempts the station has spent on errors of this track."""
        return int(self.fields.get(f"tries:{station}", "0"))

    def state(self, now_ms: float) -> str:
        """`done`, `failed`, `refused`, `review`, `running` or `waiting`."""
        if self.verdict:
            return self.verdict
        if self.made and self.sealed(Station.FINALISE):
            return "done"
        claims = (value.split(" ") for name, value in self.fields.items() if name.startswith("c:"))
        return "running" if any(float(claim[1]) > now_ms for claim in claims) else "waiting"

    @property
    def at(self) -> str:
        """The first station that is not sealed, or where the verdict fell."""
        if "at" in self.fields:
            return self.fields["at"]
        order = (Station.DOWNLOAD, Station.ANALYZE, Station.EAGLE, Station.FINALISE) if self.want_audio else (Station.PAGE,)
        return next((s for s in order if not self.sealed(s)), Station.FINALISE)
