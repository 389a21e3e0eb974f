"""Playlists as M3U: a file's words are what the list says about it, or its own name."""

import pytest

from producers import playlist
from producers.document import of_file
from producers.source import Source


@pytest.fixture
def imported(tmp_path):
    """Read a text as a file; gives the playlist's name, its tracks' words, and what was said."""

    def read(text, name="Friday.m3u8", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        said: list[str] = []
        (mix,) = playlist.read(None, Source(text=name, document=of_file(path)), say=said.append)
        return mix.name, [(one.artist, one.title, one.duration) for one in mix.tracks], said

    return read


def test_the_words_about_a_file_are_read(imported):
    # Given what rekordbox writes
    text = "#EXTM3U\r\n#EXTINF:269,Ada - Night - Dub\r\n/Music/01.mp3\r\n#EXTINF:-1,Bo – Day\r\nC:\\Music\\x.mp3\r\n"  # noqa: RUF001
    # I expect
    assert imported(text) == ("Friday", [("Ada", "Night - Dub", 269.0), ("Bo", "Day", None)], [])


def test_a_file_of_which_nothing_is_said_is_known_by_its_name(imported):
    _, tracks, said = imported("#EXTM3U\n../Music/01 Ada - Night (Dub).mp3\n02. Bo - Day.flac\nCi.m4a\n")
    assert tracks == [("Ada", "Night (Dub)", None), ("Bo", "Day", None)]
    assert said == ["Friday.m3u8, line 4: neither a link nor title and artist; left out"]


@pytest.mark.parametrize("name", ["list.txt", "list.m3u"])
def test_a_list_may_say_its_own_name(imported, name):
    assert imported("\ufeff#EXTM3U\n#PLAYLIST:Warm-up\n#EXTINF:200,Ada - Nuit Étoilée\nx.mp3\n", name) == (
        "Warm-up",
        [("Ada", "Nuit Étoilée", 200.0)],
        [],
    )


def test_a_list_in_an_old_macs_letters_is_read(imported):
    assert imported("#EXTM3U\r#EXTINF:200,Ada - Café\rx.mp3\r", "x.m3u", "mac-roman")[1] == [("Ada", "Café", 200.0)]
