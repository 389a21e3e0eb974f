from crateline.clients.spotify.client import Spotify
from crateline.clients.spotify.rows import Listing

__all__ = ["Listing", "Spotify"]
