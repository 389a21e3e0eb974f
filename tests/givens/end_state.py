"""What a world and its ledger have come to, in words that are the same in every run that came to the same end."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import httpx

from crateline.durable import holdings, keyspace

PASSING = ("Date", "Added", "Last", "Processed", "Created", "Updated")
"""Properties that say when something was done begin so."""


def end_state(tester, lists):
    """Pages, playlists' pages, files, items, members, follows and holdings.

    Where several keys are one recording, either may have become the track: of those only what both ends have in common
    is told.
    """
    names = Names(tester.world.world)
    with tester.redis() as client:
        state = {
            "members": {key: [names.of(one.decode()) for one in client.zrange(keyspace.members(key), 0, -1)] for key in lists},
            "holdings": sorted(json.loads(row)["name"] for row in client.hvals(holdings.HOLDINGS)),
            "follows": {key: _follow(client.hgetall(keyspace.playlist(key))) for key in lists},
        }
    state["downloads"] = {service: tester.stats(service)["downloads"] for service in ("soundcloud", "youtube")}
    state |= _pages(tester, names) | {"files": _files(tester, names), "items": _items(tester, names)}
    return json.loads(json.dumps(state).replace(str(tester.folder), ""))


def differences(one, other):
    """What is in one end state and not in the other, as short as it can be said."""
    found = {}
    for name in one:
        mine, its = ({json.dumps(row, sort_keys=True) for row in _rows(state[name])} for state in (one, other))
        if mine != its or len(_rows(one[name])) != len(_rows(other[name])):
            found[name] = {"wanted": sorted(mine - its), "found": sorted(its - mine)}
    return found


def _rows(value):
    return [[key, entry] for key, entry in value.items()] if isinstance(value, dict) else value


class Names:
    """The names of tracks: their keys, or a number for a recording that several keys of this world may stand for."""

    def __init__(self, world):
        tracks = {one.key: one.recording.id for one in (*world.soundcloud, *world.spotify)}
        often = Counter(tracks.values())
        self.shared = {key: f"recording {number}" for key, number in tracks.items() if often[number] > 1}

    def of(self, key):
        return self.shared.get(key, key)


def _follow(fields):
    said = {name.decode(): value.decode() for name, value in fields.items()}
    return {name: said.get(f"sync:{name}") for name in ("followed", "limit", "audio", "snapshot", "status", "reason", "begun")}


def _pages(tester, names):
    state = httpx.get(f"{tester.world.addresses['notion']}/_sandbox/state", trust_env=False).json()
    tables = {title: [row for row in one["rows"] if not row["in_trash"]] for title, one in state["databases"].items()}
    lists = {row["id"]: row["properties"]["Name"] for row in tables["Music Playlists"]}
    tracks = {row["id"]: row["properties"] for row in next(rows for title, rows in tables.items() if "Tracks" in title)}
    keys = {page: names.of(said["Source ID"]) for page, said in tracks.items()}
    alive = {page: said for page, said in tracks.items() if said["Status"] != "Duplicate"}
    return {
        "pages": sorted((keys[page], _words(said, lists, keys[page] in names.shared.values())) for page, said in alive.items()),
        "lists": sorted((lists[row["id"]], _list(row["properties"], alive, keys)) for row in tables["Music Playlists"]),
    }


def _words(said, lists, shared):
    kept = ("Status", "Playlists", "Downloaded", "In Eagle") if shared else said
    words = {name: said[name] for name in kept if not name.startswith(PASSING) and name != "Eagle ID"}
    return json.dumps({**words, "Playlists": sorted(lists[page] for page in said.get("Playlists") or ())}, sort_keys=True)


def _list(said, alive, keys):
    words = {name: value for name, value in said.items() if not name.startswith(PASSING)}
    related = {name for name, value in words.items() if isinstance(value, list) and any(page in keys for page in value)}
    told = {name: sorted(keys[page] for page in words[name] if page in alive) for name in related}
    return json.dumps({**words, **told}, sort_keys=True)


def _files(tester, names):
    """Each file under the music folder: whose it is; and how many files on disk those of one track are."""
    owners, nodes = {}, defaultdict(set)
    with tester.redis() as client:
        for name in client.scan_iter(match=f"{keyspace.track('')}*", count=1000):
            key = name.decode().removeprefix(keyspace.track(""))
            told = json.loads(client.hget(name, "s:analyze") or "{}").get("files", [])
            owners |= dict.fromkeys(told, names.of(key))
    music, found = Path(tester.environment["OUT_DIR"]), []
    for path in sorted(path for path in music.rglob("*") if path.is_file()):
        owner = owners.get(str(path), f"nobody's: {path.name}")
        found.append((owner, path.parent.name if owner.startswith("recording") else str(path.relative_to(music))))
        nodes[owner].add(path.stat().st_ino)
    return {"where": sorted(found), "often": {owner: len(inodes) for owner, inodes in nodes.items()}}


def _items(tester, names):
    state = httpx.get(f"{tester.world.addresses['eagle']}/_sandbox/state", trust_env=False).json()
    alive = [item for item in state["items"] if not item.get("isDeleted")]
    marks = [tag.removeprefix("crateline:") for item in alive for tag in item["tags"] if tag.startswith("crateline:")]
    return sorted(names.of(key) for key in marks)
