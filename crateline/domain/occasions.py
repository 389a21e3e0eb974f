"""What a set was recorded on, and what kind of occasion it seems to have been. Guesses, by tables that can be read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class EventType(StrEnum):
    """The options of *Event Type* in Notion."""

    DJ_SESSION = "DJ Session"
    PRACTICE = "Practice"
    RECORDING = "Recording"
    LIVE_EVENT = "Live Event"


@dataclass(frozen=True, kw_only=True, slots=True)
class Occasion:
    """What is known of a set before it has a page: `minutes` is None where its start or its end is not known."""

    name: str = ""
    device_type: str = ""
    minutes: float | None = None
    plays: int = 0


LIVE = re.compile(r"\b(?:live|gig|club|festival|party|wedding|bar|rave|venue|opening|closing)\b", re.IGNORECASE)
RECORDED = re.compile(r"\b(?:rec|recording|recorded|mixtape|podcast|radio show|guest mix|promo mix)\b", re.IGNORECASE)
PRACTISED = re.compile(r"\b(?:practi[cs]e|training|test|testing|try ?out|rehearsal|warm ?up at home)\b", re.IGNORECASE)
SHORT_MIN = 20.0
FEW_PLAYS = 4
LONG_MIN = 180.0

EVENT_RULES: tuple[tuple[str, EventType, Callable[[Occasion], bool]], ...] = (
    ("its name speaks of an event", EventType.LIVE_EVENT, lambda one: bool(LIVE.search(one.name))),
    ("its name speaks of a recording", EventType.RECORDING, lambda one: bool(RECORDED.search(one.name))),
    ("its name speaks of practice", EventType.PRACTICE, lambda one: bool(PRACTISED.search(one.name))),
    ("on a phone", EventType.PRACTICE, lambda one: one.device_type == "iPhone"),
    ("a few tracks", EventType.PRACTICE, lambda one: one.plays <= FEW_PLAYS),
    ("shorter than 20 minutes", EventType.PRACTICE, lambda one: one.minutes is not None and one.minutes < SHORT_MIN),
    ("three hours and more", EventType.LIVE_EVENT, lambda one: one.minutes is not None and one.minutes >= LONG_MIN),
    ("nothing speaks against it", EventType.DJ_SESSION, lambda _: True),
)
"""Why, what, and when; the first rule that holds decides."""

DEVICE_TYPES: tuple[tuple[str, str], ...] = (("iphone", "iPhone"), ("ipad", "iPad"), ("mac", "MacBook"))
"""A word in the type or name of a device, and the option of *Device Type*. There is no option for other devices."""

DEVICE_PREFIXES: tuple[str, ...] = ("deviceName", "devicename", "Device:", "device:", "djay Pro on ", "djay on ")
"""What exports have left standing in front of a device's name."""

_DEBRIS = re.compile(r"^[^\w(\[]+|[\x00-\x1f\x7f]+")


def event_type(occasion: Occasion) -> EventType:
    """Guess what kind of occasion a set was."""
    return next(kind for _, kind, holds in EVENT_RULES if holds(occasion))


def device_name(text: str) -> str:
    """A device's name without what stands in front of it: control characters, signs, and words of exports."""
    name, before = text, None
    while name != before:
        before = name
        name = _DEBRIS.sub("", name).strip()
        name = next((name.removeprefix(prefix) for prefix in DEVICE_PREFIXES if name.startswith(prefix)), name)
    return name


def device_type(kind: str, name: str = "") -> str:
    """MacBook, iPad or iPhone, from djay's type or else from the device's name; "" for any other."""
    for text in (kind, name):
        found = next((option for word, option in DEVICE_TYPES if word in text.lower()), "")
        if found:
            return found
    return ""
