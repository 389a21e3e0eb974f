"""A simulated Spotify: the Web API and the accounts service of 2026 in one app. Routes for the proxy: `HOSTS`.

An app with CLIENT_ID and CLIENT_SECRET is registered, and CONSENT is a refresh token that its user has given.
"""

from crateline.sandbox.spotify.accounts import CLIENT_ID, CLIENT_SECRET, CONSENT
from crateline.sandbox.spotify.service import HOSTS, app

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "CONSENT", "HOSTS", "app"]
