"""Walking through the questions with single keys."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from crateline.cli import console, review, review_view, talk
from crateline.errors import ConfigurationError

if TYPE_CHECKING:
    from crateline.wiring import Wiring
    from tasks.review import Question

HELP = "1-9 that is it · n none of these · o open the links · s later · q stop"


def walk(wiring: "Wiring", waiting: "Sequence[Question]") -> int:
    """Ask one after the other until all are answered or the person stops; gives the exit code."""
    answered = 0
    for number, question in enumerate(waiting, start=1):
        talk.show(talk.words(f"{number} of {len(waiting)}", "dim"))
        talk.show(review_view.card(question))
        answer = _ask(question)
        if answer is None:
            break
        answered += _give(wiring, question, *answer)
    left = len(waiting) - answered
    talk.say(f"{answered} answered, {left} left" if left else f"{answered} answered, nothing is left")
    return console.OK


def _ask(question: "Question") -> tuple[str, str] | None:
    """The person's answer and its candidate; None if they want to stop."""
    talk.say(HELP)
    while True:
        key = click.getchar().lower()
        if key in ("q", "\x1b"):
            return None
        if key == "n":
            return "rejected", ""
        if key == "s":
            return "skipped", ""
        if key == "o":
            _open(question)
        place = review_view.MARKS.find(key)
        if key and 0 <= place < len(question.candidates):
            return "accepted", str(question.candidates[place]["id"])


def _open(question: "Question") -> None:
    links = [question.item.card.get("url"), *(one.get("url") for one in question.candidates)]
    for link in links:
        if str(link or "").startswith("https://"):  # what is opened is a page, whatever a source has written there
            click.launch(str(link))


def _give(wiring: "Wiring", question: "Question", answer: str, candidate: str) -> int:
    try:
        review.give(wiring, question.key, answer, candidate)
    except ConfigurationError as error:  # somebody else has answered it meanwhile
        talk.say(str(error))
        return 0
    talk.say(f"→ {answer}")
    return int(answer != "skipped")
