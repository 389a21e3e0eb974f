"""`crateline schema` and `crateline doctor` in a simulated world."""

import threading

import httpx
import pytest
import structlog

from crateline.cli import checkup, console, machine, session
from crateline.cli.checkup import Row
from crateline.durable.budget import Budget, Limit
from crateline.errors import BudgetSpent, ServiceStopped
from crateline.sandbox import outside
from crateline.settings import Settings


@pytest.fixture
def fresh(tmp_path_factory, settled_in):
    """A Notion in which nothing has been added yet."""
    with outside.run(folder=tmp_path_factory.mktemp("fresh"), tracks=2, seconds=(6, 8), per_minute=600) as running:
        for name, value in running.environment.items():
            settled_in.setenv(name, value)
        yield running


def changes(world) -> int:
    """How many requests have changed a data source."""
    arrivals = httpx.get(f"{world.addresses['notion']}/_sandbox/stats", trust_env=False).json()["arrivals"]
    return sum(one["method"] == "PATCH" and "data_sources" in one["path"] for one in arrivals)


def states(crateline) -> dict[str, dict[str, str]]:
    (answer,) = crateline("schema", "check", "--json").rows
    return {one["database"]: {row["name"]: row["state"] for row in one["properties"]} for one in answer["databases"]}


def test_check_shows_what_is_there_and_what_is_not_and_changes_nothing(fresh, crateline):
    # When
    found = states(crateline)
    shown = crateline("schema", "check")

    # I expect
    assert found["tracks"]["BPM"] == "ok"
    assert found["tracks"]["Source ID"] == "absent"
    assert found["playlists"]["Tracks"] == "absent"
    assert "Source ID" in shown.out
    assert "written if you add it yourself" in shown.out
    assert "`crateline schema apply`" in shown.err
    assert changes(fresh) == 0


def test_a_dry_run_names_what_it_would_add_and_adds_nothing(fresh, crateline):
    # When
    ended = crateline("schema", "apply", "--dry-run", "--json")

    # I expect
    assert "Source ID" in ended.rows[0]["added"]["tracks"]
    assert "would add options of Source Platform, Tracks (made by Notion" in ended.err
    assert changes(fresh) == 0


def test_apply_adds_what_is_missing_with_one_request_per_database_and_says_so(fresh, crateline, client):
    # Given a schema that the workers remember
    client.set("crateline:notion:schema:x", "{}")
    client.set("crateline:notion:schema:x:lock", "held")

    # When
    ended = crateline("schema", "apply", "--json")

    # I expect
    assert ended.code == 0
    assert changes(fresh) == 2
    assert {"Source ID", "Playlists", "In Eagle"} <= set(ended.rows[0]["added"]["tracks"])
    assert "→ Tracks" in ended.err
    found = states(crateline)
    assert not {state for rows in found.values() for state in rows.values()} & {"absent", "options", "rival", "unusable"}
    assert found["playlists"]["Tracks"] == "ok"
    assert client.get("crateline:notion:schema:x") is None
    assert client.get("crateline:notion:schema:x:lock") == "held"


def test_applying_twice_adds_nothing_more(fresh, crateline):
    # Given
    crateline("schema", "apply")
    before = changes(fresh)

    # When
    ended = crateline("schema", "apply", "--json")

    # I expect
    assert ended.rows == [{"dry_run": False, "added": {"tracks": [], "playlists": [], "calendar": []}}]
    assert "nothing is missing" in ended.err
    assert changes(fresh) == before


def test_without_other_databases_only_the_tracks_are_seen_to(fresh, crateline, settled_in):
    settled_in.setenv("PLAYLISTS_DB_ID", "")
    settled_in.setenv("CALENDAR_DB_ID", "")
    assert set(crateline("schema", "apply", "--json").rows[0]["added"]) == {"tracks"}
    assert changes(fresh) == 1


def test_a_token_that_is_not_accepted_is_exit_code_4(settled_in, crateline):
    settled_in.setenv("NOTION_TOKEN", "ntn_notthetoken12345")
    ended = crateline("schema", "check")
    assert ended.code == 4
    assert ended.err.startswith("Error: notion:")
    assert "ntn_notthetoken12345" not in ended.err


# The doctor


def by_name(ended) -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in ended.rows[0]["checks"]}


@pytest.mark.real("ffmpeg", "essentia")
def test_a_healthy_machine_has_no_failure(settled_in, crateline):
    # When
    ended = crateline("doctor", "--json")

    # I expect
    rows = by_name(ended)
    assert [row for row in rows.values() if row["state"] == "fail"] == []
    assert ended.code == 0
    for name in (
        "Python",
        "ffmpeg",
        "essentia",
        "JavaScript",
        "Redis",
        "Notion",
        "SoundCloud",
        "Spotify",
        "Eagle",
        "Disk",
        "Workers",
    ):
        assert name in rows
    assert rows["Workers"]["state"] == "warn"
    assert "crateline up" in rows["Workers"]["remedy"]


def quick(monkeypatch) -> None:
    """Leave the slow programs out."""
    monkeypatch.setattr(machine, "listening", lambda: iter(()))
    monkeypatch.setattr(machine, "sound", lambda: iter(()))


def test_what_is_wrong_fails_with_what_to_do_and_the_rest_is_still_checked(settled_in, crateline, tmp_path, monkeypatch):
    # Given a wrong token, no room, a folder that is a file, a volume that is not mounted, and no Eagle
    quick(monkeypatch)
    (tmp_path / "file").write_text("")
    wrong = {
        "NOTION_TOKEN": "ntn_wrong1234567",
        "MINIMUM_FREE_GIB": "1000000",
        "OUT_DIR": str(tmp_path / "file"),
        "BACKUP_DIR": str(tmp_path / "volume"),
        "EAGLE_URL": "http://127.0.0.1:1",
        "SPOTIPY_CLIENT_ID": "",
    }
    for name, value in wrong.items():
        settled_in.setenv(name, value)

    # When
    ended = crateline("doctor", "--json")

    # I expect
    rows = by_name(ended)
    assert ended.code == 1
    assert {name for name, row in rows.items() if row["state"] == "fail"} == {"Notion", "Disk", "OUT_DIR", "Eagle"}
    assert rows["BACKUP_DIR"]["state"] == rows["Hard links"]["state"] == "warn"
    assert "not used" in rows["Spotify"]["detail"]
    assert rows["SoundCloud"]["state"] == "ok"
    shown = crateline("doctor")
    assert "✘" in shown.out
    assert "→ Start Eagle" in shown.out
    assert "Traceback" not in shown.out + shown.err


def test_without_redis_the_doctor_says_so_and_asks_nobody(settled_in, crateline, monkeypatch):
    quick(monkeypatch)
    settled_in.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    ended = crateline("doctor", "--json")
    rows = by_name(ended)
    assert ended.code == 1
    assert rows["Redis"]["state"] == "fail"
    assert "Notion" not in rows


def test_without_a_token_the_doctor_names_it(settled_in, crateline, monkeypatch):
    quick(monkeypatch)
    settled_in.setenv("NOTION_TOKEN", "")
    row = by_name(crateline("doctor", "--json"))["Notion"]
    assert row["state"] == "fail"
    assert "NOTION_TOKEN" in row["detail"]


def test_a_token_that_is_refused_comes_with_what_to_do(settled_in, crateline, monkeypatch):
    # Given
    monkeypatch.setenv("NOTION_TOKEN", "ntn_not_this_one_at_all")

    # When
    (report,) = crateline("doctor", "--json").rows

    # I expect
    remedies = {row["name"]: row["remedy"] for row in report["checks"]}
    assert "NOTION_TOKEN" in remedies["Notion"]
    assert {row["remedy"] for row in report["checks"] if row["state"] == "ok"} == {""}
    assert "NOTION_TOKEN" in crateline("schema", "check").err


def test_a_service_that_wants_silence_is_well_and_not_waited_for(settled_in, crateline, client):
    # Given
    Budget("notion", Limit(requests=180, seconds=60, patience=60), client).block(50)

    # When
    (report,) = crateline("doctor", "--json").rows

    # I expect
    (row,) = [row for row in report["checks"] if row["name"] == "Notion"]
    assert row["state"] == "warn"
    assert "next request" in row["detail"]


def test_a_command_that_waits_for_its_turn_says_so_once(capsys):
    waits = session.Waits()
    for _ in range(3):
        waits.say("notion", 25)
    waits.say("spotify", 4)
    assert capsys.readouterr().err.splitlines() == [
        "Waiting for notion: it may be asked again in 25 s",
        "Waiting for spotify: it may be asked again in 4 s",
    ]


def test_no_check_can_hang_or_crash_the_doctor():
    # Given
    never = threading.Event()

    def hang():
        never.wait()
        yield Row(name="never", state="ok", detail="")

    def crash():
        raise RuntimeError("boo")

    def stopped():
        raise ServiceStopped("eagle", "not running", "Start it")

    def busy():
        raise BudgetSpent("notion", 30)

    # When
    rows = checkup.all_of([("hang", hang), ("crash", crash), ("stopped", stopped), ("busy", busy)], limit_s=0.3)
    never.set()

    # I expect
    assert [(row.name, row.state) for row in rows] == [("hang", "fail"), ("crash", "fail"), ("stopped", "fail"), ("busy", "warn")]
    assert "no answer" in rows[0].detail
    assert rows[2].remedy == "Start it"


def test_a_mistake_of_ours_in_a_check_shows_where_at_debug_level():
    # Given
    def crash():
        raise RuntimeError("boo")

    # When
    with structlog.testing.capture_logs() as said:
        (row,) = checkup.one("crash", crash)

    # I expect
    assert "LOG_LEVEL=DEBUG shows where" in row.detail
    assert [(one["log_level"], one["check"], one["exc_info"]) for one in said] == [("debug", "crash", True)]


def test_the_doctor_leaves_no_trace_in_the_folders(clean_environment, tmp_path):
    known = Settings(out_dir=tmp_path / "out", media_root=tmp_path / "media", state_dir=tmp_path / "state")
    rows = [*machine.folders(known), *machine.hard_links(known)]
    assert {row.state for row in rows} == {"ok"}
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_machine_without_a_javascript_runtime_is_warned(monkeypatch):
    monkeypatch.setattr(machine.shutil, "which", lambda _name: None)
    (row,) = machine.javascript()
    assert (row.state, "deno" in row.remedy) == ("warn", True)


def test_a_javascript_runtime_that_is_too_old_is_no_runtime(monkeypatch, tmp_path):
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v18.19.0\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    (row,) = machine.javascript()
    assert (row.state, row.detail) == ("warn", "node 18.19.0 is too old")


def test_exit_codes_are_the_contracts():
    codes = (console.OK, console.FAILED, console.USAGE, console.SOME_TRACKS_FAILED, console.CREDENTIALS, console.INTERRUPTED)
    assert codes == (0, 1, 2, 3, 4, 130)
