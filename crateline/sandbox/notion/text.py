"""Rich text: read from a request, kept in the form in which Notion gives it back."""

from typing import Any

from crateline.sandbox.notion import problems

CONTENT_LIMIT = 2000
ARRAY_LIMIT = 100
ANNOTATIONS = {
    "bold": False,
    "italic": False,
    "strikethrough": False,
    "underline": False,
    "code": False,
    "color": "default",
}

RichText = list[dict[str, Any]]


def read(raw: Any, where: str) -> RichText:
    """Read a rich text array. Raises RefusalError above 100 parts or 2000 characters in one part."""
    if len(problems.require(raw, list, where)) > ARRAY_LIMIT:
        raise problems.too_long(where, ARRAY_LIMIT, len(raw))
    parts = [_part(one, f"{where}[{place}]") for place, one in enumerate(raw)]
    return [part for part in parts if part["plain_text"]]


def _part(raw: Any, where: str) -> dict[str, Any]:
    if not isinstance(raw, dict) or not isinstance(raw.get("text"), dict):
        raise problems.invalid(f"{where}.text", "should be defined, instead was `undefined`")
    content = raw["text"].get("content")
    if not isinstance(content, str):
        raise problems.invalid(f"{where}.text.content", "should be a string, instead was `undefined`")
    if len(content) > CONTENT_LIMIT:
        raise problems.too_long(f"{where}.text.content", CONTENT_LIMIT, len(content))
    return part(content, _link(raw["text"].get("link"), where), raw.get("annotations") or {})


def _link(raw: Any, where: str) -> str | None:
    url = raw.get("url") if isinstance(raw, dict) else None
    if url is not None and len(url) > CONTENT_LIMIT:
        raise problems.too_long(f"{where}.text.link.url", CONTENT_LIMIT, len(url))
    return url


def part(content: str, link: str | None = None, annotations: dict[str, Any] | None = None) -> dict[str, Any]:
    """Make one part of a rich text."""
    return {
        "type": "text",
        "text": {"content": content, "link": {"url": link} if link else None},
        "annotations": {**ANNOTATIONS, **(annotations or {})},
        "plain_text": content,
        "href": link,
    }


def of(content: str) -> RichText:
    """Make the rich text of a plain one, in parts of at most 2000 characters."""
    return [part(content[start : start + CONTENT_LIMIT]) for start in range(0, len(content), CONTENT_LIMIT)]


def plain(rich: RichText) -> str:
    """Give the words alone."""
    return "".join(one["plain_text"] for one in rich)
