"""A simulated SoundCloud: soundcloud.com, its script assets, api-v2 and the hosts that carry audio.

`app(world, music)` answers by Host, as the unmodified yt-dlp extractor asks:

    soundcloud.com                           the page whose scripts carry the client_id
    a-v2.sndcdn.com                          those scripts
    api-v2.soundcloud.com                    resolve, tracks, playlists, users, search, media
    cf-media.sndcdn.com                      whole files, with Range
    cf-hls-media.sndcdn.com, …               HLS playlists and segments of MP3 and Opus
    playback.media-streaming.soundcloud.cloud  HLS of AAC
    127.0.0.1                                /_sandbox/stats, /_sandbox/faults, /_sandbox/rotate, /_sandbox/expire

Routes for the proxy: `HOSTS`.
"""

from crateline.sandbox.soundcloud.service import HOSTS, app

__all__ = ["HOSTS", "app"]
