import json
import pickle

import pytest
import requests

from crateline import errors
from crateline.clients.spotify import answers


def response(status, body=b"", headers=()):
    made = requests.Response()
    made.status_code = status
    made.url = "https://api.spotify.com/v1/tracks/x?market=DE"
    made._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    made.headers.update(dict(headers))
    return made


def api(status, message="no", **more):
    return {"error": {"status": status, "message": message, **more}}


TABLE = [
    # status, body, headers, error, words in its sentence
    (
        400,
        {"error": "invalid_grant", "error_description": "Refresh token revoked"},
        {},
        errors.CredentialsRefused,
        "login spotify",
    ),
    (400, {"error": "invalid_client", "error_description": "Invalid"}, {}, errors.CredentialsRefused, "SPOTIPY_CLIENT_SECRET"),
    (400, api(400, "Only valid bearer"), {}, errors.Rejected, "Only valid bearer"),
    (401, api(401, "The access token expired"), {}, answers.TokenRefused, "access token"),
    (401, {"error": "invalid_client"}, {}, errors.CredentialsRefused, "SPOTIPY_CLIENT_ID"),
    (403, api(403), {}, answers.Forbidden, "dashboard"),
    (403, b"User not registered in the Developer Dashboard", {}, answers.Forbidden, "dashboard"),
    (404, api(404, "Resource not found"), {}, errors.NotFound, "Resource not found"),
    (408, b"", {}, errors.Unavailable, "in time"),
    (409, api(409), {}, errors.Unavailable, "in time"),
    (414, b"", {}, errors.Rejected, "414"),
    (429, api(429), {"Retry-After": "17"}, errors.Throttled, "too many"),
    (429, api(429, reason="QUOTA_EXCEEDED"), {}, errors.Throttled, "quota"),
    (429, b"Too many requests", {"Retry-After": "soon"}, errors.Throttled, "too many"),
    (500, api(500), {}, errors.Unavailable, "not well"),
    (502, b"<html>Bad Gateway</html>", {}, errors.Unavailable, "502"),
    (503, {"error": "simulated"}, {}, errors.Unavailable, "simulated"),
    (504, b"", {}, errors.Unavailable, "504"),
    (200, b"<html>hello</html>", {}, errors.Unavailable, "without readable JSON"),
    (200, b"", {}, errors.Unavailable, "without readable JSON"),
    (200, b"[]", {}, errors.Unavailable, "without readable JSON"),
    (200, b'{"half":', {}, errors.Unavailable, "without readable JSON"),
]


@pytest.mark.parametrize(("status", "body", "headers", "kind", "words"), TABLE)
def test_each_answer_means_what_the_table_says(status, body, headers, kind, words):
    with pytest.raises(errors.ServiceError) as caught:
        answers.settle(response(status, body, headers))
    assert type(caught.value) is kind
    assert caught.value.service == "spotify"
    assert words in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        (api(429), {"Retry-After": "17"}, 17),
        (api(429), {"Retry-After": "86400"}, 86_400),
        (api(429), {}, answers.SILENCE_S),
        (b"", {"Retry-After": "Fri, 20 Nov 2026 10:00:00 GMT"}, answers.SILENCE_S),
        (api(429, reason="QUOTA_EXCEEDED"), {}, answers.QUOTA_SILENCE_S),
        (api(429, reason="QUOTA_EXCEEDED"), {"Retry-After": "60"}, 60),
    ],
)
def test_a_throttled_answer_says_how_long_to_be_silent(body, headers, seconds):
    with pytest.raises(errors.Throttled) as caught:
        answers.settle(response(429, body, headers))
    assert caught.value.retry_after == seconds


def test_every_line_of_the_table_is_reached():
    reached = set()
    for status, body, headers, _, _ in TABLE:
        made = response(status, body, headers)
        hit = [line for line in answers.REFUSALS if status in line.statuses and line.word in made.text]
        reached.update(id(line) for line in hit[:1] if not made.ok)
    assert reached == {id(line) for line in answers.REFUSALS}


@pytest.mark.parametrize(("status", "body"), [(200, b"{}"), (201, b'{"id": 1}'), (204, b"")])
def test_a_good_answer_raises_nothing(status, body):
    answers.settle(response(status, body))
