"""Every setting is documented with its default, and the examples of settings can be read."""

import re

import pytest
from pydantic import SecretStr

from crateline import settings
from crateline.settings import Settings
from givens.documentation import PAGES, code_files, coded, name_of, rows, without_code
from givens.folders import DOCS


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


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_settings_file_in_the_documentation_can_be_read(page, clean_environment, tmp_path):
    for text in re.findall(r"^ *```toml\n(.*?)^ *```", page.read_text(), flags=re.MULTILINE | re.DOTALL):
        (tmp_path / "crateline.toml").write_text(text)
        assert settings.load().property_names
        assert settings.load().property_policies
