"""`crateline sandbox`: a world in the foreground, told on stdout in the shell's own words."""

import json
import os
import shlex
import signal
import subprocess
import sys

import httpx
import pytest

LIMIT_S = 30.0


@pytest.mark.parametrize("told_by", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_what_to_set_and_ends_when_it_is_told(clean_environment, told_by, tmp_path):
    # Given
    command = [sys.executable, "-m", "crateline", "sandbox", "--tracks", "2", "--folder", str(tmp_path / "world")]
    with subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        said = []
        for line in process.stderr:
            said.append(line)
            if "Ctrl-C ends this world" in line:
                break

        # When
        process.send_signal(told_by)
        out, rest = process.communicate(timeout=LIMIT_S)

    # I expect
    lines = [shlex.split(line) for line in out.splitlines()]
    assert {line[0] for line in lines} == {"export"}
    names = {line[1].partition("=")[0] for line in lines}
    assert {"NOTION_TOKEN", "TRACKS_DB_ID", "EAGLE_URL", "HTTPS_PROXY", "SSL_CERT_FILE"} <= names
    assert any("A set to enqueue: https://soundcloud.com/" in line for line in said)
    assert process.returncode == 0
    assert "Traceback" not in rest


def test_as_json_it_names_its_addresses_and_they_answer(clean_environment, tmp_path):
    # Given
    command = [sys.executable, "-m", "crateline", "sandbox", "--tracks", "2", "--folder", str(tmp_path / "world"), "--json"]
    with subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        world = json.loads(process.stdout.readline())

        # I expect
        answer = httpx.get(f"{world['addresses']['notion']}/_sandbox/stats", trust_env=False)
        assert answer.status_code == 200
        assert world["environment"]["NOTION_TOKEN"]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
