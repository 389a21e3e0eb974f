"""Asking the user once: the address of Spotify's consent page, and what its answer is worth.

Authorization code with PKCE (RFC 7636). The console opens `Consent.url` and waits for the browser to come back to
`redirect_uri`; `code_of` reads that address.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from crateline import errors
from crateline.clients.spotify import answers

SCOPES = "playlist-read-collaborative playlist-read-private user-library-read user-read-currently-playing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """A question to the user. `verifier` is our secret half of it."""

    url: str
    state: str
    verifier: str
    redirect_uri: str


def begin(client_id: str, redirect_uri: str, accounts_url: str) -> Consent:
    """Prepare the question."""
    state, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": SCOPES,
        "state": state,
        "code_challenge_method": "S256",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
    }
    return Consent(url=f"{accounts_url}/authorize?{urlencode(query)}", state=state, verifier=verifier, redirect_uri=redirect_uri)


def code_of(consent: Consent, redirected: str) -> str:
    """Read the code from the address to which the browser was sent back.

    Raises CredentialsRefused when the user has said no, ValueError when the address answers another question.
    """
    answer = {name: values[0] for name, values in parse_qs(urlsplit(redirected).query).items()}
    if not secrets.compare_digest(answer.get("state", "").encode(), consent.state.encode()):
        raise ValueError("This address does not belong to the consent just asked for. Start again.")
    if "error" in answer:
        raise errors.CredentialsRefused(answers.SERVICE, f"the consent was not given ({answer['error']})")
    if "code" not in answer:
        raise ValueError("This address carries no code. Copy it whole from the browser's address bar.")
    return answer["code"]
