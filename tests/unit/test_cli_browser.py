"""Pages are opened without a word of the program that does it, and where there is no screen nothing is started."""

import sys

import pytest

from crateline.cli import browser

LINK = "https://soundcloud.com/ada/night?a=1&b=$(touch owned)"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs are made as scripts here")


@pytest.fixture
def program(monkeypatch, tmp_path):
    """A program that opens pages, noisily; gives what makes it end otherwise."""

    def ends(code: int) -> None:
        script = f'#!/bin/sh\necho noise; echo noise >&2; echo "$1" >> {tmp_path}/opened; exit {code}\n'
        file = tmp_path / browser.PROGRAMS[0]
        file.write_text(script)
        file.chmod(0o755)

    ends(0)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":9")
    return ends


def test_links_are_handed_over_whole_and_nothing_is_heard(program, tmp_path, capfd):
    assert browser.show([LINK, "https://x.example/"])
    assert (tmp_path / "opened").read_text().splitlines() == [LINK, "https://x.example/"]
    assert capfd.readouterr() == ("", "")


def test_a_program_that_finds_no_browser_is_told(program, capfd):
    program(3)
    assert not browser.show([LINK])
    assert capfd.readouterr() == ("", "")


def test_a_program_that_stays_with_the_page_has_opened_it(program, tmp_path, monkeypatch):
    # Given one that ends with its browser
    monkeypatch.setattr(browser, "PATIENCE_S", 0.2)
    (tmp_path / browser.PROGRAMS[0]).write_text("#!/bin/sh\nexec /bin/sleep 1\n")
    # I expect
    assert browser.show([LINK])


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has a screen")
def test_without_a_screen_nothing_is_started(program, monkeypatch, tmp_path):
    for name in browser.SCREENS:
        monkeypatch.delenv(name, raising=False)
    assert not browser.show([LINK])
    assert not (tmp_path / "opened").exists()


def test_without_a_program_nothing_is_started(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not browser.show([LINK])
