import pickle
from pathlib import Path

import pytest

from crateline import settings
from crateline.errors import ConfigurationError

SECRETS = {
    "NOTION_TOKEN": "ntn_secret-1",
    "SPOTIPY_CLIENT_SECRET": "secret-2",
    "SPOTIFY_REFRESH_TOKEN": "secret-3",
    "EAGLE_TOKEN": "secret-4",
    "REDIS_URL": "redis://:secret-5@127.0.0.1:1/0",
    "CRATELINE_WEB_TOKEN": "secret-6",
    "FLOWER_BASIC_AUTH": "ada:secret-7",
}


@pytest.fixture
def here(clean_environment) -> Path:
    """The folder in which settings are looked for."""
    return Path.cwd()


def test_a_flag_wins_over_the_environment_over_dotenv_over_toml_over_the_default(here, clean_environment):
    expected = [180]
    assert [settings.load().notion_requests_per_minute] == expected

    # When each source is added in turn, the weakest first
    (here / "crateline.toml").write_text("notion_requests_per_minute = 100\n")
    expected.append(settings.load().notion_requests_per_minute)
    (here / ".env").write_text("NOTION_REQUESTS_PER_MINUTE=200\n")
    expected.append(settings.load().notion_requests_per_minute)
    clean_environment.setenv("NOTION_REQUESTS_PER_MINUTE", "300")
    expected.append(settings.load().notion_requests_per_minute)
    expected.append(settings.load(notion_requests_per_minute=400).notion_requests_per_minute)

    # I expect
    assert expected == [180, 100, 200, 300, 400]


def test_an_address_that_is_none_of_redis_is_said_without_its_value(here, clean_environment):
    clean_environment.setenv("REDIS_URL", "http://:opensesame@localhost")
    with pytest.raises(ConfigurationError) as raised:
        settings.load()
    assert str(raised.value) == "The settings are not usable. REDIS_URL: it begins with redis:// or rediss:// or unix://"


def test_a_flag_that_was_not_given_does_not_hide_the_environment(here, clean_environment):
    # Given
    clean_environment.setenv("OUT_DIR", "/music")

    # I expect
    assert settings.load(out_dir=None).out_dir == Path("/music")


def test_an_empty_variable_counts_as_not_set(here, clean_environment):
    # Given
    (here / ".env").write_text("NOTION_TOKEN=\nOUT_DIR=from-dotenv\n")
    clean_environment.setenv("OUT_DIR", "")

    # I expect
    assert settings.load().out_dir == Path("from-dotenv")


def test_secrets_never_show_in_repr_text_or_dump(here, clean_environment):
    # Given
    for name, value in SECRETS.items():
        clean_environment.setenv(name, value)
    known = settings.load()

    # I expect
    shown = f"{known!r} {known!s} {known.model_dump()} {known.model_dump_json()}"
    assert "secret" not in shown.replace("client_secret", "")
    assert known.notion_token.get_secret_value() == "ntn_secret-1"


WRONG = {
    "NOTION_REQUESTS_PER_MINUTE": "ntn_very-secret",
    "CRATELINE_WEB_PORT": "99999",
    "LOG_LEVEL": "ntn_very-secret",
    "MATCH_ACCEPT": "1.5",
    "LEASE_SECONDS": "0",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(here, clean_environment, name):
    # Given
    clean_environment.setenv(name, WRONG[name])
    clean_environment.setenv("NOTION_TOKEN", "ntn_very-secret")

    # When
    with pytest.raises(ConfigurationError) as caught:
        settings.load()

    # I expect
    assert name in str(caught.value)
    assert WRONG[name] not in str(caught.value)
    assert "ntn_very-secret" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_names_that_crateline_does_not_know_are_left_alone(here):
    # Given
    (here / ".env").write_text("SOMEBODY_ELSES=1\n")

    # I expect
    assert settings.load().log_level == "INFO"


def test_tables_of_property_names_and_policies_come_from_toml(here):
    # Given
    (here / "crateline.toml").write_text('[property_names]\nbpm = "Tempo"\n[property_policies]\nbpm = "never"\n')

    # When
    known = settings.load()

    # I expect
    assert known.property_names == {"bpm": "Tempo"}
    assert known.property_policies == {"bpm": "never"}


def test_an_unknown_policy_is_refused_by_name(here):
    # Given
    (here / "crateline.toml").write_text('[property_policies]\nbpm = "sometimes"\n')

    # I expect
    with pytest.raises(ConfigurationError, match=r"PROPERTY_POLICIES\.BPM"):
        settings.load()


def test_a_file_that_is_no_toml_is_a_sentence_and_no_traceback(here):
    # Given
    (here / "crateline.toml").write_text("notion_token = \n")

    # I expect
    with pytest.raises(ConfigurationError, match=r"crateline\.toml"):
        settings.load()


def test_a_table_that_is_not_json_is_named(here, clean_environment):
    # Given
    clean_environment.setenv("PROPERTY_NAMES", "ntn_very-secret")

    # When
    with pytest.raises(ConfigurationError, match="property_names") as caught:
        settings.load()

    # I expect
    assert "ntn_very-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "meant"), [("aiff", ("aiff",)), ("AIFF, wav", ("aiff", "wav")), ("wav,", ("wav",)), ("", ()), (" , ", ())]
)
def test_formats_are_words_with_commas(here, clean_environment, written, meant):
    clean_environment.setenv("EXTRA_FORMATS", written)
    assert settings.load().extra_formats == meant


def test_formats_may_be_a_list_in_toml(here):
    (here / "crateline.toml").write_text('extra_formats = ["wav", "aiff"]\nloudness_target = -14\n')
    assert settings.load().extra_formats == ("wav", "aiff")
    assert settings.load().loudness_target == -14


@pytest.mark.parametrize(("name", "value"), [("EXTRA_FORMATS", "aiff,mp3"), ("LOUDNESS_TARGET", "3"), ("LOUDNESS_TARGET", "-90")])
def test_a_format_or_a_loudness_that_is_none_is_named(here, clean_environment, name, value):
    clean_environment.setenv(name, value)
    with pytest.raises(ConfigurationError, match=name):
        settings.load()
