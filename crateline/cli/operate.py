"""Steering the line: resume, retry, and the pauses of services."""

import click

from crateline.cli import session, stops, talk

SERVICES = ("notion", "spotify", "soundcloud-api", "soundcloud-media", "youtube", "eagle", "disk", "settings")
BY_HAND = "stopped by hand"


@click.command()
@click.argument("playlist", required=False)
@click.option("--all", "everything", is_flag=True, help="Every playlist; the same as naming none.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def resume(*, playlist: str | None, everything: bool, as_json: bool) -> None:
    """Look at every unfinished track of PLAYLIST (its key, link or name) now, without waiting for its time."""
    if playlist and everything:
        raise click.UsageError("Name a playlist or say --all, not both.")
    from crateline.cli import choice  # noqa: PLC0415  # loads the clients
    from producers import again  # noqa: PLC0415  # as above

    with session.opened() as wiring:
        done = again.resume(wiring, choice.playlists(wiring, playlist))
        pauses = wiring.pauses.all()
    if as_json:
        talk.answer({"playlists": done.playlists, "tracks": done.tracks})
    elif done.tracks:
        talk.say(f"{talk.counted(done.tracks, 'track')} in {talk.counted(done.playlists, 'playlist')} looked at now")
    else:
        talk.say("Nothing is unfinished")
    for pause in pauses:
        talk.say(stops.sentence(pause, "is still paused"))


@click.command()
@click.argument("playlist", required=False)
@click.option("--track", "key", metavar="KEY", help="One track, by the key that `status --tracks` shows; also one to review.")
@click.option("--json", "as_json", is_flag=True, help="Print the count as JSON.")
def retry(*, playlist: str | None, key: str | None, as_json: bool) -> None:
    """Send the failed and refused tracks of PLAYLIST (of all, if none is named) through the line again."""
    if playlist and key:
        raise click.UsageError("Name a playlist or a track, not both.")
    from crateline.cli import choice  # noqa: PLC0415  # loads the clients
    from producers import again  # noqa: PLC0415  # as above

    with session.opened() as wiring:
        items = [again.retry_track(wiring, key)] if key else again.retry(wiring, choice.playlists(wiring, playlist))
    if as_json:
        talk.answer({"reopened": len(items), "keys": [item.key for item in items]})
    elif items:
        talk.say(f"{talk.counted(len(items), 'track')} sent through the line again")
    else:
        talk.say("Nothing has failed or was refused")


@click.command()
@click.option("--json", "as_json", is_flag=True, help='Print {"pauses": […]}.')
def pauses(*, as_json: bool) -> None:
    """List the services that are stopped, why, since when, and what to do."""
    with session.opened() as wiring:
        known = wiring.pauses.all()
        waiting = {pause.service: wiring.pauses.waiting(pause.service) for pause in known}
    if as_json:
        talk.answer({"pauses": [{**one.public(), "by_hand": one.by_hand, "waiting": waiting[one.service]} for one in known]})
        return
    from crateline.cli import tables  # noqa: PLC0415  # rich is wanted only here

    if known:
        talk.show(tables.pauses([one.public() for one in known], waiting))
    else:
        talk.say("Nothing is paused")


@click.command()
@click.argument("service", metavar="SERVICE", type=click.Choice(SERVICES))
@click.option("--reason", default=BY_HAND, show_default=True, help="What `status` says of it.")
def pause(*, service: str, reason: str) -> None:
    """Stop asking SERVICE until `crateline unpause`. What is being done ends; tracks wait, none fails."""
    with session.opened() as wiring:
        already = {one.service: one for one in wiring.pauses.all()}.get(service)
        wiring.pauses.begin(service, reason=reason, remedy=f"crateline unpause {service}", by_hand=True)
    if already is None:
        talk.say(f"{service} is paused; `crateline unpause {service}` lets it go on")
    else:
        talk.say(f"{service} was paused already: {already.reason}")


@click.command()
@click.argument("service", metavar="SERVICE", type=click.Choice(SERVICES))
def unpause(*, service: str) -> None:
    """Let SERVICE go on: what waited for it is due now."""
    with session.opened() as wiring:
        was = any(one.service == service for one in wiring.pauses.all())
        if service == "eagle":
            wiring.eagle_library.forget()
        freed = wiring.pauses.end(service)
    talk.say(f"{service} goes on; {talk.counted(freed, 'task')} had waited for it" if was else f"{service} was not paused")
