"""The console's front door: the group of commands, and the one funnel that turns errors into sentences and exit codes.

Exit codes:
    0    done
    1    failed
    2    wrong usage, or a setting is missing or wrong
    3    finished, but some tracks failed
    4    a service does not accept our credentials
    130  interrupted (Ctrl-C)
"""

import difflib
import importlib
import io
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import NoReturn

import click

import crateline
from crateline import errors

OK = 0
FAILED = 1
USAGE = 2
SOME_TRACKS_FAILED = 3
CREDENTIALS = 4
INTERRUPTED = 130

EXITS: tuple[tuple[type[errors.CratelineError], int], ...] = (
    (errors.ConfigurationError, USAGE),
    (errors.CredentialsRefused, CREDENTIALS),
    (errors.NotAllowed, CREDENTIALS),
    (errors.CratelineError, FAILED),
)
"""Read from the top: the first class that fits decides."""

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("crateline.cli.demo:demo", "Run everything on this machine against a sandbox."),
    "up": ("crateline.cli.worker:up", "Start Redis (unless REDIS_URL is set), workers for all queues, and Flower."),
    "worker": ("crateline.cli.worker:worker", "Run one worker, here or on another machine."),
    "scheduler": ("crateline.cli.worker:scheduler", "Publish what is due and probe what is paused; `up` starts one."),
    "flower": ("crateline.cli.worker:flower", "Run Flower, behind a password."),
    "enqueue": ("crateline.cli.enqueue:enqueue", "Put playlists, likes, tracks or files of links on the line."),
    "review": ("crateline.cli.review:review", "Answer what waits for you: doubtful matches, pages and recordings."),
    "sync": ("crateline.cli.sync:sync", "Look at the sources of known playlists; what is new goes on the line."),
    "auto": ("crateline.cli.auto:auto", "Put the next track on the line: what plays, your newest like, the newest row."),
    "ensure": ("crateline.cli.ensure:ensure", "Make sure that a playlist is synced and downloaded."),
    "inbox": ("crateline.cli.inbox:inbox", "Put what you have written into Music Tracks on the line."),
    "analyze": ("crateline.cli.analyze:analyze", "Hear local files: tempo, key, loudness, energy, fingerprint."),
    "status": ("crateline.cli.status:status", "Show how far the playlists are, and what holds them up."),
    "resume": ("crateline.cli.operate:resume", "Look at every unfinished track now."),
    "retry": ("crateline.cli.operate:retry", "Send failed and refused tracks through the line again."),
    "pauses": ("crateline.cli.operate:pauses", "List the services that are stopped, and what to do about each."),
    "pause": ("crateline.cli.operate:pause", "Stop asking a service."),
    "unpause": ("crateline.cli.operate:unpause", "Let a stopped service go on."),
    "login": ("crateline.cli.login:login", "Give Spotify your consent."),
    "match": ("crateline.cli.match:match", "Rank the candidates in a file of songs, and say why."),
    "schema": ("crateline.cli.schema:schema", "Compare the Notion databases with what is needed, or add it."),
    "djay": ("crateline.cli.djay:djay", "Bring djay's tracks, sets and cues to Notion; read what djay keeps."),
    "doctor": ("crateline.cli.doctor:doctor", "Check this machine, the settings and every service."),
    "sandbox": ("crateline.cli.sandbox:sandbox", "Run a simulated outside world on loopback."),
}
"""Every command: where it is, and what it does in a line. A command's module is loaded when it is called, not before."""

SECTIONS = {
    "Begin": ("demo", "schema", "login", "doctor", "up"),
    "Put music on the line": ("enqueue", "sync", "ensure", "auto", "inbox", "djay"),
    "Look and steer": ("status", "review", "retry", "resume", "pauses", "pause", "unpause"),
    "Without the line": ("analyze", "match"),
    "Run its parts": ("worker", "scheduler", "flower", "sandbox"),
}
"""In which order help tells them: as somebody needs them who begins."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads the one that is wanted; a subclass has a table of its own."""

    table = COMMANDS
    sections: Mapping[str, Sequence[str]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the table."""
        del ctx
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        del ctx
        if cmd_name not in self.table:
            return None
        module, _, name = self.table[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant; a name that is nearly one of ours is answered with ours."""
        if args and args[0] not in self.table and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self.table)
            hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table, so that help loads none of them."""
        del ctx
        widest = max(map(len, self.table))
        for title, names in (self.sections or {"Commands": tuple(self.table)}).items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(widest), self.table[name][1]) for name in names])


class FrontDoor(LazyGroup):
    """All commands, in the sections of a person's day."""

    sections = SECTIONS


class OrderedGroup(click.Group):
    """A group that tells its commands in the order in which they were made, and each in a whole sentence."""

    longest = 500

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in their order."""
        del ctx
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without cutting what they do."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(limit=self.longest)) for name, one in self.commands.items()])


@click.group(
    cls=FrontDoor,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Settings: flag > environment > .env > crateline.toml. Exit codes: 0 ok, 1 failed, 2 usage or settings, "
    "3 some tracks failed, 4 credentials, 130 interrupted.",
)
@click.version_option(crateline.__version__, prog_name="crateline")
@click.option("--log-level", type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"], case_sensitive=False), help="As LOG_LEVEL.")
@click.pass_context
def console(ctx: click.Context, log_level: str | None) -> None:
    """Playlists and DJ sets go in; analysed, tagged, filed and catalogued tracks come out."""
    ctx.obj = {"log_level": log_level.upper() if log_level else None}


def main() -> NoReturn:
    """Run the command line of this process and end it with the exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; gives the exit code. Every error ends here as a sentence on stderr."""
    _speak_plainly()
    try:
        code = console.main(args=list(arguments), prog_name="crateline", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted")
        return INTERRUPTED
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter complains while it ends
        return FAILED
    except Exception as error:  # noqa: BLE001  # the funnel: whatever was not foreseen is said and ends the command
        return _end(error)
    return code if isinstance(code, int) else OK


def _speak_plainly() -> None:
    """Let a letter that this terminal's encoding does not have cost that letter, and not the command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _end(error: Exception) -> int:
    _say(f"Error: {sentence(error)}")
    if not _foreseen(error) and os.environ.get("LOG_LEVEL", "").upper() == "DEBUG":
        traceback.print_exception(error)
    return exit_code(error)


def exit_code(error: Exception) -> int:
    """The exit code that an error means."""
    redis = sys.modules.get("redis")
    if redis is not None and isinstance(error, redis.AuthenticationError):
        return CREDENTIALS
    return next((code for kind, code in EXITS if isinstance(error, kind)), FAILED)


def sentence(error: Exception) -> str:
    """An error as a sentence for a person, with what to do about it."""
    if isinstance(error, errors.ServiceStopped):
        return f"{error}. {error.remedy}"
    if type(error) is errors.CredentialsRefused:  # a narrower class says what to do itself
        return f"{str(error).rstrip('.')}. {_remedy(error)}"
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, errors.CratelineError | OSError):
        return str(error)
    if _of_redis(error):
        return f"Redis: {str(error).rstrip('.')}. Is it running, and is REDIS_URL right? See `crateline doctor`"
    return f"{type(error).__name__}: {error}. This is a mistake in crateline; LOG_LEVEL=DEBUG shows where"


def _remedy(error: errors.CredentialsRefused) -> str:
    from tasks import outcomes  # noqa: PLC0415  # the clients are loaded, since one of them was refused

    return outcomes.REMEDIES.get(error.service, "Check its credentials")


def _foreseen(error: Exception) -> bool:
    return isinstance(error, errors.CratelineError | OSError) or _of_redis(error)


def _of_redis(error: Exception) -> bool:
    redis = sys.modules.get("redis")  # not loaded: then it is not at fault
    return redis is not None and isinstance(error, redis.RedisError)


def _say(words: str) -> None:
    from crateline.cli import talk  # noqa: PLC0415  # it loads rich, and help does not need it

    talk.say(words)
