"""Creating a page in Notion exactly once: the intent is written down before the request goes out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crateline.errors import CratelineError, OutcomeUnknown
from tasks import outcomes
from tasks.station import Job
from tasks.tables import Table

INTENT = "intent"
UNCLEAR_S = 60.0
"""A create is carried out within Notion's deadline of about 55 s after it was sent, or never."""
MARGIN_S = 0.2


def unconfirmed(job: Job) -> outcomes.Later | None:
    """Wait while a create that was sent may still be carried out; None if there is none, or Notion must know of it by now."""
    if INTENT not in job.item.fields:
        return None
    waited = (job.wiring.ledger.now_ms() - json.loads(job.item.fields[INTENT])["at"]) / 1000
    if waited >= UNCLEAR_S:
        return None
    return outcomes.Later(
        seconds=UNCLEAR_S - waited + MARGIN_S, reason="Notion did not confirm the page: looking for it in a minute"
    )


def create(
    job: Job, table: Table, values: Mapping[str, Any], *, children: Sequence[Mapping[str, Any]] = (), **noted: Any
) -> dict[str, Any] | outcomes.Later:
    """Make the page and give Notion's answer; `children` are the blocks of its body.

    `noted` is kept with the intent, for whoever finds the page later.
    Whatever happens from here on, nobody makes a second one: an answer that leaves it open is waited out.
    """
    job.check()
    intent = {"at": job.wiring.ledger.now_ms(), **noted}
    job.wiring.ledger.note(job.claim, {INTENT: json.dumps(intent, separators=(",", ":"))})
    try:
        return job.wiring.notion.create(table.id, values, **({"children": children} if children else {}))
    except OutcomeUnknown as error:
        return outcomes.Later(seconds=UNCLEAR_S, reason=f"{error}; looking for the page in a minute")
    except CratelineError:
        job.wiring.ledger.forget(job.claim, (INTENT,))
        raise
