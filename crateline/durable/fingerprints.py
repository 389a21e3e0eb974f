"""The fingerprints of all analysed tracks, so that a second upload of a recording is recognised.

Of several uploads on the line exactly one stands for the recording: the one that registered first. It is decided in one
script, under the claim of whoever asks; what the register found before is refused if it has changed since.
"""

import base64
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import redis

from crateline.durable import keyspace, locks
from crateline.durable.claims import Claim, hash_of
from crateline.durable.keyspace import PREFIX
from crateline.durable.scripts import Scripts
from crateline.errors import StaleClaim

PRINTS = PREFIX + "fingerprints"
BY_LENGTH = PREFIX + "fingerprints:by-length"
BY_INSTANT = PREFIX + "fingerprints:by-instant"
STATE = PREFIX + "fingerprints:state"
SPREAD_S = 3.0
"""Uploads of one recording differ by less than this (padding, silence cut)."""
FILL_S = 60.0
"""How long the filling of a register that has forgotten is waited for; then one fills it oneself."""
CHUNK = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Print:
    """A track's raw Chromaprint (bytes of uint32), its length in seconds, and when it was registered (ms)."""

    key: str
    raw: bytes
    seconds: float
    at: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Which track stands for a recording, and since when (ms; 0 if it is another's).

    `made`: it has its file; one that has none yet may still end without. `gone` stood for it before, and does so no more.
    """

    key: str
    made: bool = True
    at: float = 0.0
    gone: tuple[str, ...] = ()


class Fingerprints:
    """Register a track unless an earlier one is the same recording.

    `kept` gives what is remembered elsewhere: it is read when Redis has forgotten, so that the first stays the first.
    """

    def __init__(self, client: redis.Redis, kept: Callable[[], Iterable[Print]] = tuple) -> None:
        self._client = client
        self._scripts = Scripts(client)
        self._kept = kept

    def register(self, claim: Claim, new: Print, same: Callable[[Print, Print], bool]) -> Standing:
        """Find who stands for `new` under its claim: the earliest track on the line for which `same` holds, else itself.

        A track that is not on the line, or ended there without a file, stands for nobody. Raises StaleClaim if the claim is
        lost; then nothing has been registered.
        """
        while True:
            state = self._state()
            alike = [known.key for known in self._near(new) if known.key != new.key and same(known, new)]
            answer = self._scripts.first_upload(
                keys=[hash_of(claim.hint), STATE, PRINTS, BY_LENGTH, BY_INSTANT, keyspace.track("")],
                args=[new.key, claim.lane, claim.token, state, _text(new.raw), new.seconds, *alike],
            )
            match [str(word) for word in answer]:
                case ["first", at, *gone]:
                    return Standing(key=new.key, at=float(at), gone=tuple(gone))
                case ["alias" | "wait" as how, other]:
                    return Standing(key=other, made=how == "alias")
                case ["stale"]:
                    raise StaleClaim(f"{claim.hint.member} was taken over by another worker, or is not on the line any more")

    def forget(self, key: str) -> None:
        """Take a track out again."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hdel(PRINTS, key)
            pipe.zrem(BY_LENGTH, key)
            pipe.zrem(BY_INSTANT, key)
            pipe.hincrby(STATE, "changes", 1)
            pipe.execute()

    def _state(self) -> str:
        """What tells whether the register has changed; it is filled first if Redis has forgotten it."""
        while True:
            built, changes = self._client.hmget(STATE, "built", "changes")
            if built is not None:
                return f"{built!s} {changes or 0!s}"
            with locks.alone(self._client, "fingerprints", wait_s=FILL_S):
                self._fill()

    def _fill(self) -> None:
        mark, prints = uuid.uuid4().hex, iter(self._kept())
        going = self._load("begin", mark, [])
        while going and (chunk := list(islice(prints, CHUNK))):
            going = self._load("more", mark, chunk)
        self._load("end", mark, [])

    def _load(self, step: str, mark: str, prints: list[Print]) -> bool:
        """Give whether it was taken: not if another fills the register now, or has filled it."""
        rows = [word for one in prints for word in (one.key, _text(one.raw), one.seconds, one.at)]
        return bool(self._scripts.load_prints(keys=[STATE, PRINTS, BY_LENGTH, BY_INSTANT], args=[step, mark, *rows]))

    def _near(self, new: Print) -> Iterator[Print]:
        keys = [str(key) for key in self._client.zrangebyscore(BY_LENGTH, new.seconds - SPREAD_S, new.seconds + SPREAD_S)]
        if not keys:
            return
        lengths = self._client.zmscore(BY_LENGTH, keys)
        for key, seconds, blob in zip(keys, lengths, self._client.hmget(PRINTS, keys), strict=True):
            if blob is not None and seconds is not None:
                yield Print(key=key, raw=base64.b64decode(blob), seconds=float(seconds))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
