"""The files that put the line on other machines: held against the code that they start."""

import json
import os
import re
import shutil
import subprocess
import tomllib

import click
import pytest
import yaml
import yt_dlp

import crateline
from crateline.cli.console import console
from crateline.messages import QUEUE_NAMES
from crateline.settings import Settings
from givens.folders import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if name != "redis"}
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?}")
LOOPBACK = "127.0.0.1"
NEEDED = {"NOTION_TOKEN", "TRACKS_DB_ID", "MUSIC_DIR", "REDIS_PASSWORD", "FLOWER_BASIC_AUTH"}
SECRET = re.compile(r"token|password|secret|auth", re.IGNORECASE)


def strings(value):
    match value:
        case dict():
            return [text for one in value.values() for text in strings(one)]
        case list():
            return [text for one in value for text in strings(one)]
        case str():
            return [value]
    return []


def filled(text, given):
    """A value as compose reads it: the variable's value, else its default. A needed one that is missing fails."""

    def one(found):
        name, kind, words = found.groups()
        if given.get(name):
            return given[name]
        assert kind != "?", f"{name}: {words}"
        return words if kind == "-" else ""

    return VARIABLE.sub(one, text)


def parsed(words):
    """Parse a command line as the console would, without running it."""
    command, context = console, click.Context(console, info_name="crateline")
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found is not None, f"crateline has no command {words[0]!r}"
        context = found.make_context(words[0], list(words[1:]), parent=context)
        command, words = found, words[1:]
    return command.name


def instructions(text):
    """The Dockerfile's instructions: (word, argument), continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", text)
    rows = (line.split(None, 1) for line in joined.splitlines() if line.strip() and not line.startswith("#"))
    return [(word.upper(), argument) for word, argument in rows]


DOCKERFILE = instructions((ROOT / "Dockerfile").read_text())


def arguments(word):
    return [argument for name, argument in DOCKERFILE if name == word]


def test_the_compose_file_has_a_service_for_every_queue_and_for_what_watches_them():
    # Given / When
    served = {service["command"][1] for service in OURS.values() if service["command"][0] == "worker"}

    # I expect
    assert served == set(QUEUE_NAMES)
    assert set(SERVICES) == {"redis", *QUEUE_NAMES, "scheduler", "flower"}
    assert all(SERVICES[queue]["command"] == ["worker", queue] for queue in QUEUE_NAMES)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_started_again_whatever_ends_it(name):
    assert SERVICES[name]["restart"] == "always"


@pytest.mark.parametrize("name", OURS)
def test_every_service_runs_a_command_that_the_console_has(name):
    # Given
    command = OURS[name]["command"]

    # When / I expect
    assert parsed(command) == command[0]


def test_anchors_give_every_service_the_same_image_settings_and_music_folder():
    for service in OURS.values():
        assert service["image"] == f"crateline:{crateline.__version__}"
        assert service["env_file"] == ".env"
        assert {"NOTION_TOKEN", "TRACKS_DB_ID", "REDIS_URL", "OUT_DIR", "MEDIA_ROOT", "STATE_DIR"} <= set(service["environment"])
        assert service["volumes"] == OURS["download"]["volumes"]
        assert service["depends_on"] == {"redis": {"condition": "service_healthy"}}
    assert {"FLOWER_ADDRESS", "FLOWER_BASIC_AUTH"} <= set(OURS["flower"]["environment"])


def test_the_settings_of_the_services_are_settings_of_crateline():
    # Given
    known = {name.upper() for name in Settings.model_fields} | {"FLOWER_ADDRESS"}

    # I expect
    for service in OURS.values():
        assert set(service["environment"]) <= known


def test_redis_keeps_what_it_is_told_forgets_nothing_and_asks_for_a_password():
    # Given
    redis = SERVICES["redis"]
    words = filled(redis["command"], {"REDIS_PASSWORD": "given"}).split()
    options = dict(zip(words[1::2], words[2::2], strict=True))

    # I expect
    assert words[0] == "redis-server"
    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"
    assert options["--requirepass"] == "given"
    assert redis["environment"]["REDISCLI_AUTH"].startswith("${REDIS_PASSWORD:?")
    assert redis["volumes"] == ["redis:/data"]
    assert "redis" in COMPOSE["volumes"]
    assert re.fullmatch(r"redis:\d+\.\d+-\w+", redis["image"])


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if "ports" in service])
def test_published_ports_are_on_loopback_unless_the_user_says_otherwise(name):
    for port in SERVICES[name]["ports"]:
        assert re.fullmatch(rf"{re.escape(LOOPBACK)}:\d+:\d+", filled(port, {}))


def test_what_is_needed_is_asked_for_by_name_and_nothing_else_is():
    # Given
    asked = {name for text in strings(COMPOSE) for name, kind, _ in VARIABLE.findall(text) if kind == "?"}

    # I expect
    assert asked == NEEDED
    for text in strings(COMPOSE):
        for name, kind, words in VARIABLE.findall(text):
            assert kind != "?" or name in words, f"the message for {name} does not name it"


def test_no_secret_stands_in_the_compose_file():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not SECRET.search(name) or VARIABLE.fullmatch(value), name
    assert not [text for text in strings(COMPOSE) if re.search(r"://[^$/]*:[^$/]+@", text)]


def test_with_what_is_needed_every_value_of_the_compose_file_is_whole():
    # Given
    given = {**dict.fromkeys(NEEDED, "given"), "MUSIC_DIR": "/home/you/music"}

    # When
    whole = [filled(text, given) for text in strings(COMPOSE)]

    # I expect
    assert not [text for text in whole if "$" in text]
    assert "redis://:given@redis:6379/0" in whole


def test_the_music_folder_has_the_same_path_inside_as_outside():
    # Given
    folder = OURS["analyze"]["volumes"][0]
    settings = OURS["analyze"]["environment"]

    # I expect
    assert folder["source"] == folder["target"] == "${MUSIC_DIR}"
    assert not folder["bind"]["create_host_path"]  # Docker would make it for root alone
    assert settings["MEDIA_ROOT"].startswith("${MUSIC_DIR}/")  # beneath OUT_DIR: hard links work


def test_docker_itself_accepts_the_compose_file(tmp_path):
    # Given
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker compose is not installed")
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    (tmp_path / ".env").write_text("".join(f"{name}=/given\n" for name in NEEDED))

    # When
    shown = subprocess.run(
        [docker, "compose", "config", "--format", "json"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    # I expect
    assert set(json.loads(shown.stdout)["services"]) == set(SERVICES)


def test_the_image_starts_from_a_pinned_python_that_crateline_runs_on():
    # Given
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    classifiers = {row.rpartition(" ")[2] for row in project["classifiers"] if "Python :: 3." in row}

    # I expect
    bases = [base for base in (argument.split()[0] for argument in arguments("FROM")) if not base.startswith("node:")]
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:(3\.\d+)-slim-[a-z]+", bases[0])[1] in classifiers


def test_the_image_carries_a_node_that_yt_dlp_accepts():
    # Given
    least = yt_dlp.globals.supported_js_runtimes.value["node"].MIN_SUPPORTED_VERSION[0]
    (node,) = (argument for argument in arguments("FROM") if argument.startswith("node:"))

    # I expect
    assert int(re.match(r"node:(\d+)-", node)[1]) >= least
    assert any("--from=node" in argument for argument in arguments("COPY"))


def test_the_image_installs_what_the_lock_file_names_and_nothing_else():
    installs = [argument for argument in arguments("RUN") if "pip install" in argument]
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert all("--no-deps" in argument for argument in installs[1:])


def test_the_image_holds_every_package_of_the_wheel():
    # Given
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    # I expect
    copied = {argument.split()[0] for argument in arguments("COPY")}
    assert set(packages) <= copied
    assert {"requirements.lock", "pyproject.toml", "README.md", "LICENSE"} <= {
        name for argument in arguments("COPY") for name in argument.split()[:-1]
    }


def test_the_image_does_not_run_as_root():
    users = arguments("USER")
    assert users
    assert users[-1] not in {"root", "0"}
    assert DOCKERFILE.index(("USER", users[-1])) < DOCKERFILE.index(("ENTRYPOINT", arguments("ENTRYPOINT")[-1]))


def test_the_image_starts_the_console_without_a_shell():
    # Given
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]

    # When
    entry = json.loads(arguments("ENTRYPOINT")[-1])  # a shell form is no JSON

    # I expect
    assert entry[0] in scripts
    assert isinstance(json.loads(arguments("CMD")[-1]), list)


def test_the_example_of_the_settings_names_settings_that_exist():
    # Given
    rows = re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    compose = {name for text in strings(COMPOSE) for name, _, _ in VARIABLE.findall(text)}

    # I expect
    named = [name for name, _ in rows]
    assert len(named) == len(set(named))
    assert set(named) <= {name.upper() for name in Settings.model_fields} | compose
    assert set(named) >= NEEDED


def test_the_example_of_the_settings_can_be_read_and_holds_no_secret(tmp_path, clean_environment):
    # Given
    example = ROOT / ".env.example"

    # When
    known = Settings(_env_file=example)

    # I expect
    assert known.tracks_db_id
    assert known.notion_token.get_secret_value() == ""
    for name, value in re.findall(r"^(\w+)=(.*)$", example.read_text(), re.MULTILINE):
        assert not (SECRET.search(name) and value), name
