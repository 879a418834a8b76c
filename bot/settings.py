"""Every setting, in one place, read from the environment or from `.env` and checked at start."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


def read_languages(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """The languages of `locales/languages.txt` with their names: those that are offered, and those in work.

    Raises ValueError for a line of another shape.
    """
    offered: dict[str, str] = {}
    in_work: dict[str, str] = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            code, name, *state = line.split()
            if state not in ([], ["in_work"]):
                raise ValueError(f"locales/languages.txt: {line!r} should be `code name` or `code name in_work`")
            (in_work if state else offered)[code] = name
    return offered, in_work


LANGUAGE_NAMES, LANGUAGES_IN_WORK = read_languages((ROOT / "locales" / "languages.txt").read_text(encoding="utf-8"))
"""The languages of the interface in their own writing; and those that nobody is offered yet."""
LANGUAGES: tuple[str, ...] = tuple(LANGUAGE_NAMES)
"""The languages of the interface, best fallback first."""


class SettingsError(Exception):
    """A setting is wrong. The text names the variable, what is wrong, and what to do."""


class Settings(BaseSettings):
    """The frozen settings of one process. Secrets may come from a file named by `<NAME>_FILE`."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    telegram_token: SecretStr | None = Field(
        default=None,
        description="Token of the Telegram bot, from @BotFather. Without it the terminal chat opens.",
    )
    telegram_api_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://api.telegram.org"),
        description="Address of the Bot API server; a self-hosted one or an emulator.",
    )
    telegram_poll_seconds: int = Field(
        default=15,
        ge=1,
        le=50,
        description="Length of a long poll. A dead connection is noticed 4 s after it, so longer means later.",
    )
    telegram_webhook_url: AnyHttpUrl | None = Field(
        default=None, description="Public https address of the webhook (only for `bot run --webhook`)."
    )
    telegram_webhook_secret: SecretStr | None = Field(
        default=None, description="Secret that Telegram sends with every webhook call; 16 characters or more."
    )
    telegram_webhook_host: str = Field(default="127.0.0.1", description="Address that the webhook server listens on.")
    telegram_webhook_port: int = Field(default=8081, description="Port that the webhook server listens on.")
    database_url: str = Field(
        default=f"sqlite:///{ROOT / 'var' / 'bot.sqlite3'}",
        description="SQLAlchemy address of the database: sqlite:///path or postgresql+psycopg://user:password@host/name.",
    )
    data_key: SecretStr | None = Field(
        default=None,
        description="Key that opens the personal data (`bot keys new` makes one); older keys after it, by commas.",
    )
    data_key_file: Path | None = Field(
        default=None,
        description="File with that key, one a line, newest first; not where the database is. "
        "Empty: data.key in ~/.config/safe-migration, made at the first start.",
    )
    data_key_command: str | None = Field(
        default=None, description="Command that prints that key, such as a call to a key store."
    )
    keyring_copy: Path | None = Field(
        default=None,
        description="The one copy of the persons' keys for backups, on another disk, always overwritten and never kept "
        "in versions. Empty: keyring in ~/.config/safe-migration.",
    )
    keep_messages_days: int = Field(
        default=30, ge=1, description="Days after which messages go; people who wrote nothing since go with them."
    )
    keep_cases_days: int = Field(
        default=30,
        ge=1,
        description="Days after which a closed case goes, with its messages; a day of follow-up holds it until then, "
        "`bot staff keep` for a reason.",
    )
    keep_inbox_hours: int = Field(
        default=48, ge=24, description="Hours that the numbers of done updates are kept (Telegram repeats for 24)."
    )
    keep_outbox_hours: int = Field(
        default=72, ge=48, description="Hours that the states of finished sendings are kept; their words go at once."
    )
    keep_audit_days: int = Field(default=730, ge=30, description="Days that the audit is kept.")
    audit_head_file: Path | None = Field(
        default=None,
        description="File for the newest hash of the audit, best where the database's owner cannot write. Empty: "
        "audit-....head in ~/.config/safe-migration.",
    )
    nlu_url: AnyHttpUrl | None = Field(
        default=None,
        description="Address of a Rasa server elsewhere, or of a load balancer. Empty: the bot starts its own.",
    )
    nlu_port: int = Field(default=5005, description="Loopback port of the bot's own Rasa process; 0 takes a free one.")
    nlu_token: SecretStr | None = Field(
        default=None, description="Token of the Rasa server; made afresh when the bot starts its own."
    )
    nlu_timeout: float = Field(
        default=0.8, gt=0, description="Seconds to wait for the NLU before answering without it."
    )
    nlu_max_chars: int = Field(
        default=2000, gt=0, description="Longer messages are cut to this before the NLU sees them."
    )
    model_dir: Path = Field(default=ROOT / "models", description="Folder of the trained models.")
    questions_dir: Path = Field(
        default=ROOT / "nlu" / "data", description="Folder of the training questions that come with the program."
    )
    held_out_dir: Path = Field(
        default=ROOT / "nlu" / "eval", description="Folder of the questions that models are judged by, never taught."
    )
    training_dir: Path = Field(default=ROOT / "var" / "training", description="Folder in which new models are made.")
    questions_a_day: int = Field(
        default=100, ge=1, description="Training questions of one author, or accepted by one person, in 24 hours."
    )
    gate_form_margin: float = Field(
        default=2.0, ge=0, description="Points that a form may lose before a new model is refused."
    )
    gate_false_card_margin: float = Field(
        default=0.5, ge=0, description="Points that needless help cards may rise before a new model is refused."
    )
    content_dir: Path = Field(default=ROOT / "content", description="Folder of the answers, facts and contacts.")
    default_language: str = Field(default="lo", description="Language when nothing is known about the person.")
    send_rate: float = Field(default=28.0, gt=0, description="Messages a second in all; Telegram allows about 30.")
    send_rate_chat: float = Field(default=1.0, gt=0, description="Sustained messages a second to one chat.")
    alert_rate: int = Field(
        default=8,
        ge=1,
        le=20,
        description="Messages a second of an alert to those who asked for it. The rest of SEND_RATE stays for answers, "
        "which always go first.",
    )
    health_host: str = Field(default="127.0.0.1", description="Address of the health and metrics pages.")
    health_port: int = Field(default=8080, description="Port of the health and metrics pages; 0 turns them off.")
    health_stuck_seconds: float = Field(
        default=45.0,
        gt=0,
        description="Seconds without progress after which a part of the bot counts as stuck: /healthz turns red.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="How much is logged.")
    log_format: Literal["text", "json"] = Field(default="text", description="Log lines for people or for machines.")
    hotline_hours: str = Field(
        default="08:30-16:30",
        description="Hours (Vientiane time, Monday to Friday) in which counsellors answer the chat.",
    )
    answers_per_minute: int = Field(
        default=30, ge=0, description="Answers that one person gets a minute; help always comes. 0 turns the guard off."
    )
    ocr_program: str = Field(
        default="tesseract",
        description="Program that reads the words in pictures; Debian: tesseract-ocr, tesseract-ocr-lao, -tha.",
    )
    ffmpeg_program: str = Field(
        default="ffmpeg",
        description="Program that converts the editors' sound files to OGG/Opus; Debian: ffmpeg.",
    )
    staff_chat_id: str = Field(
        default="",
        description="Telegram chat of the hotline staff that is told of urgent chats (pseudonym only); empty: none.",
    )
    staff_alert_command: str = Field(
        default="",
        description="Program that is told of urgent chats too, for e-mail or a webhook: the words come on its standard "
        "input, pseudonym only. Example: /usr/local/bin/tell-staff duty@example.org",
    )
    console_host: str = Field(
        default="127.0.0.1",
        description="Address that the console listens on; all but loopback need CONSOLE_URL and a proxy with TLS.",
    )
    console_port: int = Field(default=8082, description="Port that the console listens on; 0 turns it off.")
    console_url: AnyHttpUrl | None = Field(
        default=None, description="Public https address of the console when a proxy with TLS stands before it."
    )
    review_twice: str = Field(
        default="",
        pattern=r"^((?:[a-z_]+=)?(?:\d{1,2}|100)( |$))*$",
        description="How many messages of a hundred two people review, also by queue: `10`, `5 urgent=100 sample=50`.",
    )
    content_four_eyes: bool = Field(
        default=True,
        description="A second person approves every change of content. Contacts and urgent topics need one always.",
    )
    organisation: str = Field(default="", description="Name of the organisation that runs the bot, shown by /start.")

    @model_validator(mode="before")
    @classmethod
    def _secrets_from_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        import os

        for name in ("telegram_token", "telegram_webhook_secret", "nlu_token", "database_url"):
            path = os.environ.get(f"{name.upper()}_FILE")
            if path and not values.get(name):
                values[name] = Path(path).read_text(encoding="utf-8").strip()
        return {k: v for k, v in values.items() if v != ""}

    @field_validator("default_language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise ValueError(f"is none of {', '.join(LANGUAGES)}")
        return value

    @field_validator("telegram_token")
    @classmethod
    def _token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and ":" not in value.get_secret_value():
            raise ValueError("a bot token looks like 123456:ABC...; copy it whole from @BotFather")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value.startswith("postgresql://"):
            return value.replace("postgresql://", "postgresql+psycopg://", 1)
        if value.startswith(("sqlite:///", "postgresql+psycopg://")):
            return value
        raise ValueError("use sqlite:///path/to/file or postgresql+psycopg://user:password@host/name")


def load_settings(**overrides: Any) -> Settings:
    """Read and check the settings; `overrides` win over the environment.

    Raises SettingsError that names each wrong variable.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise SettingsError("These settings are wrong (environment or .env):\n" + "\n".join(lines)) from error
    except OSError as error:
        raise SettingsError(f"A file named by a ..._FILE setting cannot be read: {error}") from error


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return load_settings()
