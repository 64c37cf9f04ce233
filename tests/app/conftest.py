"""What several features are asked about."""

import io
import logging as python_logging

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from config import logging
from tests.support.browser import Browser


@pytest.fixture
def lin(world):
    return world.person()


@pytest.fixture
def browser(world, api, lin):
    """Her browser, signed in."""
    return Browser(world, api, lin)


@pytest.fixture
def evidence_of(world):
    """The evidence of the one fact reported about a person."""

    def evidence_of(person):
        query = "SELECT evidence FROM fact WHERE beneficiary_id = :person"
        with world.own() as session:
            return session.execute(sa.text(query), {"person": person.id}).scalar_one()

    return evidence_of


@pytest.fixture
def log_lines():
    """Everything that is logged from here on, by anybody."""
    root = python_logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    logging.configure(stream=stream)
    yield lambda: stream.getvalue().splitlines()
    root.handlers, root.level = handlers, level


@pytest.fixture
def said(app):
    """Every statement the application sends from here on."""
    statements, engine = [], app.extensions["database"].engine

    def hear(_connection, _cursor, statement, _parameters, _context, _many):
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    yield statements
    event.remove(engine, "before_cursor_execute", hear)
