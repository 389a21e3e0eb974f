"""Pictures for the imaginary recordings: small, all different, JPEG as a rule and PNG now and then."""

import functools
import hashlib
import subprocess

from starlette.responses import Response

from crateline.sandbox.music import ffmpeg

HUES = 6
PNG_EVERY = 16
"""Of so many pictures one is a PNG, whatever its address ends with: SoundCloud keeps what was uploaded."""
SIDE = 500


def response(identity: str) -> Response:
    """The picture that belongs to an identity, always the same."""
    number = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:4], "big")
    if number % PNG_EVERY == 0:
        return Response(_drawn("png", number % HUES), media_type="image/png")
    return Response(_signed(_drawn("mjpeg", number % HUES), identity.encode()), media_type="image/jpeg")


@functools.cache
def _drawn(codec: str, hue: int) -> bytes:
    picture = f"gradients=s={SIDE}x{SIDE}:c0=black:c1=0x{0xE0 >> hue:02x}{0x30 * hue & 0xFF:02x}{0x80 | hue << 4:02x}:d=1"
    command = [ffmpeg(), "-v", "error", "-f", "lavfi", "-i", picture, "-frames:v", "1", "-c:v", codec, "-f", "image2pipe", "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def _signed(jpeg: bytes, words: bytes) -> bytes:
    """A JPEG with a comment behind its first marker, so that no two are equal."""
    comment = b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words
    return jpeg[:2] + comment + jpeg[2:]
