"""The fingerprints of all analysed tracks, so that a second upload of a recording is recognised.

Of several uploads on the line exactly one stands for the recording: the one that registered first. It is decided in one
script, under the claim of whoever asks; what the register found before is refused if it has changed since.
"""

import math
import struct
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice

import redis
from redis.client import NEVER_DECODE

from crateline.durable import keyspace, locks, postings
from crateline.durable.claims import Claim, hash_of
from crateline.durable.keyspace import PREFIX
from crateline.durable.scripts import Scripts
from crateline.errors import StaleClaim

PRINTS = PREFIX + "fingerprints"
BY_INSTANT = PREFIX + "fingerprints:by-instant"
NUMBERS = PREFIX + "fingerprints:numbers"
STATE = PREFIX + "fingerprints:state"
FILL_S = 60.0
"""How long the filling of a register that has forgotten is waited for; then one fills it oneself."""
CHUNK, BUCKETS = 2000, 2000
"""Prints, and buckets of the index, that are put in at once when a register is filled: Redis is not held up for long."""
NEAR = 12
"""So many of those that share most words are compared (0.4 ms each)."""
SEARCHED = 64
"""So many of the numbers found are looked up: some may lead nowhere any more."""
CHANCE = 3
"""Fewer words than this are shared by chance."""
FILE = "file:"
"""What the keys of local files begin with: they are on no line, and stand for no track."""

_SECONDS = struct.Struct("<d")
_NUMBER_BYTES = 4


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

        `same` is asked of every print that is like it at all. A track that is not on the line, or ended there without a
        file, stands for nobody. Raises StaleClaim if the claim is lost; then nothing has been registered.
        """
        while True:
            state = self._state()
            alike = [known.key for known in self._near(new) if same(known, new) and not known.key.startswith(FILE)]
            match self._settle(new, state, claim, alike):
                case ["first", at, *gone]:
                    return Standing(key=new.key, at=float(at), gone=tuple(gone))
                case ["alias" | "wait" as how, other]:
                    return Standing(key=other, made=how == "alias")
                case ["stale"]:
                    raise StaleClaim(f"{claim.hint.member} was taken over by another worker, or is not on the line any more")

    def put(self, file: Print) -> None:
        """Put in the print of a file that is on no line; its key begins with `FILE`."""
        while self._settle(file, self._state(), None, []) == ["changed"]:
            continue

    def near(self, print_: Print) -> list[Print]:
        """Every other print that is like this one at all, the likeliest first."""
        self._state()
        return list(self._near(print_))

    def instants(self, keys: list[str]) -> dict[str, float]:
        """When tracks were registered (ms); infinity for one that is not."""
        found = self._client.zmscore(BY_INSTANT, keys)
        return {key: math.inf if at is None else float(at) for key, at in zip(keys, found, strict=True)}

    def forget(self, key: str) -> None:
        """Take a track out again."""
        self._scripts.drop_print(keys=[STATE, PRINTS, BY_INSTANT, NUMBERS], args=[key])

    def _settle(self, new: Print, state: str, claim: Claim | None, alike: list[str]) -> list[str]:
        hashed = hash_of(claim.hint) if claim else keyspace.track(new.key)
        lane, token = (claim.lane, claim.token) if claim else ("", "")
        keys = [hashed, STATE, PRINTS, BY_INSTANT, NUMBERS, postings.INDEX, keyspace.track("")]
        words = postings.words(new.raw).astype("<u4").tobytes()
        answer = self._scripts.first_upload(keys=keys, args=[new.key, lane, token, state, _packed(new), words, *alike])
        return [str(word) for word in answer]

    def _near(self, new: Print) -> Iterator[Print]:
        best = [number for number, shared in postings.search(self._client, new.raw)[:SEARCHED] if shared >= CHANCE]
        known = [str(key) for key in self._client.hmget(NUMBERS, best) if key is not None] if best else []
        keys = [key for key in known if key != new.key][:NEAR]
        if keys:
            records = self._client.execute_command("HMGET", PRINTS, *keys, **{NEVER_DECODE: True})  # type: ignore[no-untyped-call]
            yield from (_read(key, record) for key, record in zip(keys, records, strict=True) if record is not None)

    def _state(self) -> str:
        """What tells whether the register has changed; it is filled first if Redis has forgotten it."""
        while True:
            built, changes = self._client.hmget(STATE, "built", "changes")
            if built is not None:
                return f"{built!s} {changes or 0!s}"
            with locks.alone(self._client, "fingerprints", wait_s=FILL_S):
                self.fill()

    def fill(self) -> None:
        """Fill a register that has forgotten from what is kept elsewhere; one that has not is left as it is."""
        mark, numbers, prints = uuid.uuid4().hex, count(1), iter(self._kept())
        going = self._load("begin", mark)
        while going and (chunk := [(next(numbers), one) for one in islice(prints, CHUNK)]):
            rows = [word for number, one in chunk for word in (one.key, number, _packed(one), one.at)]
            going = self._load("prints", mark, *rows) and self._load_index(mark, chunk)
        self._load("end", mark)

    def _load_index(self, mark: str, chunk: list[tuple[int, Print]]) -> bool:
        rows = postings.buckets([(number, one.raw) for number, one in chunk])
        while some := list(islice(rows, BUCKETS)):
            if not self._load("index", mark, *(word for pair in some for word in pair)):
                return False
        return True

    def _load(self, step: str, mark: str, *words: str | float | bytes) -> bool:
        """Give whether it was taken: not if another fills the register now, or has filled it."""
        keys = [STATE, PRINTS, BY_INSTANT, NUMBERS, postings.INDEX]
        return bool(self._scripts.load_prints(keys=keys, args=[step, mark, *words]))


def _packed(one: Print) -> bytes:
    return _SECONDS.pack(one.seconds) + one.raw


def _read(key: str, record: bytes) -> Print:
    """A print as it is kept: 4 bytes for its number in the index, its length, and itself."""
    head = _NUMBER_BYTES + _SECONDS.size
    return Print(key=key, raw=record[head:], seconds=_SECONDS.unpack(record[_NUMBER_BYTES:head])[0])
