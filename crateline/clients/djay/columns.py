"""The five CSV files that hold a library: their names and their columns."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "djay_library_tracks": (
        "track_id", "title", "artist", "album", "genre", "duration_sec", "bpm", "key", "key_camelot", "source_type",
        "source_id", "file_path", "added_date", "last_played", "play_count",
    ),
    "djay_library_streaming": (
        "track_id", "source_type", "source_track_id", "source_url", "artist", "title", "duration_sec", "is_available",
    ),
    "djay_session_history": (
        "session_id", "device_name", "device_type", "start_time", "end_time", "duration_min", "track_count",
    ),
    "djay_session_tracks": ("play_id", "session_id", "track_id", "deck_number", "play_start", "title", "artist", "bpm"),
    "djay_playlists": ("playlist_id", "playlist_name", "track_id", "position", "added_date"),
}  # fmt: skip
"""The columns of each file by its stem, in their order."""

TRACKS, STREAMING, SESSIONS, PLAYS, PLAYLISTS = COLUMNS
IDS = {TRACKS: "track_id", STREAMING: "track_id", SESSIONS: "session_id", PLAYS: "play_id", PLAYLISTS: "playlist_id"}
