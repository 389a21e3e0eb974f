"""`crateline login spotify`: the consent that Spotify gives for six months, asked for in the browser."""

from typing import TYPE_CHECKING

import click

from crateline.cli import console, session, talk
from crateline.errors import ConfigurationError

if TYPE_CHECKING:
    from crateline.clients.spotify.consent import Consent
    from crateline.wiring import Wiring

PATIENCE_S = 300.0
DAY_S = 86400.0


@click.group(cls=console.OrderedGroup)
def login() -> None:
    """Let crateline see what a service shows to its owner alone."""


@login.command()
@click.option("--no-browser", is_flag=True, help="Only print the address; open it yourself, on this machine.")
@click.option("--paste", is_flag=True, help="For a machine without a browser: paste the address you were sent to.")
@click.option("--json", "as_json", is_flag=True, help="Print who has consented, and for how many days, as JSON.")
def spotify(*, no_browser: bool, paste: bool, as_json: bool) -> None:
    """Ask you for your consent in the browser, and keep it for all workers.

    It lets crateline read your playlists and liked songs, and see what you play. It ends after six months.
    """
    with session.opened() as wiring:
        asked = wiring.spotify.ask_consent(wiring.settings.spotipy_redirect_uri)
        _agree(wiring, asked, with_browser=not (no_browser or paste), paste=paste)
        name, days = wiring.spotify.who(), int((wiring.consent.ends_in() or 0) // DAY_S)
        wiring.pauses.mended("spotify")
    if as_json:
        talk.answer({"service": "spotify", "name": name, "days": days})
    talk.say(f"{name} has consented. It holds for about {days} days; `crateline doctor` tells when it is time to ask again")


def _agree(wiring: "Wiring", asked: "Consent", *, with_browser: bool, paste: bool) -> None:
    if paste:
        _accept_pasted(wiring, asked)
        return
    from crateline.cli import browser, redirect  # noqa: PLC0415  # only this way needs a server

    with redirect.listening(asked.redirect_uri) as answers:
        _say_address(asked)
        if with_browser and not browser.show([asked.url]):
            talk.say("No browser can be opened from here. If yours is on another machine: Ctrl-C, and `login spotify --paste`")
        talk.say(f"Waiting for the browser to come back to {asked.redirect_uri} …")
        for address in answers(PATIENCE_S):
            try:
                wiring.spotify.accept_consent(asked, address)
            except ValueError:  # somebody else's request: the browser asks for an icon, a stranger for anything
                continue
            return
    raise ConfigurationError("Nobody agreed within five minutes: run it again, or with --paste if the browser is elsewhere")


def _say_address(asked: "Consent") -> None:
    talk.say(f"Open this address and agree:\n{asked.url}")


def _accept_pasted(wiring: "Wiring", asked: "Consent") -> None:
    _say_address(asked)
    address = click.prompt(
        "Paste the address that you are sent to (it is not shown)", err=True, hide_input=True
    )  # it holds a code: not for the screen
    try:
        wiring.spotify.accept_consent(asked, address.strip())
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
