"""The body of a set's page: its plays in order, as JSON in a code block that is ours; whatever else stands there stays."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crateline.clients.notion import Notion

Block = dict[str, Any]
Body = Mapping[str, Any]

CAPTION = "crateline: the plays in order"
END_ALONE = "Only the end of this set is known: Date is its end."
PIECE = 1900
"""Characters of one text object; Notion takes 2,000 UTF-16 units, and a title may be of characters that are two."""
PIECES = 100


def digest(body: Body | None) -> str:
    """The same for the same body; empty for none."""
    return hashlib.blake2s(json.dumps(body, sort_keys=True).encode(), digest_size=8).hexdigest() if body else ""


def blocks(body: Body | None) -> list[Block]:
    """The blocks of a new page: what has to be said about the set, then the plays."""
    if not body:
        return []
    note = [_paragraph(body["note"])] if body.get("note") else []
    return [*note, *({"type": "code", "code": code} for code in _codes(body["plays"]))]


def bring_up_to_date(notion: Notion, page_id: str, body: Body | None, before: str | None) -> bool:
    """Have the page show these plays; whether anything was written. `before` is the digest of the body that we wrote last."""
    if before == digest(body) or (not body and before != digest({"note": END_ALONE, "plays": []})):
        return False
    body, there = body or {"note": "", "plays": []}, notion.blocks(page_id)
    outdated = [] if body.get("note") else [one for one in there if _is_note(one)]
    for one in outdated:  # its start is known by now
        notion.rewrite(str(one["id"]), {"paragraph": {"rich_text": []}})
    ours = [one for one in there if _is_ours(one)]
    wanted = list(_codes(body["plays"]))
    changed = [(one, code) for one, code in zip(ours, wanted, strict=False) if _text(one["code"]["rich_text"]) != _content(code)]
    for one, code in changed:
        notion.rewrite(str(one["id"]), {"code": code})
    more: list[Block] = [{"type": "code", "code": code} for code in wanted[len(ours) :]]
    if more:
        notion.append(page_id, more)
    return bool(outdated or changed or more)


def _codes(plays: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    """The plays as JSON, a line each: one block, and another one where Notion's hundred pieces of text are full."""
    if not plays:
        return
    lines = [json.dumps(play, ensure_ascii=False) for play in plays]
    pieces = _pieces("[\n" + ",\n".join(lines) + "\n]")
    for start in range(0, len(pieces), PIECES):
        yield {"language": "json", "rich_text": list(map(_said, pieces[start : start + PIECES])), "caption": [_said(CAPTION)]}


def _pieces(text: str) -> list[str]:
    """Cut a text into pieces of at most 1,900 UTF-16 units, and no character in two."""
    pieces: list[str] = []
    piece: list[str] = []
    room = PIECE
    for letter in text:
        units = 2 if ord(letter) > 0xFFFF else 1  # noqa: PLR2004  # the end of the first plane
        if units > room:
            pieces.append("".join(piece))
            piece, room = [], PIECE
        piece.append(letter)
        room -= units
    return [*pieces, "".join(piece)]


def _said(text: str) -> Block:
    return {"type": "text", "text": {"content": text}}


def _paragraph(text: str) -> Block:
    return {"type": "paragraph", "paragraph": {"rich_text": [_said(text)]}}


def _is_ours(block: Mapping[str, Any]) -> bool:
    return block["type"] == "code" and _text(block["code"].get("caption") or []).startswith(CAPTION)


def _is_note(block: Mapping[str, Any]) -> bool:
    return block["type"] == "paragraph" and _text(block["paragraph"].get("rich_text") or []) == END_ALONE


def _text(pieces: Sequence[Mapping[str, Any]]) -> str:
    return "".join(piece.get("plain_text") or piece["text"]["content"] for piece in pieces)


def _content(code: Block) -> str:
    return _text(code["rich_text"])
