"""Every knob of the service, in one frozen object."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

ENVIRONMENTS = ("demo", "dev", "test", "production")
WECHAT_URL = "https://api.weixin.qq.com"
DEMO_APPID = "wxdemo0000000001"  # every copy of this program knows it
SHORTEST_SECRET = 32
CIPHERS = ("aes256gcm", "sm4gcm")
ORIGIN = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?")
DATABASES = ("postgresql+psycopg://", "postgres://", "postgresql://")
QUEUES = ("unix://", "rediss://", "redis://")


class SettingsInvalid(Exception):
    """A setting is missing or wrong; the message names it and says what would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployment may choose. An address that is None is served by the embedded servers."""

    env: str = "demo"
    var: Path = Path("var")
    port: int = 8000
    bind: str = "0.0.0.0"  # noqa: S104 - phones on the same network are the point
    public_url: str = "http://127.0.0.1:8000"
    secret_key: str = ""
    data_keys: str = ""
    data_cipher: str = CIPHERS[0]
    database_url: str | None = None
    worker_database_url: str | None = None
    owner_database_url: str | None = None
    redis_url: str | None = None
    postgres_bin: Path | None = None
    valkey_server: Path | None = None
    wechat_base_url: str = WECHAT_URL
    wechat_appid: str = DEMO_APPID
    wechat_secret: str = ""
    wechat_push_token: str = ""
    wechat_push_aes_key: str = ""
    wechat_templates: Path | None = None
    demo_password: str = ""
    metrics_token: str = ""
    web_workers: int = 2
    web_threads: int = 8
    trusted_proxies: int = 0

    @property
    def secure(self) -> bool:
        """Whether browsers reach the service over HTTPS, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    @property
    def hosts(self) -> list[str] | None:
        """The names we answer to: in production ours and this machine's, elsewhere any."""
        if self.env != "production":
            return None
        return [urlsplit(self.public_url).hostname or "", "127.0.0.1", "localhost"]

    @property
    def demo(self) -> bool:
        return self.env in {"demo", "test"}

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read and check them all; raise `SettingsInvalid` that names the bad one."""
        read = _Reader(environ)
        port = read.number("PORT", 8000, least=1, most=65534)
        settings = cls(
            env=read.choice("ENV", ENVIRONMENTS),
            var=Path(read.text("VAR_DIR", "var")).absolute(),
            port=port,
            bind=read.text("BIND", "0.0.0.0"),  # noqa: S104 - see the field
            public_url=read.origin("PUBLIC_URL", f"http://127.0.0.1:{port}"),
            secret_key=read.secret("SECRET_KEY"),
            data_keys=read.secret("DATA_KEYS"),
            data_cipher=read.choice("DATA_CIPHER", CIPHERS),
            database_url=read.database("DATABASE_URL"),
            worker_database_url=read.database("WORKER_DATABASE_URL"),
            owner_database_url=read.database("OWNER_DATABASE_URL"),
            redis_url=read.address("REDIS_URL", QUEUES),
            postgres_bin=read.path("POSTGRES_BIN"),
            valkey_server=read.path("VALKEY_SERVER"),
            wechat_base_url=read.origin("WECHAT_BASE_URL", WECHAT_URL),
            wechat_appid=read.text("WECHAT_APPID", DEMO_APPID),
            wechat_secret=read.secret("WECHAT_SECRET"),
            wechat_push_token=read.secret("WECHAT_PUSH_TOKEN"),
            wechat_push_aes_key=read.secret("WECHAT_PUSH_AES_KEY"),
            wechat_templates=read.path("WECHAT_TEMPLATES"),
            metrics_token=read.secret("METRICS_TOKEN"),
            demo_password=environ.get("DEMO_PASSWORD", "").strip(),
            web_workers=read.number("WEB_WORKERS", 2, least=1, most=64),
            web_threads=read.number("WEB_THREADS", 8, least=1, most=64),
            trusted_proxies=read.number("TRUSTED_PROXIES", 0, most=5),
        )
        return settings.checked()

    def as_environ(self, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The environment of a child process that is to read these very settings."""
        said = {
            "ENV": self.env,
            "VAR_DIR": str(self.var),
            "PORT": str(self.port),
            "BIND": self.bind,
            "PUBLIC_URL": self.public_url,
            "SECRET_KEY": self.secret_key,
            "DATA_KEYS": self.data_keys,
            "DATA_CIPHER": self.data_cipher,
            "DATABASE_URL": self.database_url,
            "WORKER_DATABASE_URL": self.worker_database_url,
            "OWNER_DATABASE_URL": self.owner_database_url,
            "REDIS_URL": self.redis_url,
            "WECHAT_BASE_URL": self.wechat_base_url,
            "WECHAT_APPID": self.wechat_appid,
            "WECHAT_SECRET": self.wechat_secret,
            "WECHAT_PUSH_TOKEN": self.wechat_push_token,
            "WECHAT_PUSH_AES_KEY": self.wechat_push_aes_key,
            "WECHAT_TEMPLATES": str(self.wechat_templates or ""),
            "METRICS_TOKEN": self.metrics_token,
        }
        return {**environ, **{name: value for name, value in said.items() if value}}

    def with_changes(self, **changes: object) -> "Settings":
        """The same settings but for `changes`, checked again."""
        return replace(self, **changes).checked()  # type: ignore[arg-type]  # replace checks names

    def checked(self) -> "Settings":
        """The same, unless production would be unsafe with them: `SettingsInvalid`."""
        if self.env == "production":
            _check_production(self)
        return self


def is_production(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether people are real here, for a program that needs no other setting."""
    return _Reader(environ).choice("ENV", ENVIRONMENTS) == "production"


def _check_production(settings: Settings) -> None:
    demands = {
        "DATABASE_URL must be set": settings.database_url,
        "REDIS_URL must be set": settings.redis_url,
        "WECHAT_APPID must be your mini-program's": settings.wechat_appid != DEMO_APPID,
        "WECHAT_SECRET must be set": settings.wechat_secret,
        f"SECRET_KEY must have {SHORTEST_SECRET} characters or more": (
            len(settings.secret_key) >= SHORTEST_SECRET
        ),
        "DATA_KEYS_FILE must name the file of the data keys": settings.data_keys,
        "PUBLIC_URL must begin with https://": settings.secure,
        f"WECHAT_BASE_URL must be {WECHAT_URL}": settings.wechat_base_url == WECHAT_URL,
        "DEMO_PASSWORD must not be set": not settings.demo_password,
        f"METRICS_TOKEN must have {SHORTEST_SECRET} characters or more": (
            not settings.metrics_token or len(settings.metrics_token) >= SHORTEST_SECRET
        ),
    }
    for demand, met in demands.items():
        if not met:
            raise SettingsInvalid(f"{demand} when ENV=production")


class _Reader:
    """Reads one variable at a time, and refuses it by name."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str) -> str:
        return self._environ.get(name) or default

    def path(self, name: str) -> Path | None:
        value = self._environ.get(name)
        return Path(value) if value else None

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, choices[0])
        if value not in choices:
            raise SettingsInvalid(f"{name} must be one of {', '.join(choices)}, not {value!r}")
        return value

    def number(self, name: str, default: int, *, least: int = 0, most: int) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch("[0-9]{1,9}", value) or not least <= int(value) <= most:
            raise SettingsInvalid(
                f"{name} must be a whole number from {least} to {most}, not {value!r}"
            )
        return int(value)

    def origin(self, name: str, default: str) -> str:
        """Where a web server answers: the scheme, the host and perhaps a port."""
        value = self.text(name, default).rstrip("/")
        if not ORIGIN.fullmatch(value):
            raise SettingsInvalid(f"{name} must look like https://example.org, not {value!r}")
        return value

    def database(self, name: str) -> str | None:
        """A PostgreSQL address, in the form that names our driver."""
        value = self.address(name, DATABASES)
        return value and DATABASES[0] + value.partition("://")[2]

    def address(self, name: str, schemes: tuple[str, ...]) -> str | None:
        """A server's address; it is not repeated in a refusal, for it may hold a password."""
        value = self._environ.get(name)
        if not value:
            return None
        if not value.startswith(schemes):
            raise SettingsInvalid(f"{name} must begin with {schemes[-1]}")
        try:
            urlsplit(value).port  # noqa: B018 - reading it checks it
        except ValueError as error:
            raise SettingsInvalid(f"{name} is not an address: {error}") from error
        return value

    def secret(self, name: str) -> str:
        """The value of NAME, or what stands in the file that NAME_FILE names."""
        file = self._environ.get(f"{name}_FILE")
        if not file:
            return self._environ.get(name, "")
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsInvalid(f"{name}_FILE cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise SettingsInvalid(f"{name}_FILE must be text in UTF-8") from error
