"""The body of a page: blocks that can be appended, listed and put into the bin."""

from typing import Any

from crateline.sandbox.notion import instants, problems, text
from crateline.sandbox.notion.state import State

CHILDREN_LIMIT = 100
BLOCKS_LIMIT = 1000

Json = dict[str, Any]


def read(raw: Any, where: str) -> list[Json]:
    """Read blocks to append. Raises RefusalError above 100 of them, 1000 with all their children, or for one without a type."""
    if len(problems.require(raw, list, where)) > CHILDREN_LIMIT:
        raise problems.too_long(where, CHILDREN_LIMIT, len(raw))
    read_blocks = [_read_block(one, f"{where}[{place}]") for place, one in enumerate(raw)]
    if _count(read_blocks) > BLOCKS_LIMIT:
        raise problems.too_long(where, BLOCKS_LIMIT, _count(read_blocks))
    return read_blocks


def _count(blocks: list[Json]) -> int:
    return sum(1 + _count(one["children"]) for one in blocks)


def _read_block(raw: Any, where: str) -> Json:
    kind = problems.require(raw, dict, where).get("type") or next(
        (key for key, value in raw.items() if isinstance(value, dict)), None
    )
    if kind is None or not isinstance(raw.get(kind), dict):
        raise problems.invalid(f"{where}.type", "should be defined, instead was `undefined`")
    content = dict(raw[kind])
    children = content.pop("children", None) or raw.get("children") or []
    for key in ("rich_text", "caption"):
        if key in content:
            content[key] = text.read(content[key], f"{where}.{kind}.{key}")
    if kind == "table_row":
        content["cells"] = [text.read(cell, f"{where}.table_row.cells[{at}]") for at, cell in enumerate(content["cells"])]
    return {"type": kind, "content": content, "children": read(children, f"{where}.{kind}.children")}


def append(state: State, parent: str, blocks: list[Json]) -> list[str]:
    """Append what `read` gave to a page or a block; gives the new ids."""
    siblings: list[str] = state.pages[parent].blocks if parent in state.pages else state.blocks[parent]["children"]
    made = []
    for one in blocks:
        block_id = state.mint.uuid()
        state.blocks[block_id] = {**one, "id": block_id, "parent": parent, "created": state.now(), "children": []}
        append(state, block_id, one["children"])
        made.append(block_id)
    siblings.extend(made)
    return made


def rewrite(state: State, block_id: str, body: Json) -> None:
    """Replace a block's content. Raises RefusalError (404) for no block, (400) for a body of another kind."""
    if block_id not in state.blocks:
        raise state.missing("block", block_id)
    one = state.blocks[block_id]
    fresh = _read_block({one["type"]: body.get(one["type"])}, "body")
    one["content"] = {**one["content"], **fresh["content"]}


def remove(state: State, block_id: str) -> None:
    """Take a block out of its page; a page or a database goes into the bin. The block has to exist."""
    if block_id in state.pages:
        state.pages[block_id].in_trash = True
    elif block_id in state.databases:
        state.databases[block_id].in_trash = True
    else:
        parent = state.blocks.pop(block_id)["parent"]
        siblings = state.pages[parent].blocks if parent in state.pages else state.blocks[parent]["children"]
        siblings.remove(block_id)


def children(state: State, parent: str) -> list[str]:
    """Give the ids of the blocks in a page or a block. Raises RefusalError (404)."""
    if parent in state.blocks:
        return list(state.blocks[parent]["children"])
    if parent not in state.pages:
        raise state.missing("block", parent)
    return list(state.page(parent).blocks)


def show(state: State, block_id: str) -> Json:
    """Give a block as the API shows it; pages and databases are blocks, too. Raises RefusalError (404)."""
    if block_id in state.pages:
        return _page_as_block(state, block_id)
    if block_id in state.databases:
        return _database_as_block(state, block_id)
    if block_id not in state.blocks:
        raise state.missing("block", block_id)
    one = state.blocks[block_id]
    parent = "page_id" if one["parent"] in state.pages else "block_id"
    return {
        **_frame(state, block_id, instants.stamp(one["created"]), has_children=bool(one["children"])),
        "parent": {"type": parent, parent: one["parent"]},
        "type": one["type"],
        one["type"]: one["content"],
        "in_trash": False,
    }


def _page_as_block(state: State, page_id: str) -> Json:
    page = state.page(page_id)
    parent = "data_source_id" if page.data_source else "page_id"
    return {
        **_frame(state, page_id, instants.stamp(page.created), has_children=bool(page.blocks)),
        "parent": {"type": parent, parent: page.parent},
        "type": "child_page",
        "child_page": {"title": state.title_of(page)},
        "in_trash": page.in_trash,
    }


def _database_as_block(state: State, database_id: str) -> Json:
    database = state.database(database_id)
    return {
        **_frame(state, database_id, instants.stamp(database.created), has_children=False),
        "parent": {"type": "page_id", "page_id": database.parent},
        "type": "child_database",
        "child_database": {"title": text.plain(database.title)},
        "in_trash": database.in_trash,
    }


def _frame(state: State, block_id: str, made: str, *, has_children: bool) -> Json:
    bot = {"object": "user", "id": state.bot}
    return {
        "object": "block",
        "id": block_id,
        "created_time": made,
        "last_edited_time": made,
        "created_by": bot,
        "last_edited_by": bot,
        "has_children": has_children,
    }
