"""A folder for servers, and nothing of it left behind."""

import pytest

from app.core.embedded.binaries import SHARED
from app.core.embedded.folders import remove_tree
from app.core.embedded.home import digest_of
from tests.app.core.embedded import support


@pytest.fixture
def var(tmp_path):
    folder = tmp_path.resolve() / "var"
    yield folder
    left = support.list_servers(folder)
    remove_tree(SHARED / digest_of(folder))
    assert left == [], "servers were left running"
