"""What Notion answers, laid out by a test beforehand."""

from starlette.responses import JSONResponse, Response

TOKEN = "ntn_0123456789abcdefghijklmnopqrstuvwxyz"
DATABASE = "27ce7361-6c27-80fb-b40e-fefdd47d6640"
SOURCE = "27ce7361-6c27-80fb-b40e-000000000001"
PAGE = "27ce7361-6c27-80fb-b40e-0000000000ff"
SCHEMA = {
    "object": "data_source",
    "id": SOURCE,
    "title": [{"plain_text": "Music "}, {"plain_text": "Tracks"}],
    "parent": {"type": "database_id", "database_id": DATABASE},
    "properties": {"Name": {"id": "title", "type": "title", "title": {}}},
}


def error(status, code, message="?", **data):
    """A refusal, as Notion words it."""
    body = {"object": "error", "status": status, "code": code, "message": message, "request_id": "r-1"}
    return JSONResponse(body | ({"additional_data": data} if data else {}), status_code=status)


def reset(request):
    """An answer that never comes: the connection is torn."""
    request.scope["crateline.transport"].abort()
    return Response()


def page(number, created="2026-01-16T20:30:00.000Z", **properties):
    """A page, by its number."""
    return {
        "object": "page",
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "created_time": created,
        "properties": properties,
    }


def listed(*results, cursor=None, **more):
    """One page of a list; with a cursor there is more."""
    return {"object": "list", "results": list(results), "next_cursor": cursor, "has_more": cursor is not None, **more}
