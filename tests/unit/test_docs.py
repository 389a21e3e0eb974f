"""The documentation is held against the code: what it names exists, and what exists is named."""

import ast
import functools
import inspect
import re
import shlex
from pathlib import Path, PurePath

import click
import pytest
from pydantic import SecretStr

import crateline
from crateline import settings
from crateline.cli import console, report
from crateline.cli.operate import SERVICES
from crateline.domain.properties import CALENDAR_PROPERTIES, PLAY_PROPERTIES, PLAYLIST_PROPERTIES, TRACK_PROPERTIES
from crateline.domain.track import Platform, Track
from crateline.durable import consent, fingerprints, holdings, index, keyspace, postings
from crateline.durable.item import Item, card_of
from crateline.durable.register import Enrolment
from crateline.messages import QUEUE_NAMES
from crateline.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")])
LEFT_OUT = {
    ".git",
    ".venv",
    ".crateline",
    ".crateline-bench",
    ".peer",
    ".hypothesis",
    "__pycache__",
    "demo",
    "music",
    "dist",
    "node_modules",
}
NOT_READ = {".png", ".jpg", ".gif", ".mp3", ".m4a", ".wav", ".opus"}

SOURCE = "https://soundcloud.com/name/sets/set"
PLACEHOLDERS = {"SOURCE…": SOURCE, "SOURCE": SOURCE, "SERVICE": SERVICES[0], "QUEUE…": QUEUE_NAMES[0], "QUEUE": QUEUE_NAMES[0]}
"""Words that stand for something else: what a command line is tried with in their place."""

REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("pypi", "python", "org"),
        ("registry", "npmjs", "org"),
        ("npmjs", "com"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("anaconda", "org"),
        ("proxy", "golang", "org"),
        ("ghcr", "io"),
        ("docker", "io"),
        ("quay", "io"),
    )
]


def name_of(page):
    return str(page.relative_to(ROOT))


def sections(text):
    """The text under each heading, up to the next one, by the heading's words."""
    parts = re.split(r"^#{1,4} +(.+)$", without_code(text), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def without_code(text):
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)


def rows(text):
    """The cells of every table row, without heads and rules; `\\|` is a bar inside a cell."""
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")]
    cells = [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if row[0].startswith("`")]


def coded(text):
    return re.findall(r"`([^`\n]+)`", text)


def slug(heading):
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# The console


def commands():
    """Every command of the console by its words."""
    found = {(): console.console}
    waiting = [((), console.console)]
    while waiting:
        words, group = waiting.pop()
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            found[(*words, name)] = command
            if isinstance(command, click.Group):
                waiting.append(((*words, name), command))
    return found


COMMANDS = commands()
REFERENCE = sections((DOCS / "reference" / "console.md").read_text())


def options(command):
    own = {option for param in command.params for option in (*param.opts, *param.secondary_opts) if option.startswith("-")}
    return own - {"--help", "-h"}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_is_documented_with_every_option_and_no_other(words):
    # Given
    command = COMMANDS[words]
    section = REFERENCE[" ".join(("crateline", *words))]

    # When
    shown = {word for row in rows(section) for word in coded(row[0]) if word.startswith("-")}

    # I expect
    assert shown - {"--help", "-h"} == options(command)
    arguments = {param.name for param in command.params if isinstance(param, click.Argument)}
    assert all(any(word.casefold() in {name, name.rstrip("s")} for word in coded(section)) for name in arguments)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_defaults_that_are_documented_are_the_commands_own(words):
    shown = {coded(row[0])[0]: row[1] for row in rows(REFERENCE[" ".join(("crateline", *words))]) if len(row) > 2}
    for param in COMMANDS[words].params:
        if isinstance(param, click.Option) and param.show_default:
            default = param.default if isinstance(param.default, tuple) else (param.default,)
            assert shown[param.opts[0]] == " ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in default)


def test_the_reference_documents_no_command_that_is_not_there():
    documented = {tuple(heading.split()[1:]) for heading in REFERENCE if heading.split()[0] == "crateline"}
    assert documented == set(COMMANDS)


def command_lines(text):
    """Every line that a reader is told to type, from the blocks marked `console`, with its continuations."""
    for block in re.findall(r"^ *```console\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL):
        joined = re.sub(r"^ +", "", block.replace("\\\n", " "), flags=re.MULTILINE)
        yield from (line.removeprefix("$ ") for line in joined.splitlines() if line.startswith("$ "))


def parse(words):
    """Parse a command line as the console would, without running it. Raises click's UsageError."""
    command, context = console.console, click.Context(console.console, info_name="crateline")
    while isinstance(command, click.Group) and (words or not command.invoke_without_command):
        found = command.get_command(context, words[0])
        assert found is not None, f"crateline has no command {words[0]!r}"
        context = found.make_context(words[0], list(words[1:]), parent=context)
        command, words = found, words[1:]
        if isinstance(found, click.Group) and found.invoke_without_command and words and words[0].startswith("-"):
            return  # options of the group itself, which have been read with its context


def typed(page):
    """The command lines of crateline in a page's blocks, each as words."""
    for line in command_lines(page.read_text()):
        for part in re.split(r"\s(?:&&|\||>|<<)\s?", line):
            words = shlex.split(part, comments=True)
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                words = words[1:]
            if words and PurePath(words[0]).name == "crateline":
                yield [PLACEHOLDERS.get(word, word) for word in words[1:]]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_line_can_be_typed_as_it_stands(page):
    for words in typed(page):
        if words not in (["--version"], ["--help"]):
            parse(words)


def test_the_readme_shows_command_lines_at_all():
    assert len(list(typed(ROOT / "README.md"))) >= 8


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_named_in_passing_exists_with_its_options(page):
    for span in coded(without_code(page.read_text())):
        words = span.split()
        if words[0] != "crateline" or len(words) == 1:
            continue
        named = max((path for path in COMMANDS if tuple(words[1 : 1 + len(path)]) == path), key=len)
        assert named or words[1].startswith("-"), f"{span}: there is no such command"
        assert {word for word in words[1:] if word.startswith("-")} <= options(COMMANDS[named]) | {"--help"}, span


def test_every_command_that_a_sentence_of_the_console_names_exists():
    # Given
    spans = {
        (path.name, span)
        for path in code_files()
        for span in re.findall(r"`crateline ([a-z][^`{]*)", path.read_text())
        if not path.is_relative_to(ROOT / "crateline" / "sandbox")
    }

    # I expect
    assert len(spans) > 10
    assert not {(name, span) for name, span in spans if (span.split()[0],) not in COMMANDS}


@pytest.mark.parametrize("name", ["make demo", "make test"])
def test_the_two_commands_of_the_readme_are_those_of_the_makefile(name):
    typed_words = {" ".join(line.split()[:2]) for line in command_lines((ROOT / "README.md").read_text())}
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert name in typed_words
    assert name.removeprefix("make ") in targets


def test_the_readme_tests_as_the_machines_do():
    # Given
    machine = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line.strip()]

    # I expect
    assert machine[-1] == "make test"
    assert "make test" in list(command_lines((ROOT / "README.md").read_text()))


def test_every_exit_code_is_documented():
    # Given
    codes = {
        str(value): name
        for name, value in vars(console).items()
        if name.isupper() and isinstance(value, int) and not isinstance(value, bool)
    }

    # When
    text = (DOCS / "reference" / "exit-codes.md").read_text()
    shown = dict(re.findall(r"^\| (\d+) \| `(\w+)` \|", text, re.MULTILINE))

    # I expect
    assert shown == codes


# Settings


def default_of(field):
    """A default as the reference writes it."""
    value = field.default_factory() if field.default_factory else field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None or value in ("", {}, ()) else str(value)


SETTINGS = {
    coded(row[0])[0]: (row[1], row[0])
    for row in rows(without_code((DOCS / "reference" / "settings.md").read_text()).partition("## From the environment")[0])
}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_default(name):
    field = Settings.model_fields[name]
    default, cell = SETTINGS[name.upper()]
    assert default == default_of(field)
    assert ("🔒" in cell) == (field.annotation is SecretStr)


def test_no_setting_is_documented_that_is_not_there():
    assert set(SETTINGS) == {name.upper() for name in Settings.model_fields}


def test_a_setting_that_is_said_not_to_be_used_is_not_used():
    # Given
    text = (DOCS / "reference" / "settings.md").read_text()
    idle = {coded(row[0])[0].lower() for row in rows(text) if "not used by this version" in row[-1]}
    code = "\n".join(path.read_text() for path in code_files())

    # I expect
    used = {name for name in Settings.model_fields if re.search(rf"\.{name}\b", code)}
    assert set(Settings.model_fields) - used - {"spotipy_redirect_uri"} == idle - {"spotipy_redirect_uri"}


def code_files():
    packages = ("crateline", "producers", "tasks", "workers")
    return [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]


# The contracts

TRACK = Track(key="soundcloud:tracks:1", title="Title", artist="Artist", url="", platform=Platform.SOUNDCLOUD)
CONTRACTS = {
    "A playlist": report.playlist(Item("soundcloud:playlists:1"), {}, 0.0),
    "A track": report.track(Item(TRACK.key, {"card": card_of(TRACK)}), 0.0),
    "Enqueuing": Enrolment(key="soundcloud:playlists:1", total=1, new=1, known=0, refused=0).public(),
}


@pytest.mark.parametrize("heading", CONTRACTS)
def test_every_field_of_the_json_is_documented_in_its_order(heading):
    documented = [coded(row[0])[0] for row in rows(sections((DOCS / "reference" / "json.md").read_text())[heading])]
    assert documented == list(CONTRACTS[heading])


def test_the_board_is_documented():
    # Given
    documented = [coded(row[0])[0] for row in rows(sections((DOCS / "reference" / "json.md").read_text())["The board"])]

    # When
    literal = inspect.getsource(report.board).partition("return {")[2]

    # I expect
    assert documented == re.findall(r'^        "(\w+)":', literal, re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "table"),
    [
        ("Music Tracks", TRACK_PROPERTIES),
        ("Music Playlists", PLAYLIST_PROPERTIES),
        ("Calendar", CALENDAR_PROPERTIES),
        ("Plays", PLAY_PROPERTIES),
    ],
    ids=["tracks", "playlists", "calendar", "plays"],
)
def test_every_property_is_documented_with_its_types_and_its_rule(heading, table):
    # Given
    words = {"rich_text": "text", "url": "URL"}
    expected = [(prop.name, " or ".join(words.get(one, one) for one in prop.types), prop.policy, prop.optional) for prop in table]

    # When
    documented = rows(sections((DOCS / "reference" / "notion-properties.md").read_text())[heading])

    # I expect
    assert [(coded(row[0])[0], row[1], row[2], row[3].startswith("If it is there")) for row in documented] == expected


def test_everything_kept_in_redis_is_documented():
    # Given
    shown = {coded(row[0])[0] for row in rows((DOCS / "reference" / "redis.md").read_text())}

    # When
    modules = (keyspace, index, fingerprints, postings, consent, holdings)
    fixed = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, str) and value.startswith(keyspace.PREFIX) and value != keyspace.PREFIX
    }
    made = {
        function(f"<{next(iter(inspect.signature(function).parameters))}>")
        for function in vars(keyspace).values()
        if inspect.isfunction(function)
    }

    # I expect
    assert fixed | made <= shown


# What is quoted


@functools.cache
def sayings():
    """Every text that the code can say, as the parts between its variables."""
    makefile = (ROOT / "Makefile").read_text().replace('" \\\n\t\t"', " ")
    trees = [ast.parse(path.read_text()) for path in code_files()]
    texts = [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return "\n".join([makefile, *(text for text in texts if isinstance(text, str))])


def quotations():
    """What the tables say that a reader sees: whatever stands in quotation marks, and the reasons of tracks."""
    for page in (ROOT / "README.md", DOCS / "how-to" / "troubleshooting.md"):
        for heading, text in sections(page.read_text()).items():
            for line in (line for line in text.splitlines() if line.startswith("| ")):
                cells = [cell.strip() for cell in line.split("|")[1:-1]]
                yield from re.findall(r'"([^"]+)"', cells[0])
                if heading.startswith("Tracks that") and cells[0] != "state":
                    yield cells[1]


@pytest.mark.parametrize("quoted", sorted(set(quotations())))
def test_what_is_quoted_is_what_is_said(quoted):
    parts = [part.strip() for part in re.split(r"[\d.]*\d|…|«.*?»|; |[()]", quoted)]
    known = sayings()
    assert [part for part in parts if len(part) > 3 and part not in known] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_settings_file_in_the_documentation_can_be_read(page, clean_environment, tmp_path):
    for text in re.findall(r"^ *```toml\n(.*?)^ *```", page.read_text(), flags=re.MULTILINE | re.DOTALL):
        (tmp_path / "crateline.toml").write_text(text)
        assert settings.load().property_names
        assert settings.load().property_policies


# Words and links


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page):
    text = without_code(page.read_text())
    for target in [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'(?:src|href)="([^"]+)"', text)]:
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), f"{name_of(page)} → {target}"
        if anchor:
            assert anchor in {slug(heading) for heading in sections(place.read_text())}, f"{name_of(page)} → {target}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.is_relative_to(DOCS)], ids=name_of)
def test_every_page_can_be_reached_from_the_readme(page):
    # Given
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        here = waiting.pop()
        if here in reached:
            continue
        reached.add(here)
        links = re.findall(r"\]\(([^)\s#]+\.md)(?:#[^)]*)?\)", here.read_text())
        waiting += [(here.parent / link).resolve() for link in links if not link.startswith("http")]

    # I expect
    assert page in reached


def test_decisions_are_numbered_without_gaps_and_say_what_was_decided_and_why():
    # Given
    pages = sorted((DOCS / "decisions").glob("0*.md"))

    # I expect
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text()
        assert text.startswith(f"# {page.name[:4]} "), page.name
        assert len(text.splitlines()) <= 40, f"{page.name} is longer than half a page"


def test_the_picture_of_the_run_loads_nothing_from_outside():
    # Given
    picture = (DOCS / "images" / "demo.svg").read_text()

    # I expect
    assert "images/demo.svg" in (ROOT / "README.md").read_text()
    assert not re.findall(r"url\(\s*[\"']?(?!#)", picture)
    assert not re.findall(r"(?:href|src)=\"(?!#)", picture)
    assert "@import" not in picture
    assert "@font-face" not in picture
    assert "<script" not in picture


def test_the_changelog_begins_with_this_version():
    heads = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert heads[0] == crateline.__version__


def test_no_package_registry_is_named_anywhere():
    # Given
    texts = {path: path.read_bytes().decode(errors="replace") for path in files()}

    # I expect
    assert [(name_of(path), host) for path, text in texts.items() for host in REGISTRIES if host in text] == []


def files():
    """Every file of the repository that holds text."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        kept = not LEFT_OUT.intersection(parts) and not any(part.endswith(("_cache", ".egg-info")) for part in parts)
        if kept and path.is_file() and path.suffix not in NOT_READ:
            yield path
