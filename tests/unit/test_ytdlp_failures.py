import errno
import io

import pytest
from yt_dlp.networking import Request, Response
from yt_dlp.networking import exceptions as networking
from yt_dlp.utils import DownloadCancelled, DownloadError, ExtractorError, GeoRestrictedError, UnsupportedError

from crateline import errors
from crateline.clients import ytdlp
from crateline.clients.ytdlp_failures import TABLE, translate

KEY = "soundcloud:tracks:1"
API = "https://api-v2.soundcloud.com/resolve"
MEDIA = "https://api-v2.soundcloud.com/media/soundcloud:tracks:1/x/stream/hls"
CDN = "https://cf-media.sndcdn.com/x.128.mp3"
VIDEO = "https://rr3---sn-4g5e6nez.googlevideo.com/videoplayback"


def http(status, url=API, **headers):
    response = Response(io.BytesIO(b""), url, {name.replace("_", "-"): value for name, value in headers.items()}, status=status)
    return networking.HTTPError(response)


def extractor(cause=None, text="Unable to download JSON metadata", *, expected=False):
    return ExtractorError(text, cause=cause, expected=expected)


def download(inner):
    return DownloadError(f"ERROR: {inner}", (type(inner), inner, None))


def fragment(number, inner):
    return DownloadError(f"ERROR: fragment {number} not found, unable to continue", (type(inner), inner, None))


def with_cause(error, cause):
    error.__cause__ = cause
    return error


ROWS = [
    # what yt-dlp raises, what it becomes, whom it names
    (with_cause(networking.RequestError("x"), errors.Throttled("soundcloud-api", "full", 5)), errors.Throttled, "soundcloud-api"),
    (download(with_cause(ExtractorError("x"), errors.Interrupted("stop"))), errors.Interrupted, None),
    (DownloadCancelled("stop"), errors.Interrupted, None),
    (download(OSError(errno.ENOSPC, "No space left on device")), errors.ServiceStopped, "disk"),
    (download(PermissionError(errno.EACCES, "Permission denied")), errors.ServiceStopped, "disk"),
    (download(extractor(text="Sign in to confirm you\u2019re not a bot.")), errors.ServiceStopped, "youtube"),
    (download(extractor(text="Sign in to confirm you're not a bot")), errors.ServiceStopped, "youtube"),
    (extractor(text="Your session has been rate-limited by YouTube for up to an hour"), errors.Throttled, "youtube"),
    (extractor(text="This content isn\u2019t available, try again later."), errors.Throttled, "youtube"),
    (extractor(networking.CertificateVerifyError("self-signed certificate")), errors.ServiceStopped, "soundcloud-api"),
    (download(GeoRestrictedError("not available from your location")), errors.RegionBlocked, None),
    (extractor(text="The uploader has not made this video available in your country"), errors.RegionBlocked, None),
    (extractor(http(451)), errors.RegionBlocked, None),
    (download(extractor(text="[soundcloud] 1: This video is DRM protected", expected=True)), errors.Protected, None),
    (fragment(3, http(404, CDN)), errors.Unavailable, "soundcloud-media"),
    (extractor(text="Unable to extract client id"), errors.Unavailable, "soundcloud-api"),
    (download(http(403, CDN)), errors.Unavailable, "soundcloud-media"),
    (http(403, VIDEO), errors.Unavailable, "youtube"),
    (http(404, CDN), errors.Unavailable, "soundcloud-media"),
    (http(429, MEDIA), errors.Throttled, "soundcloud-media"),
    (extractor(http(429)), errors.Throttled, "soundcloud-api"),
    (download(extractor(http(404))), errors.Gone, None),
    (http(410), errors.Gone, None),
    (extractor(http(401)), errors.CredentialsRefused, "soundcloud-api"),
    (extractor(http(403)), errors.CredentialsRefused, "soundcloud-api"),
    (extractor(http(403, MEDIA)), errors.CredentialsRefused, "soundcloud-media"),
    (extractor(http(500)), errors.Unavailable, "soundcloud-api"),
    (http(502, MEDIA), errors.Unavailable, "soundcloud-media"),
    (extractor(http(408)), errors.Unavailable, "soundcloud-api"),
    (extractor(http(400)), errors.Rejected, "soundcloud-api"),
    (download(extractor(text="Private video. Sign in if you've been granted access", expected=True)), errors.Gone, None),
    (extractor(text="Video unavailable. This video has been removed by the uploader"), errors.Gone, None),
    (extractor(text="Sign in to confirm your age. This video may be inappropriate"), errors.Gone, None),
    (extractor(text="Join this channel to get access to members-only content"), errors.Gone, None),
    (extractor(text="Requested format is not available. Use --list-formats"), errors.SourceError, None),
    (extractor(text="No video formats found!"), errors.SourceError, None),
    (extractor(ValueError("x"), text="Failed to parse JSON"), errors.Unavailable, "soundcloud-api"),
    (download(networking.TransportError("Connection reset by peer")), errors.Unavailable, "soundcloud-api"),
    (networking.IncompleteRead(10, 20), errors.Unavailable, "soundcloud-api"),
    (TimeoutError("timed out"), errors.Unavailable, "soundcloud-api"),
    (ConnectionResetError("reset"), errors.Unavailable, "soundcloud-api"),
    (networking.ProxyError("Tunnel connection failed: 502"), errors.Unavailable, "soundcloud-api"),
    (DownloadError("ERROR: content too short (expected 10 bytes and served 5)"), errors.Unavailable, "soundcloud-api"),
    (DownloadError("ERROR: [download] Got error: HTTP Error 503: Service Unavailable"), errors.Unavailable, "soundcloud-api"),
    (DownloadError("ERROR: [download] Got error: ('Unable to connect to proxy')"), errors.Unavailable, "soundcloud-api"),
    (UnsupportedError("https://soundcloud.com/discover"), errors.Rejected, "soundcloud-api"),
    (networking.RequestError("odd"), errors.Unavailable, "soundcloud-api"),
    (extractor(text="the page has a new shape"), errors.Rejected, "soundcloud-api"),
]


@pytest.mark.parametrize(
    ("raised", "kind", "service"), ROWS, ids=lambda value: str(value)[:60] if isinstance(value, Exception) else ""
)
def test_each_failure_becomes_what_has_to_be_done_about_it(raised, kind, service):
    found = translate(raised, service="soundcloud-api", key=KEY, service_of=ytdlp.service_of)
    assert type(found) is kind
    assert getattr(found, "service", None) == service


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_no_row_of_the_table_is_without_an_example(row):
    failures = [ytdlp.ytdlp_failures._failure(raised, "soundcloud-api", KEY, ytdlp.service_of) for raised, _, _ in ROWS]
    assert any(next(one for one in TABLE if one.fits(failure)) is row for failure in failures)


def test_a_listing_that_is_missing_is_not_found_rather_than_a_lost_track():
    found = translate(extractor(http(404)), service="soundcloud-api", service_of=ytdlp.service_of)
    assert type(found) is errors.NotFound


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("0.5", 0.5), ("Wed, 21 Oct 2026 07:28:00 GMT", 60.0), ("", 60.0)])
def test_the_wait_that_a_service_asks_for_is_kept(header, seconds):
    found = translate(extractor(http(429, Retry_After=header)), service="soundcloud-api", service_of=ytdlp.service_of)
    assert found.retry_after == seconds


def test_an_earlier_failure_that_was_dealt_with_says_nothing():
    # Given a client_id that was refused, and a page that then gave no new one
    try:
        try:
            raise extractor(http(401))
        except ExtractorError:
            raise extractor(text="Unable to extract client id")  # noqa: B904 - as yt-dlp raises it
    except ExtractorError as error:
        raised = error
    # I expect a passing fault, not refused credentials
    assert type(translate(raised, service="soundcloud-api")) is errors.Unavailable


def test_what_a_person_reads_has_no_request_to_report_a_bug():
    raised = download(extractor(http(500)))
    assert "report" in str(raised)
    found = translate(raised, service="soundcloud-api", service_of=ytdlp.service_of)
    assert "report" not in str(found)
    assert "HTTP 500" in str(found)


@pytest.mark.parametrize(
    ("url", "service"),
    [
        ("https://api-v2.soundcloud.com/resolve?url=x", "soundcloud-api"),
        ("https://soundcloud.com/", "soundcloud-api"),
        ("https://on.soundcloud.com/abc", "soundcloud-api"),
        ("https://api-v2.soundcloud.com/media/soundcloud:tracks:1/u/stream/hls", "soundcloud-media"),
        ("https://a-v2.sndcdn.com/assets/1.js", None),
        ("https://cf-hls-media.sndcdn.com/media/0/1/x.mp3", None),
        ("https://playback.media-streaming.soundcloud.cloud/x/playlist.m3u8", None),
        ("https://www.youtube.com/youtubei/v1/player", "youtube"),
        ("https://youtubei.googleapis.com/youtubei/v1/player", "youtube"),
        ("https://rr3---sn-x.googlevideo.com/videoplayback", None),
    ],
)
def test_a_request_spends_the_budget_of_its_host_and_audio_is_free(url, service):
    assert ytdlp.toll(url) == service


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com/",
        "https://soundcloud.com.evil.example/",
        "https://notsoundcloud.com/",
        "https://soundcloud.com@evil.example/",
        "file:///etc/passwd",
        "ftp://soundcloud.com/x",
        "http://127.0.0.1:8080/",
        "https://169.254.169.254/latest/meta-data/",
        "",
    ],
)
def test_a_foreign_host_is_refused(url):
    with pytest.raises(errors.Rejected, match="not a host"):
        ytdlp.toll(url)


def test_nothing_is_sent_to_a_foreign_host_or_without_a_budget(tmp_path):
    # Given a downloader that was given the budget of YouTube alone
    with ytdlp.open_downloader(asks={"youtube": lambda: None}, cache_dir=tmp_path) as ydl:
        # When it is made to ask elsewhere, I expect a refusal before any connection
        for request in ("https://evil.example.com/", Request("https://evil.example.com/")):
            with pytest.raises(errors.Rejected, match="not a host"):
                ydl.urlopen(request)
        with pytest.raises(errors.Rejected, match="no budget"):
            ydl.urlopen("https://api-v2.soundcloud.com/resolve")


def test_an_error_found_under_the_key_of_its_source_is_told_under_the_one_asked_for():
    with pytest.raises(errors.Preview) as caught, ytdlp.translated("soundcloud-api", key="spotify:track:x"):
        raise errors.Preview("soundcloud:tracks:1", "an excerpt")
    assert caught.value.key == "spotify:track:x"


SENTENCES = [
    (http(404), "there is nothing at this address, or it is private (HTTP 404 Not Found)"),
    (http(403), "the service does not let us in (HTTP 403 Forbidden)"),
    (http(599), "the service has a fault (HTTP 599)"),
    (
        networking.TransportError("[Errno 111] Connection refused"),
        "the connection failed (Unable to download JSON metadata: [Errno 111] Connection refused)",
    ),
    (ValueError("no answer"), "yt-dlp could not read it (Unable to download JSON metadata: no answer)"),
]


@pytest.mark.parametrize(("cause", "sentence"), SENTENCES)
def test_what_a_person_reads_holds_none_of_yt_dlps_innards(cause, sentence):
    # Given a failure as yt-dlp nests it
    inner = extractor(cause, text="Unable to download JSON metadata")
    inner = ExtractorError(inner.orig_msg, cause=cause, ie="soundcloud", video_id="resolve", expected=True)

    # When
    error = translate(download(inner), service="soundcloud-api")

    # I expect one sentence
    said = str(error)
    assert said == f"soundcloud-api: {sentence}"
    for innards in ("ERROR", "[soundcloud]", "caused by", "<", "resolve"):
        assert innards not in said


def test_a_folder_that_takes_no_file_is_named():
    # When
    error = translate(download(OSError(errno.ENOSPC, "No space left on device", "/media/originals/ab/x.part")), service="youtube")

    # I expect
    assert (error.service, error.cause) == ("disk", "folder:/media/originals/ab")
    assert error.detail == "a file could not be written: No space left on device"
