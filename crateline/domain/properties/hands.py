"""Keep our hands off what a person has written: which of the wanted properties may be sent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from crateline.domain.properties import values
from crateline.domain.properties.mapping import digest
from crateline.domain.properties.tables import Policy
from crateline.domain.properties.values import Payload, Plain

NOTHING: Mapping[str, Collection[str]] = MappingProxyType({})

Reason = Literal["same", "edited", "filled", "never", "cut", "full"]
"""Why a property is left alone.

same     the page says it already, or we have said it before
edited   a person has changed what we wrote
filled   a person has written it before us
never    the user's setting
cut      the page may be related to more pages than it showed: read the whole relation and decide again
full     together with what is there the relation would pass 100: add this page on the other side of it
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Write:
    """What may be sent. Keep `digests` as written by us once Notion has answered; `left` says what is not sent and why.

    `linked` is what its writer remembers with it, to be handed over as that at the next time.
    """

    properties: dict[str, Payload]
    digests: dict[str, str]
    left: dict[str, Reason]
    linked: tuple[str, ...] = ()

    @property
    def cut(self) -> tuple[str, ...]:
        """Name the relations that have to be read whole before they can be written."""
        return tuple(name for name, reason in self.left.items() if reason == "cut")


def keep_hands_off(
    desired: Mapping[str, Payload],
    current: Mapping[str, Plain] | None,
    wrote: Mapping[str, str],
    policies: Mapping[str, Policy],
    *,
    cut: Collection[str] = (),
    without: Mapping[str, Collection[str]] = NOTHING,
    whole: Collection[str] = (),
    linked: Mapping[str, Collection[str]] = NOTHING,
) -> Write:
    """Decide which of the `desired` properties may be written.

    `current` is what the page says as far as we know (`plain_values` of its last answer or index row), None for a page
    that is to be created. It has to be at least as new as `wrote`, the digests of what we wrote last: an older state
    looks like an edit. `cut` names relations that may be longer than `current` shows. `without` are pages that a relation
    which is otherwise added to shall hold no more. `whole` names relations that are one value, as a text is (a track's
    artist), and no membership: to these nothing is added. `linked` are pages to which a relation has led by our doing: what
    somebody has taken away of them is not added again.
    """
    write = Write(properties={}, digests={}, left={})
    for name, payload in desired.items():
        seen = _Seen(
            new_page=current is None,
            value=(current or {}).get(name),
            known=name in (current or {}),
            may_be_cut=name in cut,
            whole=name in whole,
            gone=without.get(name, ()),
            once=linked.get(name, ()),
        )
        verdict = _verdict(payload, seen, wrote.get(name), policies.get(name, "fill-if-empty"))
        if isinstance(verdict, dict):
            write.properties[name] = verdict
            write.digests[name] = digest(values.read(payload))
        else:
            write.left[name] = verdict
    return write


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """What is known of one property of the page as it stands, and of whom it shall hold no more, or holds no more."""

    new_page: bool
    value: Plain
    known: bool
    may_be_cut: bool
    whole: bool
    gone: Collection[str]
    once: Collection[str]

    @property
    def unsure(self) -> bool:
        """Whether it may hold more than is known of it."""
        return not self.new_page and (self.may_be_cut or not self.known)


def _verdict(payload: Payload, seen: _Seen, said: str | None, policy: Policy) -> Payload | Reason:
    wanted = digest(values.read(payload))
    now = digest(seen.value) if seen.known else said or ""
    if policy == "never":
        return "never"
    if wanted in (said, now) and not seen.gone:
        return "same"
    if policy == "ours":
        return payload
    if payload["type"] == "relation" and not seen.whole:
        return _added(payload, seen)
    if seen.whole and seen.unsure:
        return "cut"
    if said is None:
        return "filled" if now else payload
    return payload if now == said else "edited"


def _added(payload: Payload, seen: _Seen) -> Payload | Reason:
    """Add to a relation what it lacks: a request replaces the whole list, so the list has to be known whole."""
    if seen.new_page:
        return payload
    there = tuple(seen.value) if isinstance(seen.value, tuple | list) else ()  # a list, if it has been through JSON
    ours = (page["id"] for page in payload["relation"] if page["id"] not in seen.once)
    together = [one for one in dict.fromkeys([*there, *ours]) if one not in seen.gone]
    hidden = seen.may_be_cut and seen.gone  # what is to be taken out may stand behind what is shown
    if seen.known and set(together) == set(there) and not hidden:
        return "same"
    if seen.unsure:
        return "cut"
    if len(together) > values.ARRAY_LENGTH:
        return "full"
    return {"type": "relation", "relation": [{"id": one} for one in together]}
