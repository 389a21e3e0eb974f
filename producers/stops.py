"""Services that let nobody in: they are paused, and a person is told what to do, whoever has met with it."""

from crateline.clients.spotify.answers import Forbidden
from crateline.errors import CratelineError, CredentialsRefused, ServiceStopped
from crateline.wiring import Wiring

SPOTIFY = "spotify"
CONSENT = "Run `crateline login spotify`: the consent has ended or was withdrawn"


def noted(wiring: Wiring, error: CratelineError) -> bool:
    """Pause the service that an error speaks of, if nobody can be let in before a person acts; whether that is so.

    A playlist of somebody else's is that playlist's affair.
    """
    if isinstance(error, Forbidden) or not isinstance(error, CredentialsRefused | ServiceStopped):
        return False
    remedy = CONSENT if error.service == SPOTIFY else getattr(error, "remedy", "Check its credentials")
    wiring.pauses.begin(error.service, reason=error.detail, remedy=remedy, cause=getattr(error, "cause", ""))
    return True
