"""`crateline review`: what waits for a person, one question after the other, or by name."""

import re
import sys
from typing import TYPE_CHECKING

import click

from crateline.cli import console, session, talk

if TYPE_CHECKING:
    from crateline.wiring import Wiring
    from tasks.review import Question

VIDEO = re.compile(r"-[\w-]{10}")
AFTERWARDS = {"djay": "`crateline djay ids` writes it"}


class ByIds(click.Command):
    """A command that is given ids. One of YouTube's that begins with a dash is an id, and no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Tell ids from options."""
        ids = [word for word in args if VIDEO.fullmatch(word)]
        if ids and "--" not in args:
            args = [
                *(word for word in args if word not in ids and word.startswith("-")),
                "--",
                *(word for word in args if word in ids or not word.startswith("-")),
            ]
        return super().parse_args(ctx, args)


@click.group(cls=console.OrderedGroup, invoke_without_command=True)
@click.pass_context
def review(ctx: click.Context) -> int | None:
    """Walk through what waits for your answer, one key an answer.

    Answers are kept for good, and hold on every machine. The commands below do the same from a script.
    """
    if ctx.invoked_subcommand is not None:
        return None
    with session.opened() as wiring:
        from tasks import review as reviewing  # noqa: PLC0415  # loads the clients

        waiting = reviewing.questions(wiring)
        if not waiting:
            talk.say(_waiting(0))
            return console.OK
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            talk.say(f"{_waiting(len(waiting))}: `crateline review list` shows them, or run this in a terminal")
            return console.OK
        from crateline.cli.review_walk import walk  # noqa: PLC0415  # rich is wanted only here

        return walk(wiring, waiting)


@review.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON per question.")
def list_(*, as_json: bool) -> None:
    """List what waits for an answer, with its candidates."""
    from tasks import review as reviewing  # noqa: PLC0415  # loads the clients

    with session.opened() as wiring:
        waiting = reviewing.questions(wiring)
    if as_json:
        for question in waiting:
            talk.answer(question.public())
        return
    from crateline.cli import review_view  # noqa: PLC0415  # rich is wanted only here

    for question in waiting:
        talk.show(review_view.card(question))
    talk.say(_waiting(len(waiting)))


@review.command(cls=ByIds)
@click.argument("key")
@click.argument("candidate")
@click.option("--json", "as_json", is_flag=True, help="Print what was answered as JSON.")
def accept(*, key: str, candidate: str, as_json: bool) -> None:
    """Answer that CANDIDATE is the track KEY, by the ids that `review list` shows."""
    _answer(key, "accepted", candidate, as_json=as_json)


@review.command(cls=ByIds)
@click.argument("key")
@click.argument("candidate", required=False, default="")
@click.option("--json", "as_json", is_flag=True, help="Print what was answered as JSON.")
def reject(*, key: str, candidate: str, as_json: bool) -> None:
    """Answer that the track KEY is none of its candidates, or not CANDIDATE. It goes on without them."""
    _answer(key, "rejected", candidate, as_json=as_json)


@review.command()
@click.argument("key")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def skip(*, key: str, as_json: bool) -> None:
    """Put the question about KEY off: it is asked after all others."""
    _answer(key, "skipped", "", as_json=as_json)


@review.command(cls=ByIds)
@click.argument("key")
@click.argument("candidate", required=False, default="")
@click.option("--json", "as_json", is_flag=True, help="Print what was taken back as JSON.")
def forget(*, key: str, candidate: str, as_json: bool) -> None:
    """Take back what you have answered about the track KEY, or about CANDIDATE alone: it is tried, and asked about, anew."""
    from tasks import retraction  # noqa: PLC0415  # loads the clients

    with session.opened() as wiring:
        done = retraction.forget(wiring, key, candidate)
    if as_json:
        talk.answer({"key": key, "forgotten": list(done.candidates), "again": done.again})
    talk.say(f"{key}: {talk.counted(len(done.candidates), 'answer')} taken back. {_after(key, again=done.again)}")


def _waiting(number: int) -> str:
    if not number:
        return "Nothing waits for an answer"
    return f"{talk.counted(number, 'question')} {'waits' if number == 1 else 'wait'} for an answer"


def _after(key: str, *, again: bool) -> str:
    if key.startswith("djay:"):
        return "The next `crateline djay ids` asks again, unless the page has its djay Pro ID already"
    return "The line tries it anew" if again else "Nothing was done because of it that could be undone: it counts from now on"


def _answer(key: str, answer: str, candidate: str, *, as_json: bool) -> None:
    with session.opened() as wiring:
        asked = give(wiring, key, answer, candidate)
    if as_json:
        talk.answer({"key": key, "kind": asked.kind, "answer": answer, "candidate": candidate})
    talk.say(f"{asked.item.title}: {answer}. {AFTERWARDS.get(asked.kind, 'The line goes on with it')}")


def give(wiring: "Wiring", key: str, answer: str, candidate: str = "") -> "Question":
    """Carry an answer out."""
    from tasks import review as reviewing  # noqa: PLC0415  # loads the clients

    if answer == "accepted":
        return reviewing.accept(wiring, key, candidate)
    if answer == "rejected":
        return reviewing.reject(wiring, key, candidate)
    return reviewing.skip(wiring, key)
