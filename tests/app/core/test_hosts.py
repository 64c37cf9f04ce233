"""In production the service answers to its own name only."""

import pytest

from app import create_app
from config import Settings


@pytest.fixture
def client(settings):
    production = Settings(
        env="production",
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        secret_key="x" * 40,
        wechat_secret="s",
        public_url="https://points.example.org",
    )
    app = create_app(production)
    yield app.test_client()
    app.extensions["database"].engine.dispose()


@pytest.mark.parametrize("path", ["/me", "/staff/login", "/api/v1/sessions", "/q/Sxxx/visit"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_name_is_refused_whatever_is_asked(client, method, path):
    answer = client.open(path, method=method, headers={"Host": "evil.example.com"})

    assert answer.status_code == 400
    assert answer.json["code"] == "foreign_host"


def test_its_own_name_and_this_machines_are_known(client):
    for host in ("points.example.org", "127.0.0.1:8000", "localhost"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_pages_allow_nothing_from_elsewhere(client):
    page = client.get("/staff/login", headers={"Host": "points.example.org"})

    policy = page.headers["Content-Security-Policy"].split("; ")
    assert "default-src 'self'" in policy
    assert [part for part in policy if "unsafe" in part or "http" in part or "*" in part] == []
