"""crateline: playlists and DJ sets become analysed, tagged, filed and catalogued tracks."""

__version__ = "0.1.0"
