"""The files of deploy/: what an operator copies is what the service understands."""

from pathlib import Path

import pytest
import yaml

from config import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
OURS = {name: one for name, one in COMPOSE["services"].items() if "build" in one}
EXAMPLE = dict(
    line.split("=", 1)
    for line in (DEPLOY / "environment.example").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)


class Asked(dict):
    """An environment that remembers which of its names were asked for."""

    def __init__(self, values=()):
        super().__init__(values)
        self.names = set()

    def get(self, name, default=None):
        self.names.add(name)
        return super().get(name, default)


@pytest.fixture
def secrets(tmp_path):
    """The files a secret is read from, by the names they have in a container."""
    for name in COMPOSE["secrets"]:
        (tmp_path / name).write_text(f"{name}, and long enough to be one", encoding="utf-8")
    return tmp_path


def inside(environ, secrets):
    """The environment of a container, its secrets lying where this machine has them."""
    return {name: value.replace("/run/secrets", str(secrets)) for name, value in environ.items()}


@pytest.mark.parametrize("name", OURS)
def test_a_container_starts_with_the_example_as_its_environment(name, secrets):
    environ = inside({**EXAMPLE, **OURS[name]["environment"]}, secrets)

    settings = Settings.from_environ(environ)

    assert settings.bind == "0.0.0.0"  # noqa: S104 - a published port arrives from outside
    assert settings.secret_key.startswith("secret_key")
    assert settings.wechat_secret.startswith("wechat_secret")
    assert set(OURS[name]["secrets"]) == {"secret_key", "data_keys", "wechat_secret"}


def test_only_settings_that_exist_are_named():
    known = Asked()
    Settings.from_environ(known)

    assert EXAMPLE.keys() <= known.names
    for service in OURS.values():
        assert service["environment"].keys() <= known.names


def test_the_published_port_is_the_one_the_service_listens_on():
    (published,) = OURS["web"]["ports"]

    assert published.rpartition(":")[2] == OURS["web"]["environment"]["PORT"]


@pytest.mark.parametrize("file", [".dockerignore", ".gitignore"])
def test_secrets_are_neither_committed_nor_copied_into_the_image(file):
    left_out = {line.rstrip("/") for line in (ROOT / file).read_text(encoding="utf-8").splitlines()}

    assert {"deploy/secrets", "deploy/environment", ".venv", "var"} <= left_out
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("secrets/")
