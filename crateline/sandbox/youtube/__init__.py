"""A simulated YouTube that the unmodified yt-dlp reads with its default clients.

Without a JavaScript runtime those are the watch page and the player of `visionos`; with one (deno) `tv_samsung` and
`web` come in too. All of them are served, and since the formats carry plain links nothing has to be solved: no
signature, no n challenge, no PO token. The `web` client gets formats without links, as YouTube gives them today.

Routes for the proxy: `HOSTS`.
"""

from crateline.sandbox.youtube.service import HOSTS, app

__all__ = ["HOSTS", "app"]
