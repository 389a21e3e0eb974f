"""The tables that exporters write, each with its own columns, language, letters and habits: what a row says is understood."""

import pytest

from crateline.domain.track import Availability
from producers import playlist
from producers.document import of_file
from producers.source import Source

ID = "4uLU6hMCjMI75M1A2tKUQC"
URI = f"spotify:track:{ID}"


@pytest.fixture
def imported(tmp_path):
    """Read a text as a file; gives the playlists and what was said."""

    def read(text, name="Friday.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        said: list[str] = []
        return list(playlist.read(None, Source(text=name, document=of_file(path)), say=said.append)), said

    return read


def row(*cells: str) -> str:
    return ",".join(f'"{cell}"' for cell in cells)


EXPORTIFY = {
    "en": "Track URI|Track Name|Artist URI(s)|Artist Name(s)|Album Name|Album Artist Name(s)|Track Duration (ms)|ISRC",
    "de": "Track-URI|Track-Name|Künstler-URI(s)|Künstlername(n)|Album-Name|Album-Künstlername(n)|Track-Dauer (ms)|ISRC",
    "es": "URI de la canción|Nombre de la canción|URI(s) del artista|Nombre(s) del artista|Nombre del álbum"
    "|Nombre(s) del artista del álbum|Duración de la canción (ms)|ISRC",
    "fr": "URI du titre|Nom du titre|URI(s) de l'artiste|Nom(s) de l'artiste|Nom de l'album|Nom(s) de l'artiste de l'album"
    "|Durée du titre (ms)|ISRC",
    "it": "URI della traccia|Nome della traccia|URI dell'artista|Nome dell'artista|Nome dell'album|Nome dell'artista dell'album"
    "|Durata della traccia (ms)|ISRC",
    "nl": "Nummer URI|Nummernaam|Artiest-URI|Naam van artiest|Naam van album|Naam van artiest op het album|Nummerduur (ms)|ISRC",
    "pt": "URI da faixa|Nome da faixa|URI(s) do artista|Nome(s) do artista|Nome do álbum|Nome(s) do artista do álbum"
    "|Duração da faixa (ms)|ISRC",
    "sv": "Låtens URI|Låtens namn|Artistens URI|Artistens namn|Albumets namn|Albumartistens namn|Låtlängd (ms)|ISRC",
    "tr": "Parça URI|Parça Adı|Sanatçı URI|Sanatçı Adı|Albüm Adı|Albümdeki Sanatçı Adı|Parça Süresi (ms)|ISRC",  # noqa: RUF001  # its dotless i
    "el": "URI κομματιού|Όνομα κομματιού|URI καλλιτέχνη/ων|Όνομα/τα καλλιτέχνη|Όνομα άλμπουμ|Όνομα/τα καλλιτέχνη άλμπουμ"
    "|Διάρκεια κομματιού (ms)|ISRC",
    "ja": "トラックURI|トラック名|アーティストURI|アーティスト名|アルバム名|アルバムアーティスト名|トラックの長さ（ミリ秒）|ISRC",  # noqa: RUF001  # its brackets
    "zh": "曲目 URI|曲目名称|艺人 URI|艺人名称|专辑名称|专辑艺人名称|曲目时长（毫秒）|ISRC",  # noqa: RUF001  # as above
    "zh-Hant": "曲目 URI|曲目名稱|藝人 URI|藝人名稱|專輯名稱|專輯藝人名稱|曲目長度（毫秒）|ISRC",  # noqa: RUF001  # as above
    "ar": "رابط الأغنية (URI)|اسم الأغنية|روابط الفنانين (URI)|أسماء الفنانين|اسم الألبوم|أسماء فناني الألبوم"
    "|مدة الأغنية (بالمللي ثانية)|ISRC",
}


@pytest.mark.parametrize("head", EXPORTIFY.values(), ids=EXPORTIFY)
def test_exportify_is_understood_in_all_its_languages(imported, head):
    # When
    (mix,), said = imported(
        f"{row(*head.split('|'))}\n{row(URI, 'Night', 'spotify:artist:x', 'Ada', 'First', 'V.A.', '201000', 'GBARL9300135')}\n"
    )
    # I expect
    (one,) = mix.tracks
    assert (one.key, one.title, one.artist, one.album) == (URI, "Night", "Ada", "First")
    assert (one.duration, one.isrc, said) == (201.0, "GBARL9300135", [])


def test_exportify_with_sound_features_is_not_misled_by_its_key_and_tempo(imported):
    # Given
    head = (
        "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,Added At,Genres,"
        "Record Label,Danceability,Energy,Key,Loudness,Mode,Speechiness,Acousticness,Instrumentalness,Liveness,Valence,Tempo,"
        "Time Signature"
    )
    cells = (
        f'{URI},Night,First,"Ada;Bo",2016,543000,61,false,x,2024-01-01T00:00:00Z,"house,edm",L,.5,.8,5,-6,0,0,0,.9,.1,.2,126.0,4'
    )
    # When
    (mix,), said = imported(f"{head}\n{cells}\n")
    # I expect
    (one,) = mix.tracks
    assert (one.title, one.artist, one.album, one.duration, said) == ("Night", "Ada, Bo", "First", 543.0, [])


def test_a_comma_within_an_artists_name_is_not_left_escaped(imported):
    # Given what Exportify writes
    text = f'Track URI,Track Name,Artist Name(s)\n{URI},Night,"Tyler\\, The Creator, Kali Uchis"\n'
    # When
    (mix,), _ = imported(text)
    # I expect
    assert mix.tracks[0].artist == "Tyler, The Creator, Kali Uchis"


def test_the_lists_name_may_stand_before_its_tracks(imported):
    # When
    playlists, _ = imported(
        f'"Name","Track URI","Track Name","Artist Name(s)"\n"My: Deep House","{URI}","Night","Ada"\n', "my_deep_house.csv"
    )
    # I expect
    assert [(one.name, one.tracks[0].title) for one in playlists] == [("My: Deep House", "Night")]


def test_artists_and_albums_of_a_library_are_no_tracks(imported):
    # Given TuneMyMusic's export of a whole library
    head = "Track name,Artist name,Album,Playlist name,Type,ISRC,Spotify - id"
    rows = [f",Ada,,Artists,Artist,,{ID}", f",Ada,First,Albums,Album,,{ID[::-1]}", f"Night,Ada,First,Mix,Playlist,,{ID}"]
    # When
    (mix,), said = imported("\n".join([head, *rows]))
    # I expect
    assert [one.key for one in mix.tracks] == [URI]
    assert said == ["Friday.csv, row 2: an artist, no track; left out", "Friday.csv, row 3: an album, no track; left out"]


def test_another_platforms_id_is_not_taken_for_one_of_spotify(imported):
    head = "Track name,Artist name,Album,Playlist name,Type,ISRC,Apple - id"
    (mix,), said = imported(f"{head}\nNight,Ada,First,Mix,Playlist,GBARL9300135,1440806041\n")
    assert ([one.key for one in mix.tracks], said) == (["isrc:GBARL9300135"], [])


def test_soundiiz_knows_lengths_and_links(imported):
    # Given
    text = (
        "title;artist;album;isrc;addedDate;addedBy;duration;url\r\n"
        f'"Night";"Ada";"";"";"2021-01-02T00:00:00+00:00";"me";"200s";"https://open.spotify.com/track/{ID}?si=x"\r\n'
        '"Day; Night";"Ada, Bo";"";"";"";"";"637s";"https://www.youtube.com/watch?v=dQw4w9WgXcQ"\r\n'
    )
    # When
    (mix,), said = imported(text, encoding="utf-8-sig")
    # I expect
    night, day = mix.tracks
    assert (night.key, night.duration) == (URI, 200.0)
    assert (day.key, day.title, day.availability) == ("youtube:video:dQw4w9WgXcQ", "Day; Night", Availability.PLAYABLE)
    assert said == []


APPLE = "Name\tArtist\tComposer\tAlbum\tGrouping\tWork\tGenre\tSize\tTime\tDisc Number\tDate Added\tKind\tPlays\tLocation"
REKORDBOX = "#\tArtwork\tTrack Title\tArtist\tAlbum\tGenre\tBPM\tRating\tTime\tKey\tDate Added"


APPLES = "Déjà Vu\tAda\tX\tFirst\t\t\tPop\t7126978\t240\t1\t1/1/24, 8:52 AM\tAAC\t1\tMac:x.m4a"
TABLES = {
    "apple-music": (f"{APPLE}\r{APPLES}\r", "utf-16"),
    "apple-music-utf8": (f"{APPLE}\n{APPLES}\n", "utf-8"),
    "itunes-on-an-old-mac": (f"{APPLE}\r{APPLES}\r", "mac-roman"),
    "apple-music-es": ("Nombre\tArtista\tÁlbum\tTiempo\nDéjà Vu\tAda\tFirst\t4:00", "utf-16-le"),
    "rekordbox": (f"{REKORDBOX}\r\n1\t\tDéjà Vu\tAda\tFirst\tHouse\t126.00\t***  \t04:00\t11A\t2022-10-01\r\n", "utf-16"),
    "rekordbox-de": (
        "#\tCover\tTitel\tInterpret\tAlbum\tGenre\tBPM\tBewertung\tZeit\r\n1\t\tDéjà Vu\tAda\tFirst\tX\t126,00\t\t04:00",
        "utf-16",
    ),
}


@pytest.mark.parametrize(("text", "encoding"), TABLES.values(), ids=TABLES)
def test_tables_that_are_called_text_are_tables(imported, text, encoding):
    # When
    (mix,), said = imported(text, "Warm-up.txt", encoding)
    # I expect
    (one,) = mix.tracks
    assert (mix.name, one.title, one.artist, one.album, one.duration) == ("Warm-up", "Déjà Vu", "Ada", "First", 240.0)
    assert said == []


def test_when_a_track_was_played_in_a_set_is_not_its_length(imported):
    # Given Serato's history: its first row is about the session
    text = (
        "name,artist,start time,end time,playtime,deck,notes\n"
        '"29/01/2024","","21:00:00","23:00:00","","",""\n"Night","Ada","21:00:12","21:05:10","00:04:58","1",""\n'
    )
    # When
    (mix,), said = imported(text)
    # I expect
    assert [(one.title, one.duration) for one in mix.tracks] == [("Night", None)]
    assert [words.split(": ")[0] for words in said] == ["Friday.csv, row 2"]


def test_several_artists_in_columns_of_their_own_are_joined(imported):
    head = "Video ID,Song Title,Album Title,Artist Name 1,Artist Name 2,Artist Name 3"
    (mix,), _ = imported(f"{head}\ndQw4w9WgXcQ,Night,First,Ada,Bo,\n")
    assert [(one.key, one.artist) for one in mix.tracks] == [("youtube:video:dQw4w9WgXcQ", "Ada, Bo")]


def test_of_two_columns_with_one_name_the_filled_one_counts(imported):
    (mix,), said = imported("Title,Title,Artist,Artist\nNight,,Ada,\n,Day,,Bo\n")
    assert ([(one.title, one.artist) for one in mix.tracks], said) == ([("Night", "Ada"), ("Day", "Bo")], [])


def test_the_albums_artist_counts_only_where_no_other_is_named(imported):
    (with_both,), _ = imported("Title,Album Artist,Artist\nNight,Various Artists,Ada\n")
    (with_one,), _ = imported("Title,Album Artist\nNight,Ada\n")
    assert with_both.tracks[0].artist == with_one.tracks[0].artist == "Ada"


@pytest.mark.parametrize(
    "before", ["\n\n", "# exported by me\n", "Playlist: Friday\n\n", "sep=,\n", '"Friday night, warm"\n', "\ufeff"]
)
def test_a_word_before_the_head_is_passed_over(imported, before):
    (mix,), said = imported(f"{before}title,artist\nNight,Ada\n")
    assert ([one.title for one in mix.tracks], said) == (["Night"], [])


@pytest.mark.parametrize("head", ["TITLE;ARTIST", '" Title " ; "Artist"', "title;artist;;;", "Artist;Title", "tItLe|aRtIsT"])
def test_a_heads_order_case_and_spaces_do_not_matter(imported, head):
    divider = "|" if "|" in head else ";"
    cells = ["Ada", "Night"] if head.startswith("Artist") else ["Night", "Ada"]
    (mix,), said = imported(f"{head}\n{divider.join(cells)}\n")
    assert ([(one.title, one.artist) for one in mix.tracks], said) == ([("Night", "Ada")], [])


def test_a_head_that_comes_again_is_no_track(imported):
    (mix,), said = imported("title,artist\nNight,Ada\n\ntitle,artist\nDay,Ada\n,\n")
    assert ([one.title for one in mix.tracks], said) == (["Night", "Day"], [])


# Rows


@pytest.mark.parametrize(
    "cell",
    [
        *(URI, ID, f"https://open.spotify.com/track/{ID}", f"http://open.spotify.com/track/{ID}?si=a&context=b"),
        *(f"https://open.spotify.com/intl-de/track/{ID}", f"HTTPS://OPEN.SPOTIFY.COM/track/{ID}", f"open.spotify.com/track/{ID}"),
        *(f"https://play.spotify.com/track/{ID}", f"spotify://track/{ID}", f"  {URI} "),
    ],
)
@pytest.mark.parametrize("column", ["Track URI", "Spotify ID", "Spotify URL"])
def test_an_id_of_spotify_is_known_in_every_form(imported, cell, column):
    (mix,), said = imported(f"{column},Track Name,Artist Name\n{cell},Night,Ada\n")
    assert ([one.key for one in mix.tracks], said) == ([URI], [])


@pytest.mark.parametrize(
    ("cell", "isrc"),
    [
        *(("gbarl9300135", "GBARL9300135"), ("GB-ARL-93-00135", "GBARL9300135"), (" GB ARL 93 00135", "GBARL9300135")),
        *(("GBARL9300135;USUM71703861", "GBARL9300135"), ("n/a", ""), ("-", ""), ("0", ""), ("XX-NOPE", "")),
    ],
)
def test_what_is_no_isrc_identifies_no_track(imported, cell, isrc):
    # When
    (mix,), _ = imported(f"title,artist,isrc\nNight,Ada,{cell}\nDay,Bo,{'' if isrc else cell}\n")
    # I expect
    assert mix.tracks[0].isrc == isrc
    assert len({one.key for one in mix.tracks}) == 2


def test_rows_that_lack_empty_cells_at_their_end_are_whole(imported):
    # Given what Excel writes after its sixteenth row, a row that was cut off, and one that was torn in two
    rows = [f"{URI},Night,Ada", ",Day,Ada", f"{URI[:-3]},Dusk,Ada", "and Dawn,Ada,300", "Dawn"]
    text = "\n".join(["Track URI,Track Name,Artist Name(s),Album,ISRC", *rows])
    # When
    (mix,), said = imported(text)
    # I expect
    assert [one.title for one in mix.tracks] == ["Night", "Day"]
    assert [words.split(":")[0] for words in said] == ["Friday.csv, row 4", "Friday.csv, row 5", "Friday.csv, row 6"]
    assert all("cells and not 5" in words for words in said)


@pytest.mark.parametrize(
    ("line", "title", "artist"),
    [
        ('12" Mix,DJ "Q" Man', '12" Mix', 'DJ "Q" Man'),
        ('"Say "Hi" now",Ada', 'Say "Hi" now', "Ada"),
        ('"She said ""Hi""",Ada', 'She said "Hi"', "Ada"),
        ('"Night, "Again"" , "Ada"', 'Night, "Again"', "Ada"),
        ('"Night" ,"Ada"', "Night", "Ada"),
    ],
)
def test_quotes_that_nobody_has_doubled_are_kept(imported, line, title, artist):
    (mix,), said = imported(f"title,artist\n{line}\nDay,Bo\n")
    assert ([(one.title, one.artist) for one in mix.tracks], said) == ([(title, artist), ("Day", "Bo")], [])


def test_a_quote_that_is_never_closed_swallows_no_other_row(imported):
    (mix,), said = imported('title,artist\n"Night,Ada\n' + "".join(f"Title {n},Bo\n" for n in range(40)))
    assert len(mix.tracks) == 40
    assert said == ["Friday.csv, row 2: a quotation mark is not closed; left out"]


@pytest.mark.parametrize("letter", ['"', '""', '"x"', '"" '])
def test_a_line_of_quotes_is_answered_in_no_time(imported, letter):
    (mix,), _ = imported(f"title,artist\n{letter * 30_000}\nNight,Ada\n")
    assert mix.tracks[-1].title == "Night"


def test_a_cell_without_end_costs_its_own_row(imported):
    (mix,), said = imported(f"title,artist\n{'x' * 200_000},Ada\nDay,Bo\n")
    assert [one.title for one in mix.tracks] == ["Day"]
    assert said[0].startswith("Friday.csv, row 2: it cannot be read")


@pytest.mark.parametrize(
    "words", ['=HYPERLINK(""http://x.example"")', "+1-800", "-Minus", "@SUM(1)", "🔥🔥", "\u202eevil", "مرحبا"]
)
def test_words_are_words_whatever_they_look_like(imported, words):
    (mix,), said = imported(f'title,artist\n"{words}",Ada\n')
    assert ([one.title for one in mix.tracks], said) == ([words.replace('""', '"')], [])


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("spotify:local:Ada::Night:200", "somebody's disk"),
        ("https://open.spotify.com/local/Ada//Night/200", "somebody's disk"),
        (f"spotify:episode:{ID}", "no track"),
        (f"https://open.spotify.com/episode/{ID}", "no track"),
        (f"https://open.spotify.com/intl-de/show/{ID}", "no track"),
        (f"spotify:album:{ID}", "no track"),
    ],
)
def test_what_is_no_track_is_not_looked_for_by_its_words(imported, cell, why):
    (mix,), said = imported(f"Track URI,Track Name,Artist Name(s)\n{cell},Night,Ada\n{URI},Day,Ada\n")
    assert [one.title for one in mix.tracks] == ["Day"]
    assert why in said[0]


def test_a_table_without_a_head_is_refused_with_what_it_needs(imported):
    with pytest.raises(Exception, match=r"Friday\.csv has no columns for tracks.*begins with «Night,Ada»"):
        imported("Night,Ada\nDay,Bo\n")
