"""`crateline analyze --outdated` and `--recalibrate`: what the line knows of its tracks, brought up to today's analyser."""

from collections.abc import Sequence

from crateline.audio import energy
from crateline.cli import console, talk
from crateline.wiring import Wiring
from producers import again
from tasks import hearing, levels


def outdated(wiring: Wiring, *, dry_run: bool, as_json: bool) -> int:
    """Send every track that an older analyser has heard through its station again. Nothing is downloaded for that."""
    old = again.outdated(wiring, hearing.ANALYSER)
    if not dry_run:
        again.repeat_analysis(wiring, old.tracks)
    if as_json:
        row = {"outdated": len(old.tracks), "without_original": [item.key for item in old.lost]}
        talk.answer({**row, "analyser": hearing.ANALYSER, "dry_run": dry_run})
        return console.OK
    for item in old.lost:
        talk.say(f"{item.title}: its original is not in MEDIA_ROOT any more; it keeps its old values ({item.key})")
    verb = "would be heard again" if dry_run else "sent through the line to be heard again"
    talk.say(
        f"{talk.counted(len(old.tracks), 'track')} {verb} by {hearing.ANALYSER}; old values stay until the new ones are there"
    )
    return console.OK


def recalibrate(wiring: Wiring, *, dry_run: bool, as_json: bool) -> int:
    """Set the limits of energy from all analyses that are kept; pages get their new level by the ordinary way.

    Raises ConfigurationError if too few are kept.
    """
    heard = list(hearing.all_kept(wiring.store))
    before, after = levels.limits(wiring.store), energy.Limits.of(one.energy_raw for one in heard)
    known = again.heard(wiring)
    changed = sum(levels.word(item, before) != levels.word(item, after) for item in known)
    if not dry_run:
        levels.keep(wiring.store, after)
        wiring.rework.rewrite(known)  # all of them: a command that was cut short is made good by the next
    if as_json:
        row = {"recordings": len(heard), "old": list(before.levels), "new": list(after.levels), "pages": changed}
        talk.answer({**row, "dry_run": dry_run})
        return console.OK
    talk.say(f"Limits of energy from {len(heard)} recordings of yours{' (not kept: --dry-run)' if dry_run else ''}")
    for name, limits in (("old", before), ("new", after)):
        talk.say(f"  {name}  {_numbers(limits.levels)}")
    talk.say(f"{talk.counted(changed, 'track')} {'would get' if dry_run else 'will get'} another level on the page")
    return console.OK


def _numbers(values: Sequence[float]) -> str:
    return "  ".join(f"{value:.3f}" for value in values)
