"""Which library of Eagle's the line files into, and whether an Eagle was ever seen."""

import redis

from crateline.domain import causes
from crateline.durable import keyspace
from crateline.errors import ServiceStopped


class EagleLibrary:
    """The one library: whichever was open first, until a person accepts another."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def saw(self, url: str) -> None:
        """Remember that an Eagle answered there: from now on its absence is no longer taken for having none."""
        self._client.set(keyspace.EAGLE_SEEN, url)

    @property
    def seen(self) -> bool:
        """Whether an Eagle has ever answered."""
        return bool(self._client.exists(keyspace.EAGLE_SEEN))

    def insist(self, path: str) -> None:
        """Take the library that is open for ours if there was none.

        Raises ServiceStopped if ours is another one: items must not land in the wrong library.
        """
        self._client.set(keyspace.EAGLE_LIBRARY, path, nx=True)
        ours = str(self._client.get(keyspace.EAGLE_LIBRARY))
        if ours != path:
            raise ServiceStopped(
                "eagle",
                f"Eagle has another library open: {path}, not {ours}",
                "Switch back in Eagle, or accept the new one with `crateline unpause eagle`",
                causes.LIBRARY,
            )

    def forget(self) -> None:
        """Accept whatever library Eagle has open next."""
        self._client.delete(keyspace.EAGLE_LIBRARY)
