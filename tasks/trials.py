"""A service that stops while a task is at it, and the tasks that are tried to see whether it goes on."""

from typing import TYPE_CHECKING

import structlog

from tasks.outcomes import Outcome, Paused, Retry, Sealed

if TYPE_CHECKING:
    from tasks.station import Job

log = structlog.get_logger("crateline.station")


def judged(job: "Job", outcome: Outcome) -> Outcome:
    """The outcome, unless it is a trouble of this track alone: others went through after it had stopped the service."""
    if not isinstance(outcome, Paused):
        return outcome
    if not job.wiring.pauses.passed_without(outcome.service, job.hint.member, outcome.reason, outcome.cause):
        return outcome
    return Retry(reason=f"{outcome.service}: {outcome.reason}; others go through")


def begin(job: "Job", outcome: Paused) -> None:
    """Stop a service. It is said once, however many tasks meet it."""
    pauses, service, member = job.wiring.pauses, outcome.service, job.hint.member
    reason, remedy, cause = outcome.reason, outcome.remedy, outcome.cause
    before = pauses.of(service) if service in job.trials else None
    if before is not None and not before.by_hand:
        news = pauses.turn(before, reason=reason, remedy=remedy, cause=cause, culprit=member)
    else:
        news = pauses.begin(service, reason=reason, remedy=remedy, cause=cause, culprit=member)
    if news:
        log.warning("a service is paused", action="pause-begins", service=service, reason=reason, remedy=remedy)


def over(job: "Job", outcome: Outcome) -> None:
    """See what a trial has shown. Only work that went through ends a pause."""
    for service in job.trials:
        if isinstance(outcome, Sealed) and job.wiring.pauses.of(service) is not None:
            freed = job.wiring.pauses.mended(service, proven_by=job.hint.member)
            log.info("a service goes on", action="unpaused", service=service, freed=freed)
        else:
            job.wiring.pauses.tried(service, job.hint.member)
