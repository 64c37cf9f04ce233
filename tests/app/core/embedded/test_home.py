"""Where the data live, whoever runs the service and wherever the checkout lies."""

import os
import shutil
import stat
import sys
from tempfile import TemporaryDirectory

import pytest

from app.core.embedded import CannotStart, Servers
from app.core.embedded.account import Account, own_account
from app.core.embedded.binaries import bundled_postgres
from app.core.embedded.home import LONGEST_SOCKET_PATH, SOCKETS, Home
from app.core.embedded.postgres import Postgres
from tests.app.core.embedded.support import ROOT

NOBODY = 65534
VALKEY = frozenset({"valkey"})
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands over to an account")

ORDINARY = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from app.core.embedded import Servers
with Servers(var=Path(sys.argv[1]), durable=False) as servers:
    servers.ensure_database("lin")
"""


@as_root
def test_folders_above_keep_their_rights(tmp_path, var):
    tmp_path.chmod(0o700)

    with Servers(var=var, wanted=VALKEY, durable=False):
        data = (var / "valkey").resolve()

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert not data.is_relative_to(tmp_path)


@as_root
def test_data_outside_go_with_the_folder_they_belong_to(tmp_path, var):
    tmp_path.chmod(0o700)
    with Servers(var=var, wanted=VALKEY):
        (var / "valkey" / "remembered").touch()
    with Servers(var=var, wanted=VALKEY):
        assert (var / "valkey" / "remembered").exists()

    shutil.rmtree(var)

    with Servers(var=var, wanted=VALKEY):
        assert not (var / "valkey" / "remembered").exists()


@as_root
def test_a_folder_that_was_moved_is_not_taken_for_an_empty_one(tmp_path, var):
    tmp_path.chmod(0o700)
    with Servers(var=var, wanted=VALKEY, durable=False):
        moved = var.with_name("moved")
    var.rename(moved)

    with pytest.raises(CannotStart, match="was moved or copied"):
        Servers(var=moved, wanted=VALKEY).start()


@as_root
def test_a_deleted_folder_whose_servers_still_run_is_refused(tmp_path, var):
    tmp_path.chmod(0o700)
    with Servers(var=var, wanted=VALKEY, durable=False):
        shutil.rmtree(var)

        with pytest.raises(CannotStart, match="still run"):
            Servers(var=var, wanted=VALKEY).start()


@as_root
def test_an_ordinary_user_needs_nothing_more():
    nobody = Account("nobody", NOBODY, NOBODY)
    imports = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import app.core.embedded"
    if not nobody.succeeds([sys.executable, "-c", imports]):
        pytest.skip("nobody cannot reach this interpreter")
    with TemporaryDirectory(dir="/tmp") as folder:
        os.chown(folder, NOBODY, NOBODY)

        assert nobody.succeeds([sys.executable, "-c", ORDINARY, f"{folder}/var", str(ROOT)])


@pytest.mark.parametrize(
    ("made_by", "advice"),
    [pytest.param("99", "POSTGRES_BIN", id="newer"), pytest.param("9.6", "pg_upgrade", id="older")],
)
def test_data_of_another_version_are_refused_in_one_sentence(tmp_path, made_by, advice):
    home = Home(tmp_path, tmp_path, own_account())
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text(f"{made_by}\n")

    with pytest.raises(CannotStart, match=rf"made by PostgreSQL {made_by} .*{advice}"):
        Postgres(programs=bundled_postgres(), home=home).prepare()


@pytest.mark.parametrize(
    "name", [pytest.param("v" * 100, id="long"), pytest.param("爱心 var,100%", id="odd")]
)
def test_sockets_have_short_and_plain_paths(tmp_path, name):
    folder = tmp_path / name
    home = Home(folder, folder, own_account())

    assert len(str(home.sockets / SOCKETS[0])) <= LONGEST_SOCKET_PATH
    assert str(home.sockets).isascii()
    assert not set(str(home.sockets)) & set(" ,%")


def test_a_planted_socket_folder_is_refused(tmp_path):
    folder = tmp_path / ("v" * 100)
    folder.mkdir()
    home = Home(folder, folder, own_account())
    home.sockets.symlink_to(tmp_path)

    try:
        with pytest.raises(CannotStart, match="must be a private folder"):
            home.furnish(0)
    finally:
        home.sockets.unlink()
