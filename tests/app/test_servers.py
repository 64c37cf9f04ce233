"""As many connections as the settings promise threads."""

from dataclasses import replace

import pytest

from app import create_app
from app.core import db
from app.servers import connections_for
from config import Settings


@pytest.mark.parametrize(("workers", "threads"), [(1, 1), (2, 8), (16, 32), (64, 64)])
def test_the_embedded_server_lets_every_thread_in(workers, threads):
    settings = Settings(web_workers=workers, web_threads=threads)

    assert connections_for(settings) >= workers * (threads + db.OVERFLOW)
    assert connections_for(settings) >= connections_for(Settings())


@pytest.mark.parametrize("threads", [1, 8, 64])
def test_every_thread_of_the_web_server_has_a_connection(settings, threads):
    engine = create_app(replace(settings, web_threads=threads)).extensions["database"].engine

    assert engine.pool.size() == threads
    engine.dispose()
