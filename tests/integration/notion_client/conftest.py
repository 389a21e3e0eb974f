"""A small Notion that answers what the test says, and our client before it."""

import inspect
import json
from collections import deque

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crateline.clients.notion import Notion
from crateline.sandbox.serving import serve
from givens.notion_answers import TOKEN


class Scripted:
    """A Notion whose answers are laid out beforehand; it keeps what it was asked."""

    def __init__(self):
        self.answers = deque()
        self.asked = []
        self.app = Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST", "PATCH", "DELETE"])])

    def will(self, *answers):
        self.answers.extend(answers)

    async def answer(self, request):
        body = await request.body()
        self.asked.append(
            {
                "method": request.method,
                "path": request.scope["raw_path"].decode(),
                "query": request.query_params.multi_items(),
                "headers": dict(request.headers),
                "body": json.loads(body) if body else None,
            }
        )
        answer = self.answers.popleft()
        if inspect.isfunction(answer):
            return answer(request)
        return answer if isinstance(answer, Response) else JSONResponse(answer)


@pytest.fixture(scope="module")
def served():
    scripted = Scripted()
    with serve(scripted.app) as base_url:
        yield scripted, base_url


@pytest.fixture
def server(served):
    scripted, _ = served
    scripted.answers.clear()
    scripted.asked.clear()
    return scripted


@pytest.fixture
def slots():
    return []


@pytest.fixture
def notion(served, slots):
    with Notion(token=TOKEN, ask=lambda: slots.append(1), base_url=served[1], timeout_s=5) as client:
        yield client
