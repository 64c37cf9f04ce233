"""What cannot start says why in one sentence, by name, and ends with 1."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from app.core.embedded import Servers
from app.core.vault import DataKeys
from config import Settings, SettingsInvalid
from tests.support.house import House, refused

SOMEBODY_ELSE = 54_321

BAD = {
    "PORT": "http",
    "ENV": "prod",
    "DATABASE_URL": "mysql://db/red",
    "OWNER_DATABASE_URL": "postgresql://db:port/red",
    "REDIS_URL": "localhost:6379",
    "PUBLIC_URL": "red.example.org",
    "WECHAT_BASE_URL": "ftp://api.weixin.qq.com",
    "WEB_WORKERS": "0",
    "WEB_THREADS": "many",
    "TRUSTED_PROXIES": "-1",
    "SECRET_KEY_FILE": "/no/such/file",
    "WECHAT_SECRET_FILE": "/no/such/file",
    "DATA_KEYS_FILE": "/no/such/file",
    "DATA_CIPHER": "rot13",
}
SEEN_LATER = {
    "BIND": "no-such-interface.invalid",
    "POSTGRES_BIN": "/no/such/folder",
    "VALKEY_SERVER": "/no/such/program",
}


@pytest.fixture
def house(tmp_path):
    """A house that has not been started yet."""
    house = House(tmp_path / "var")
    yield house
    house.leave()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_setting_is_refused_by_its_name(name):
    with pytest.raises(SettingsInvalid, match=name):
        Settings.from_environ({name: BAD[name]})


@pytest.mark.parametrize("name", SEEN_LATER)
def test_a_setting_that_does_not_fit_this_machine_is_named(house, name):
    assert name in refused(house, **{name: SEEN_LATER[name]})


def test_production_names_what_it_lacks(house):
    sentence = refused(house, ENV="production")

    assert sentence == "DATABASE_URL must be set when ENV=production"


def test_production_refuses_the_mini_program_of_the_demo():
    environ = {
        "ENV": "production",
        "DATABASE_URL": "postgresql://app@db/red",
        "REDIS_URL": "redis://queue",
        "SECRET_KEY": "x" * 40,
        "DATA_KEYS": DataKeys.new().text(),
        "WECHAT_SECRET": "s",
        "PUBLIC_URL": "https://points.example.org",
    }

    with pytest.raises(SettingsInvalid, match="WECHAT_APPID"):
        Settings.from_environ(environ)

    assert Settings.from_environ({**environ, "WECHAT_APPID": "wx1"}).env == "production"


@pytest.mark.parametrize("distance", [0, 1])
def test_a_taken_port_is_named(house, distance):
    with socket.create_server(("127.0.0.1", house.port + distance)):
        sentence = refused(house)

    assert f"Port {house.port + distance}" in sentence
    assert "PORT" in sentence
    assert not house.var.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_not_touched(house):
    house.var.mkdir()
    os.chown(house.var, SOMEBODY_ELSE, SOMEBODY_ELSE)

    sentence = refused(house)

    assert f"{house.var} belongs to user id {SOMEBODY_ELSE}" in sentence
    assert list(house.var.iterdir()) == []


def test_a_folder_that_is_a_file_is_named(house):
    house.var.write_text("not a folder", encoding="utf-8")

    assert str(house.var) in refused(house)


def test_a_database_that_does_not_answer_is_told(house):
    sentence = refused(house, DATABASE_URL=f"postgresql://me@127.0.0.1:{house.port}/red")

    assert "DATABASE_URL" in sentence


@pytest.fixture
def small_disk(request, house):
    """A disk of its own for the folder; anybody may pass, so that the data stay on it."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    place = Path("/mnt") / f"red-account-{os.getpid()}"
    place.mkdir(mode=0o755, exist_ok=True)
    options = f"mode=0755,{request.param}"
    mounted = subprocess.run(
        [mount or "mount", "-t", "tmpfs", "-o", options, "tmpfs", place],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        place.rmdir()
        pytest.skip("this machine lets nobody mount a small disk")
    house.var = place / "var"
    yield house
    subprocess.run([unmount or "umount", place], check=True)
    place.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize(
    ("small_disk", "said"),
    [("size=64m", "are free on the disk"), ("nr_inodes=4", "is full")],
    indirect=["small_disk"],
    ids=["little room", "no room"],
)
def test_a_full_disk_is_told(small_disk, said):
    sentence = refused(small_disk)

    assert said in sentence
    assert "free some space" in sentence
    assert str(small_disk.var) in sentence


def test_a_database_of_a_newer_version_is_left_alone(house):
    with Servers(var=house.var, durable=False) as servers:
        servers.ensure_database()
        with house.connect("postgres") as owner:
            owner.execute("CREATE TABLE alembic_version (version_num text)")
            owner.execute("INSERT INTO alembic_version VALUES ('9999')")

    sentence = refused(house)

    assert "9999" in sentence
    assert "newer" in sentence


def test_a_role_that_walls_cannot_hold_is_told_to_a_command(house):
    with Servers(var=house.var, durable=False) as servers:
        servers.ensure_database()
        with house.connect("postgres") as owner:
            owner.execute("CREATE ROLE app LOGIN SUPERUSER")

    outcome = house.command("verify")

    assert outcome.returncode == 1
    assert outcome.stderr.startswith("red-account: The role app is a superuser")
    assert outcome.stderr.count("\n") == 1


def test_servers_that_another_program_has_are_not_borrowed(house):
    with Servers(var=house.var, durable=False):
        house.lines.clear()
        house.open()
        code = house.wait()

    assert code == 1
    assert "Another process holds" in house.said()
