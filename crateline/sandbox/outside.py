"""The whole outside world on loopback: Notion, SoundCloud, YouTube, Spotify and Eagle behind one proxy."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from crateline.sandbox import eagle, soundcloud, spotify, youtube
from crateline.sandbox.catalogue import World
from crateline.sandbox.faults import Faults
from crateline.sandbox.music import Music
from crateline.sandbox.notion import app as notion
from crateline.sandbox.notion.state import State
from crateline.sandbox.proxy import Proxy
from crateline.sandbox.serving import serve


@dataclass(frozen=True, kw_only=True, slots=True)
class Outside:
    """A running world. `environment` is all that crateline needs to live in it; `addresses` are for people."""

    world: World
    notion: State
    faults: dict[str, Faults]
    environment: dict[str, str]
    addresses: dict[str, str]
    proxy: Proxy


@contextmanager
def run(
    *,
    folder: Path,
    tracks: int = 60,
    seed: int = 7,
    seconds: tuple[float, float] = (20, 40),
    per_minute: int = 180,
    latency: float = 0.0,
    copy_delay: float = 0.5,
    pace: float | None = None,
    eagle_v2: bool = True,
    eagle_answers_id: bool = True,
    world: World | None = None,
) -> Iterator[Outside]:
    """Run the world until the block ends.

    Args:
        folder: where music, Eagle's library and the proxy's certificate go.
        tracks: rows of the main SoundCloud set.
        seed: of everything that is made up.
        seconds: the shortest and the longest recording.
        per_minute: Notion's limit.
        latency: seconds that Notion takes for an answer.
        copy_delay: seconds after which Eagle has copied a file.
        pace: bytes per second of each connection that carries SoundCloud's audio; None is as fast as it goes.
        eagle_v2: whether Eagle has the second version of its API.
        eagle_answers_id: whether Eagle's first version tells the id of what was added.
        world: what exists, in place of what `tracks`, `seed` and `seconds` make up.
    """
    world = world or World.build(tracks=tracks, seed=seed, seconds=seconds)
    music = Music(folder / "music")
    state = State(per_minute=per_minute, latency=latency, seed=seed)
    workspace = state.seed_user_workspace()
    faults = {name: Faults(seed=seed) for name in ("notion", "soundcloud", "youtube", "spotify", "eagle")}
    library = eagle.app(folder, copy_delay=copy_delay, v2=eagle_v2, answers_id=eagle_answers_id, faults=faults["eagle"])
    with ExitStack() as stack:
        bases = {
            "notion": stack.enter_context(serve(notion.app(state, faults["notion"]))),
            "soundcloud": stack.enter_context(serve(soundcloud.app(world, music, pace=pace, faults=faults["soundcloud"]))),
            "youtube": stack.enter_context(serve(youtube.app(world, music, faults=faults["youtube"]))),
            "spotify": stack.enter_context(serve(spotify.app(world, faults=faults["spotify"]))),
            "eagle": stack.enter_context(serve(library)),
        }
        proxy = stack.enter_context(Proxy(_routes(bases), folder))
        environment = {
            **workspace.settings(),
            "EAGLE_URL": bases["eagle"],
            "HTTPS_PROXY": proxy.url,
            "NO_PROXY": "127.0.0.1,localhost",
            "SSL_CERT_FILE": str(proxy.ca_file),
            "SPOTIPY_CLIENT_ID": spotify.CLIENT_ID,
            "SPOTIPY_CLIENT_SECRET": spotify.CLIENT_SECRET,
            "SPOTIFY_REFRESH_TOKEN": spotify.CONSENT,
            "NOTION_REQUESTS_PER_MINUTE": str(per_minute),
        }
        yield Outside(world=world, notion=state, faults=faults, environment=environment, addresses=dict(bases), proxy=proxy)


def _routes(bases: dict[str, str]) -> dict[str, str]:
    hosts = {
        "notion": ("api.notion.com",),
        "soundcloud": soundcloud.HOSTS,
        "youtube": youtube.HOSTS,
        "spotify": spotify.HOSTS,
    }
    return {host: bases[service] for service, names in hosts.items() for host in names}
