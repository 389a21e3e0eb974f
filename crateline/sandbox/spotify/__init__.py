from crateline.sandbox.spotify.accounts import CLIENT_ID, CLIENT_SECRET, CONSENT
from crateline.sandbox.spotify.service import app

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "CONSENT", "app"]
