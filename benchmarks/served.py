"""The product as gunicorn serves it, with one endpoint more: the floor of a write over HTTP.

The floor stands behind the same server, threads, pool and middleware. It reads its body, opens a
transaction as every view does, inserts one row, commits, and answers; it asks nobody who they are.
"""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, Response, jsonify, request

from app import create_app
from app.core.db import transaction
from app.core.doors import public
from app.core.garbage import collect_among_new
from app.core.ids import new_id
from app.core.vault import DataKeys
from app.wechat.standin import DEMO_SECRET
from benchmarks import town
from benchmarks.ground import CannotMeasure, Ground
from config import Settings

FLOOR, READY_WITHIN = "/api/v1/floor", 60.0
SECRET = "a secret of the benchmark, long enough to be one"  # noqa: S105 - it guards nothing
HOST = "127.0.0.1"
_INSERT = sa.text("INSERT INTO bench.floor (id, person_id, at) VALUES (:id, :person, :at)")
_TABLE = (
    "CREATE TABLE bench.floor (id uuid PRIMARY KEY, person_id uuid NOT NULL, at timestamptz)",
    "GRANT USAGE ON SCHEMA bench TO app",
    "GRANT INSERT ON bench.floor TO app",
)


def application() -> Flask:
    """What gunicorn serves here."""
    app = create_app(Settings.from_environ())
    app.add_url_rule(FLOOR, view_func=public(insert_one), methods=["POST"])
    collect_among_new()  # as wsgi.py does
    return app


def insert_one() -> Response:
    """One row and a commit."""
    body = request.get_json()
    row = {"id": new_id(), "person": UUID(body["person"]), "at": datetime.fromisoformat(body["at"])}
    with transaction(town.TENANT) as session:
        session.execute(_INSERT, row)
    answer = jsonify(id=str(row["id"]), at=body["at"])
    answer.status_code = 201
    return answer


def lay_floor(ground: Ground) -> None:
    """The table of the floor, for the role that the product acts as."""
    with ground.engine.begin() as connection:
        for statement in _TABLE:
            connection.exec_driver_sql(statement)


@contextmanager
def served(ground: Ground) -> Iterator[tuple[int, int]]:
    """A port at which the product answers, and the process of its master."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="red-account-served-") as folder:
        settings = Settings(
            env="test",
            var=Path(folder),
            port=port,
            bind=HOST,
            database_url=ground.url,
            secret_key=SECRET,
            data_keys=DataKeys.new().text(),
            wechat_base_url="http://wechat.invalid",
            wechat_secret=DEMO_SECRET,
        )
        command = (sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py")
        server = subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
            [*command, "benchmarks.served:application()"],
            env=settings.as_environ(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _await(port, server)
            yield port, server.pid
        finally:
            server.terminate()
            server.wait()


def _await(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and server.poll() is None:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            os.sched_yield()
        finally:
            connection.close()
    raise CannotMeasure("The web server did not start.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
