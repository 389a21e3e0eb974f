"""Uploads of recordings that come on the line, and their analyses, step by step."""

import random

from crateline.durable import keyspace
from crateline.durable.fingerprints import Fingerprints, Print
from crateline.durable.ledger import Ledger, as_fields
from crateline.messages import Hint, Station


def sound(seed):
    """Something like a print."""
    return random.Random(seed).randbytes(4 * 40)


RECORDING = sound("recording")


def made(key, raw=RECORDING, seconds=300.0, at=0.0):
    """The print of an upload: unless told otherwise of the recording that all of them are of."""
    return Print(key=key, raw=raw, seconds=seconds, at=at)


def equal(one, other):
    """What counts as the same recording here."""
    return one.raw == other.raw


class Uploads:
    """Tracks on a line, and their analyses, step by step."""

    def __init__(self, client):
        self.client = client
        self.ledger = Ledger(client)
        self.prints = Fingerprints(client)

    def enqueue(self, *keys, want="all"):
        for key in keys:
            self.client.hset(keyspace.track(key), mapping={"card": "{}", "in": '["list"]', "want": want, "v": 1, "w": 0})

    def claim(self, key):
        return self.ledger.open(Hint(station=Station.ANALYZE, key=key)).claim

    def seal(self, claim, alias=""):
        fields = {"alias": alias} if alias else as_fields(Station.ANALYZE, {"files": []})
        return self.ledger.seal(claim, fields=fields, bump=True)

    def register(self, key, **print_):
        """As an analysis does it, from its claim to its seal, for a track that is put on the line now."""
        self.enqueue(key)
        claim = self.claim(key)
        first = self.prints.register(claim, made(key, **print_), equal)
        self.seal(claim, "" if first.key == key else first.key)
        return first.key
