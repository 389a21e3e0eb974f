"""Walking through the questions with single keys."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from crateline.cli import browser, console, review, review_view, talk
from crateline.errors import ConfigurationError

if TYPE_CHECKING:
    from crateline.wiring import Wiring
    from tasks.review import Question

KEYS = "n none of these · o open the links · s later · q stop"
ANSWERS = {"n": "rejected", "s": "skipped"}
STOP = ("q", "\x1b")
SAID = {"accepted": "that is it", "rejected": "none of these", "skipped": "later"}
ASIDE = 4
"""Lines of the terminal beside the card: which of how many, the keys, what was answered."""


def walk(wiring: "Wiring", waiting: "Sequence[Question]") -> int:
    """Ask one after the other until all are answered or the person stops; gives the exit code."""
    answered = 0
    for number, question in enumerate(waiting, start=1):
        page = talk.page()
        talk.show(talk.words(f"{number} of {len(waiting)}", "dim"))
        talk.show(review_view.fitted(question, page, page.height - ASIDE))
        answer = _ask(question)
        if answer is None:
            break
        answered += _give(wiring, question, *answer)
    left = len(waiting) - answered
    talk.say(f"{answered} answered, {left} left" if left else f"{answered} answered, nothing is left")
    return console.OK


def _ask(question: "Question") -> tuple[str, str] | None:
    """The person's answer and its candidate; None if they want to stop."""
    marks = review_view.MARKS[: len(question.candidates)]
    talk.say(keys := " · ".join(filter(None, (_those(marks), KEYS))))
    while True:
        key = click.getchar().lower()
        if key in STOP:
            return None
        if key in ANSWERS:
            return ANSWERS[key], ""
        if len(key) == 1 and key in marks:
            return "accepted", str(question.candidates[marks.index(key)]["id"])
        if key == "o":
            _open(question)
        else:
            talk.say(keys)


def _those(marks: str) -> str:
    return f"{marks[0]}-{marks[-1]} that is it" if len(marks) > 1 else f"{marks} that is it" if marks else ""


def _open(question: "Question") -> None:
    links = review_view.links(question)
    if not browser.show(list(links.values())):
        talk.say("No browser can be opened from here:\n" + "\n".join(f"{mark}: {link}" for mark, link in links.items()))


def _give(wiring: "Wiring", question: "Question", answer: str, candidate: str) -> int:
    try:
        review.give(wiring, question.key, answer, candidate)
    except ConfigurationError as error:  # somebody else has answered it meanwhile
        talk.say(str(error))
        return 0
    if answer == "skipped":
        talk.say(f"→ {SAID[answer]}")
        return 0
    talk.say(f"→ {SAID[answer]}; `crateline review forget {question.key}` takes it back")
    return 1
