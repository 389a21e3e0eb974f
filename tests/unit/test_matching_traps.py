"""The traps that DJs' titles set: which pairs are one recording, which are doubtful, which are not."""
# ruff: noqa: RUF001 - Hebrew letters look like other signs

import pytest

from crateline.domain import matching
from crateline.domain.track import Platform
from givens.matches import DOUBT, OTHER, SAME, a_wish, an_offer, said


def compared(pair, *, topic):
    artist, title, length, channel, upload, upload_length = pair
    offer = an_offer(upload, length=upload_length, channel=channel, topic=channel if topic else "")
    return matching.score(a_wish(artist, title, length=length), offer)


TOPIC = [
    # artist, title, seconds, artist of the topic upload, its title, seconds, expected
    ("Slushii", "Twinbow", 166, "Slushii", "Twinbow", 167, SAME),
    ("Slushii, Marshmello", "Twinbow", 166, "Marshmello, Slushii", "Twinbow", 166, SAME),
    ("Slushii", "Twinbow", 166, "Slushii", "Twinbow (Jauz Remix)", 166, OTHER),
    ("Slushii", "Twinbow (Jauz Remix)", 253, "Slushii", "Twinbow", 253, OTHER),
    ("Slushii", "Twinbow (Jauz Remix)", 253, "Slushii", "Twinbow (Habstrakt Remix)", 253, OTHER),
    ("Slushii", "Twinbow (Jauz Remix)", 253, "Slushii, Jauz", "Twinbow - Jauz Remix", 253, SAME),
    ("Slushii", "Twinbow (Jauz Remix)", 253, "Slushii", "Twinbow (Remix)", 253, DOUBT),
    ("Slushii", "Twinbow (Jauz Remix)", 253, "Slushii, Jauz", "Twinbow (Remix)", 253, SAME),
    ("Slushii", "Twinbow (Jauz Extended Remix)", 300, "Slushii", "Twinbow (Jauz Remix)", 301, SAME),
    ("Slushii", "Twinbow (Jauz Remix)", 253, "Slushii", "Twinbow (Jauz VIP Remix)", 253, OTHER),
    ("Deadmau5", "Strobe", 637, "deadmau5", "Strobe (Radio Edit)", 214, OTHER),
    ("deadmau5", "Strobe (Radio Edit)", 214, "deadmau5", "Strobe", 216, SAME),
    ("deadmau5", "Strobe (Club Edit)", 390, "deadmau5", "Strobe - Extended Mix", 391, SAME),
    ("Fisher", "Losing It (Extended Mix)", 368, "FISHER", "Losing It", 380, OTHER),
    ("Fisher", "Losing It", 248, "FISHER", "Losing It (Original Mix)", 248, SAME),
    ("Oasis", "Live Forever", 276, "Oasis", "Live Forever", 276, SAME),
    ("Oasis", "Live Forever", 276, "Oasis", "Live Forever (Live at Knebworth)", 276, OTHER),
    ("Oasis", "Live Forever", 276, "Oasis", "Live Forever - Remastered", 277, SAME),
    ("Taylor Swift", "Long Live", 317, "Taylor Swift", "Long Live (Live)", 317, OTHER),
    ("Taylor Swift", "Love Story", 235, "Taylor Swift", "Love Story (Taylor\u2019s Version)", 235, OTHER),
    ("Beats International", "Dub Be Good To Me", 231, "Beats International", "Dub Be Good To Me", 231, SAME),
    ("Beats International", "Dub Be Good To Me", 231, "Beats International", "Dub Be Good To Me (Dub)", 231, OTHER),
    ("Skrillex", "Ragga Bomb", 251, "Skrillex", "Ragga Bomb (VIP)", 251, OTHER),
    ("Adele", "Hello", 295, "Adele", "Hello (Instrumental)", 295, OTHER),
    ("Adele", "Hello", 295, "Adele", "Hello (Acapella)", 295, OTHER),
    ("Adele", "Hello", 295, "Adele", "Hello (Acoustic Version)", 295, OTHER),
    ("Adele", "Hello", 295, "Sing2Piano", "Hello (Originally Performed by Adele) [Piano Karaoke]", 295, OTHER),
    ("Adele", "Hello", 295, "Adele", "Hello (Sped Up)", 291, OTHER),
    ("Adele", "Hello", 295, "Adele", "Hello (Slowed + Reverb)", 297, OTHER),
    ("Adele", "Hello", 295, "Lionel Richie", "Hello", 295, OTHER),
    ("Adele", "Hello", 295, "Adele", "Hello (Demo)", 295, OTHER),
    ("Eminem", "Stan", 404, "Eminem", "Stan (Clean)", 404, DOUBT),
    ("Eminem", "Stan", 404, "Eminem", "Stan (Explicit)", 404, SAME),
    ("Metallica", "One (Remastered)", 447, "Metallica", "One", 447, SAME),
    (
        "The Rolling Stones",
        "(I Can't Get No) Satisfaction",
        222,
        "The Rolling Stones",
        "(I Can't Get No) Satisfaction - Mono",
        223,
        SAME,
    ),
    ("Burial", "Archangel", 238, "Burial", "Archangel", 262, OTHER),
    ("Burial", "Archangel", 238, "Burial", "Archangel", 250, DOUBT),
    ("Above & Beyond", "Sun & Moon (feat. Richard Bedford)", 326, "Above & Beyond, Richard Bedford", "Sun & Moon", 326, SAME),
    ("Żabson", "Scam", 167, "Zabson", "Scam", 168, SAME),
    ("Noa Kirel, שחר סאול", "מיליון דולר", 173, "Noa Kirel", "מיליון דולר (feat. Shahar Saul)", 174, SAME),
    ("Кино", "Группа крови", 286, "Kino", "Gruppa krovi", 286, SAME),
    ("A$AP Rocky", "Praise the Lord", 205, "ASAP Rocky", "Praise The Lord", 205, SAME),
    ("Ai Kamano", "解憶", 208, "鎌野愛", "解憶", 208, SAME),
    ("Zoom Karaoke", "Hello (Karaoke Version)", 295, "Adele", "Hello", 295, OTHER),
    ("Orbital", "Halcyon (Live at Glastonbury)", 500, "Orbital", "Halcyon (Live at Glastonbury 2004)", 501, SAME),
    ("Justice", "D.A.N.C.E.", 242, "Justice", "D.A.N.C.E", 242, SAME),
    ("Fred again..", "Delilah (pull me out of this)", 251, "Fred again..", "Delilah (pull me out of this)", 251, SAME),
    ("Aphex Twin", "Untitled 1", 200, "Aphex Twin", "Untitled 2", 200, OTHER),
    ("Aphex Twin", "Part II", 200, "Aphex Twin", "Part III", 200, OTHER),
    ("Blur", "Song 2", 122, "Blur", "Song", 122, DOUBT),
    ("Dario Arendt", "Crimson Horizon", 200, "Dario Arendt", "Crimson Harbour", 200, DOUBT),
    ("Dario Arendt", "Orbital Engine", 200, "Katya Arendt", "Electric Engine", 200, OTHER),
    ("Yuki Castellan", "Crimson Basement", 200, "Marlo Jansen", "Restless Basement", 200, OTHER),
    ("Ed Sheeran", "÷", 200, "Ed Sheeran", "+", 200, OTHER),
]

UPLOADS = [
    # artist, title, seconds, uploader, title of the upload, seconds, expected
    ("Slushii", "Twinbow", 166, "Monstercat", "Slushii - Twinbow [Monstercat Release]", 167, SAME),
    ("Slushii", "Twinbow", 166, "some fan", "Twinbow - Slushii (Lyrics)", 166, SAME),
    ("Slushii", "Twinbow", 166, "SlushiiVEVO", "Twinbow (Official Music Video)", 166, SAME),
    ("Alan Walker", "Faded", 212, "AlanWalkerVEVO", "Faded", 212, SAME),
    ("Slushii", "Twinbow (Jauz Remix)", 253, "Jauz", "Slushii - Twinbow Jauz Remix", 253, SAME),
    ("Slushii", "Twinbow", 166, "Jauz", "Slushii - Twinbow Jauz Remix", 166, OTHER),
    ("Slushii", "Twinbow (Jauz Remix)", 253, "Jauz", "Twinbow (Jauz Remix)", 253, SAME),
    ("Slushii", "Twinbow", 166, "SpangeBob", "SpangeBob - Twinbow (prod. x)", 166, OTHER),
    ("Slushii", "Twinbow", 166, "nightcore palace", "Slushii - Twinbow", 166, OTHER),
    ("Slushii", "Twinbow", 166, "x", "「Nightcore」Twinbow - Slushii", 166, OTHER),
    ("Slushii", "Twinbow", 166, "x", "8D | Slushii - Twinbow | 🎧", 166, OTHER),
    ("Slushii", "Twinbow", 166, "x", "Slushii - Twinbow sped up", 166, OTHER),
    ("Adele", "Hello", 295, "Zoom Karaoke Official", "Adele - Hello", 295, OTHER),
    ("Adele", "Hello", 295, "Zoom Karaoke Official", "Hello - Adele", 295, OTHER),
    ("The Kid LAROI, Justin Bieber", "STAY", 142, "x", "STAY x Blinding Lights - The Kid LAROI, The Weeknd (MASHUP)", 142, OTHER),
    ("Billy Joel", "Piano Man", 339, "x", "Billy Joel - Piano Man - Live @ Madison Square Garden", 339, OTHER),
    ("Bicep", "Glue", 269, "Boiler Room", "Bicep - Glue", 269, SAME),
    ("Bicep", "Glue", 269, "Boiler Room", "Bicep | Boiler Room London DJ Set", 3600, OTHER),
    ("Bicep", "Glue", 269, "Ninja Tune", "Bicep - Glue (Teaser)", 269, OTHER),
    ("Bicep", "Glue", 269, "Ninja Tune", "PREMIERE: Bicep - Glue (Original Mix) [Ninja Tune]", 270, SAME),
    ("Bicep", "Glue", 269, "fan", "Bicep - Glue (Free Download)", 270, SAME),
    ("Bicep", "Glue", 269, "fan", "Bicep Glue", 270, SAME),
    ("Bicep", "Glue", 269, "fan", "Glue by Bicep", 270, SAME),
    ("Tuna", "י'א 2", 176, "fan", 'טונה - י"א 2 (קריוקי)', 177, OTHER),
    ("Tuna", "י'א 2", 176, "fan", 'טונה - י"א 2', 177, SAME),
    ("Oasis", "Live Forever", 276, "fan", "Oasis - Live Forever", 276, SAME),
    ("Oasis", "Wonderwall", 258, "fan", "Oasis - Wonderwall (Cover by Somebody)", 258, OTHER),
    ("Beats International", "Dub Be Good To Me", 231, "fan", "Beats International - Dub Be Good To Me", 231, SAME),
    ("Madonna", "Music", 225, "fan", "Madonna - Music", 225, SAME),
    ("Slushii", "Twinbow (Habstrakt Remix)", 253, "Jauz", "Slushii - Twinbow Jauz Remix", 253, OTHER),
    ("Camelphat", "Cola", 222, "x", "Camelphat - Cola (Vintage Culture Bootleg)", 222, OTHER),
]


@pytest.mark.parametrize(
    ("song", "upload"), [("Bicep - Glue", "Bicep - Rain"), ("Viktor Eklund - Mirror", "Viktor Eklund - Lantern")]
)
def test_one_label_uploads_many_tracks_of_one_artist(song, upload):
    wish = a_wish("Label", song, length=200, platform=Platform.SOUNDCLOUD)
    assert said(matching.score(wish, an_offer(upload, length=200, channel="Label")).total) == OTHER


@pytest.mark.parametrize("row", TOPIC, ids=lambda row: f"{row[1]} / {row[4]}")
def test_a_catalogue_upload_is_judged_by_its_words(row):
    *pair, expected = row
    score = compared(pair, topic=True)
    assert said(score.total) == expected, score


@pytest.mark.parametrize("row", UPLOADS, ids=lambda row: f"{row[1]} / {row[4]}")
def test_an_upload_by_anybody_is_read_for_artist_and_title(row):
    *pair, expected = row
    score = compared(pair, topic=False)
    assert said(score.total) == expected, score
