"""The settings, by the names users already have: flag > environment > `.env` > `crateline.toml` > default."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from crateline.errors import ConfigurationError

Policy = Literal["ours", "fill-if-empty", "never"]
Port = Annotated[int, Field(ge=1, le=65535)]
Folder = Annotated[Path, AfterValidator(Path.expanduser)]


def _listed(value: object) -> object:
    """Words with commas between them, as a list."""
    return [word.strip().lower() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


REDIS = ("redis://", "rediss://", "unix://")


def _of_redis(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not value.get_secret_value().startswith(REDIS):
        raise ValueError(f"it begins with {' or '.join(REDIS)}")
    return value


Formats = Annotated[tuple[Literal["aiff", "wav"], ...], NoDecode, BeforeValidator(_listed)]


class Settings(BaseSettings):
    """Every setting. Secrets are `SecretStr`: they show as stars in logs, errors and `repr`."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        toml_file="crateline.toml",
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    # Notion
    notion_token: SecretStr = SecretStr("")
    notion_base_url: str = "https://api.notion.com"
    notion_requests_per_minute: int = Field(default=180, ge=1, le=600)
    notion_writers: int = Field(default=8, ge=1, le=32)
    tracks_db_id: str = ""
    playlists_db_id: str = ""
    artists_db_id: str = ""
    calendar_db_id: str = ""
    issues_db_id: str = ""
    agent_tasks_db_id: str = ""
    dj_session_type_id: str = ""
    plays_db_id: str = ""
    property_names: dict[str, str] = Field(default_factory=dict)
    property_policies: dict[str, Policy] = Field(default_factory=dict)
    inbox_every_minutes: int = Field(default=15, ge=0)
    inbox_status: str = "Ready"
    inbox_without_link: bool = False

    # Spotify
    spotipy_client_id: str = ""
    spotipy_client_secret: SecretStr = SecretStr("")
    spotipy_redirect_uri: str = "http://127.0.0.1:8888/callback"
    spotify_refresh_token: SecretStr = SecretStr("")
    spotify_all_playlists: bool = True
    enrich_from_spotify: bool = True
    spotify_base_url: str = "https://api.spotify.com"

    # SoundCloud and YouTube
    soundcloud_profile: str = ""
    youtube_player_clients: tuple[str, ...] = ()

    # djay
    djay_pro_db_path: Folder | None = None
    djay_sync_on_disconnect: bool = True
    djay_sync_cooldown: int = 7200
    djay_auto_process_streaming: bool = False
    djay_process_queue_size: int = Field(default=10, ge=1)
    djay_played_with: int = Field(default=10, ge=0, le=100)
    djay_similar: int = Field(default=10, ge=0, le=100)

    # Eagle
    eagle_url: str = ""
    eagle_token: SecretStr = SecretStr("")

    # Files
    out_dir: Folder = Path("music")
    media_root: Folder = Path(".crateline/media")
    backup_dir: Folder | None = None
    wav_backup_dir: Folder | None = None
    extra_formats: Formats = ()
    render_dir: Folder | None = None
    loudness_target: float | None = Field(default=None, ge=-40, le=-5)
    sync_every_minutes: int = Field(default=360, ge=0)
    sync_removed: Literal["keep", "unlink"] = "keep"
    minimum_free_gib: float = Field(default=2.0, ge=0)

    # Sound
    bpm_lowest: float = Field(default=90.0, ge=30, le=140)
    key_notation: Literal["musical", "camelot"] = "musical"
    analysis_time_limit: int = Field(default=600, ge=1)
    analysis_memory_mib: int = Field(default=2048, ge=256)
    match_accept: float = Field(default=0.85, ge=0, le=1)
    match_review: float = Field(default=0.65, ge=0, le=1)

    # The line
    redis_url: Annotated[SecretStr, AfterValidator(_of_redis)] = SecretStr("")
    state_dir: Folder = Path(".crateline")
    lease_seconds: float = Field(default=12.0, ge=1)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    # Web
    crateline_web_token: SecretStr = SecretStr("")
    crateline_web_port: Port = 8484
    flower_basic_auth: SecretStr = SecretStr("")
    crateline_flower_port: Port = 5555

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources as the contract says: flag, environment, `.env`, `crateline.toml`."""
        del file_secret_settings
        return init_settings, env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls)


def load(**flags: object) -> Settings:
    """Read the settings; `flags` win over every other source.

    Raises ConfigurationError naming each wrong setting, never its value.
    """
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "; ".join(_said(one) for one in error.errors(include_input=False))
        raise ConfigurationError(f"The settings are not usable. {wrong}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"crateline.toml is not TOML: {error}") from None
    except SettingsError as error:  # a table that is not JSON; its sentence names the setting and not the value
        raise ConfigurationError(f"The settings are not usable: {error}") from None


def _said(wrong: Mapping[str, Any]) -> str:
    name = ".".join(map(str, wrong["loc"])).upper()
    return f"{name}: {str(wrong['msg']).removeprefix('Value error, ')}"
