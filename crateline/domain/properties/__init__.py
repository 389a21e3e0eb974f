"""Between our words and Notion's properties: cards, tables, encode and decode, and the rules of who may write what."""

from crateline.domain.properties.card import Card, PlaylistCard, TrackCard
from crateline.domain.properties.hands import Reason, Write, keep_hands_off
from crateline.domain.properties.mapping import (
    Properties,
    cut_relations,
    decode,
    digest,
    encode,
    lack,
    plain_values,
    policies,
    real_name,
)
from crateline.domain.properties.schema import Finding, State, check, mirror_names, missing
from crateline.domain.properties.sets import CALENDAR_PROPERTIES, PLAY_PROPERTIES, PlayCard, SessionCard
from crateline.domain.properties.tables import PLAYLIST_PROPERTIES, TRACK_PROPERTIES, Policy, Property
from crateline.domain.properties.values import Payload, Plain, page_id

__all__ = [
    "CALENDAR_PROPERTIES",
    "PLAYLIST_PROPERTIES",
    "PLAY_PROPERTIES",
    "TRACK_PROPERTIES",
    "Card",
    "Finding",
    "Payload",
    "Plain",
    "PlayCard",
    "PlaylistCard",
    "Policy",
    "Properties",
    "Property",
    "Reason",
    "SessionCard",
    "State",
    "TrackCard",
    "Write",
    "check",
    "cut_relations",
    "decode",
    "digest",
    "encode",
    "keep_hands_off",
    "lack",
    "mirror_names",
    "missing",
    "page_id",
    "plain_values",
    "policies",
    "real_name",
]
