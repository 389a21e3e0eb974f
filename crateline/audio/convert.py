# mypy: allow-untyped-calls
# mutagen is typed in its outline only.
"""Masters: a recording as ALAC, AIFF or WAV, bare of any tags, complete or not there at all."""

import re
from pathlib import Path

import mutagen
import mutagen.mp4

from crateline.audio import decode, ffmpeg, pcm
from crateline.audio.replacement import replacing
from crateline.errors import MediaError

RECIPE = 2
"""Raised whenever the same original would become another master."""

_CD_BITS = 16
_PLAYER_RATES = (44_100, 48_000)
_CD_FAMILY = 11_025  # 22.05, 88.2 and 176.4 kHz are simple multiples: they go to 44.1 kHz, all others to 48
_COVER_PIXELS = 1200
_COVER_LIMIT = 60.0  # seconds
_OUT_TIME = re.compile(rb"out_time_us=(\d+)")
_LENGTH_SLACK = 0.1  # seconds between what went into the target and what its container says

_WHAT = ("-map", "0:a:0", "-vn", "-map_metadata", "-1", "-map_chapters", "-1")
_CHANNELS = "aformat=channel_layouts=stereo|mono"
_DITHER = ("-dither_method", "triangular")
_SAME_BYTES_EACH_TIME = ("-fflags", "+bitexact", "-flags:a", "+bitexact")
_SUM_LIMIT = 120.0  # seconds to read a file through, from a slow disk
_SUM = re.compile(rb"MD5=([0-9a-f]{32})")


def to_alac(source: Path, target: Path, *, cover: Path | None = None, time_limit: float) -> None:
    """Make an M4A with Apple Lossless: 16 bits, or 24 if the source is lossless and better than that.

    Left to itself ffmpeg spends 24 bits on every lossy source, and 64 % more disk. `cover` is a JPEG, PNG or WebP file.
    Sample rate and channels stay (more than two channels are mixed down). Nothing is changed in loudness.
    Raises MediaError if the source is damaged or ends early, or the cover is not a picture; ServiceStopped if the disk is full.
    """
    sample = "s16p" if bits(source) <= _CD_BITS else "s32p"
    picture = None if cover is None else jpeg(cover)
    with replacing(target) as part:
        _convert(source, part, ["-c:a", "alac", "-sample_fmt", sample, "-f", "ipod"], time_limit)
        if picture is not None:
            _embed(part, picture)


def to_aiff(source: Path, target: Path, *, time_limit: float) -> None:
    """Make an AIFF as players take it: 16 bits, or 24 if the source is lossless and better; 44.1 or 48 kHz; two channels at most.

    Raises as `to_alac`.
    """
    codec = "pcm_s16be" if bits(source) <= _CD_BITS else "pcm_s24be"
    with replacing(target) as part:
        _convert(source, part, [*_rate(source), "-c:a", codec, "-f", "aiff"], time_limit)


def to_wav(source: Path, target: Path, *, time_limit: float) -> None:
    """Make a WAV of the same bits, rates and channels as the AIFF, behind a plain header: never WAVE_EXTENSIBLE.

    Raises as `to_alac`.
    """
    codec = "pcm_s16le" if bits(source) <= _CD_BITS else "pcm_s24le"
    with replacing(target) as part:
        _convert(source, part, [*_rate(source), "-c:a", codec, "-f", "wav"], time_limit)
        with replacing(part) as headed:
            pcm.plain(part, headed)


def amplify(master: Path, target: Path, gain: float, *, time_limit: float) -> None:
    """Make a copy of an ALAC master that is `gain` dB louder, of the same bits (dithered, if 16), with its tags and cover.

    The caller sees to it that no peak exceeds full scale. Raises as `to_alac`.
    """
    fine = bits(master) > _CD_BITS
    form = [*(() if fine else _DITHER), "-c:a", "alac", "-sample_fmt", "s32p" if fine else "s16p", "-f", "ipod"]
    with replacing(target) as part:
        _convert(master, part, form, time_limit, filters=f"volume={gain:.2f}dB:precision=double")
        _carry_over(master, part)


def sound(path: Path) -> str:
    """Name the sound in a file, whatever its tags: the MD5 of its packets as they lie there. Nothing is decoded.

    Equal for two files with equal sound in the same form. Raises MediaError if it is no recording.
    """
    said = bytearray()
    arguments = ["-map", "0:a:0", "-vn", "-c", "copy", "-f", "md5", "pipe:1"]
    ffmpeg.run([*ffmpeg.recording(path), *arguments], subject=path, time_limit=_SUM_LIMIT, sink=said.extend)
    found = _SUM.search(said)
    if found is None:
        raise MediaError("ffmpeg did not name the sound in this file", str(path))
    return found[1].decode()


def bits(source: Path) -> int:
    """Bits per sample of a lossless source; 16 for a lossy one, which has no such number."""
    try:
        info = getattr(mutagen.File(source), "info", None)
    except mutagen.MutagenError:
        return _CD_BITS
    if isinstance(info, mutagen.mp4.MP4Info) and info.codec != "alac":
        return _CD_BITS
    return int(getattr(info, "bits_per_sample", 0)) or _CD_BITS


def jpeg(picture: Path) -> bytes:
    """Turn a JPEG, PNG or WebP file into a JPEG of at most 1200 pixels a side. Raises MediaError if it is none of them."""
    size = f"scale='min({_COVER_PIXELS},iw)':'min({_COVER_PIXELS},ih)':force_original_aspect_ratio=decrease"
    image = bytearray()
    arguments = ["-map", "0:v:0", "-frames:v", "1", "-vf", size, "-c:v", "mjpeg", "-q:v", "3"]
    arguments += [*_SAME_BYTES_EACH_TIME, "-flags:v", "+bitexact", "-f", "image2pipe", "pipe:1"]
    ffmpeg.run([*ffmpeg.picture(picture), *arguments], subject=picture, time_limit=_COVER_LIMIT, sink=image.extend)
    return bytes(image)


def _rate(source: Path) -> tuple[str, ...]:
    """Bring a rate that players do not take to the nearest that they do."""
    try:
        rate = int(getattr(getattr(mutagen.File(source), "info", None), "sample_rate", 0))
    except mutagen.MutagenError:
        rate = 0
    if rate in _PLAYER_RATES:
        return ()
    return ("-ar", str(_PLAYER_RATES[0] if rate and rate % _CD_FAMILY == 0 else _PLAYER_RATES[1]))


def _convert(source: Path, part: Path, form: list[str], time_limit: float, *, filters: str = "") -> None:
    graph = ",".join(filter(None, (_CHANNELS, filters)))
    progress = bytearray()
    # -y: asked for an existing file without it, ffmpeg does nothing and says 0.
    arguments = [*_WHAT, "-af", graph, *form, *_SAME_BYTES_EACH_TIME, "-progress", "pipe:1", "-y", ffmpeg.output(part)]
    messages = ffmpeg.run([*ffmpeg.recording(source), *arguments], subject=source, time_limit=time_limit, sink=progress.extend)
    times = _OUT_TIME.findall(progress)
    written = int(times[-1]) / 1e6 if times else 0.0
    decode.check_length(source, written, messages)
    held = decode.declared_duration(part) or 0.0
    if not written or abs(held - written) > _LENGTH_SLACK:
        raise MediaError(f"The conversion is incomplete: {held:.1f} s of {written:.1f} s were written", str(source))


def _embed(part: Path, picture: bytes) -> None:
    file = mutagen.mp4.MP4(part)
    file["covr"] = [mutagen.mp4.MP4Cover(picture, mutagen.mp4.MP4Cover.FORMAT_JPEG)]
    file.save()


def _carry_over(master: Path, part: Path) -> None:
    """Put all of a master's tags into its copy: ours, the cover, and what other programs have written."""
    file = mutagen.mp4.MP4(part)
    file.tags = mutagen.mp4.MP4(master).tags
    file.save()
