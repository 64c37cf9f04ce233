"""What every test may stand on: one pair of servers a run, one database a process."""

import gc
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

import pytest

from app.core.garbage import collect_among_new
from tests.support.servers import Rented, Stand

pytest_plugins = ["tests.support.fixtures"]

LONG = ("tests/faults/", "tests/matrix/", "tests/benchmarks/")
RENTED = pytest.StashKey[Rented]()


def pytest_addoption(parser):
    parser.addoption(
        "--pictures", action="store_true", help="draw the pictures of the README again"
    )
    parser.addoption(
        "--fuzz-seconds",
        type=int,
        default=0,
        help="ask the API at random for so long; 0: every operation a few things",
    )
    parser.addoption(
        "--race-seconds",
        type=int,
        default=60,
        help="let everything that moves points race for so long",
    )


def pytest_configure(config):
    """The controlling process rents the servers; the others are told where they are."""
    gc.disable()  # until all is loaded, of which nothing is garbage
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        config.stash[RENTED] = Rented()


def pytest_unconfigure(config):
    rented = config.stash.get(RENTED, None)
    if rented is not None:
        rented.give_back()


@pytest.hookimpl(trylast=True)  # what shuffles tests has done so
def pytest_collection_modifyitems(items):
    """The long ones first, so that no process is left alone with one at the end.

    Of the houses those first that want nobody at home: a start costs more than most tests.
    """
    items.sort(
        key=lambda item: (not item.nodeid.startswith(LONG), "stopped" not in item.fixturenames)
    )


def pytest_collection_finish():
    """Look for garbage again, among what the tests make."""
    collect_among_new()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    rented = node.config.stash[RENTED]
    node.workerinput["stand"] = asdict(rented.stand)
    node.workerinput["template"] = rented.template


def pytest_terminal_summary(terminalreporter):
    """How many cells of the permission matrix were asked, and how many were wrong."""
    total = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, counted in report.user_properties:
            if name == "cells" and report.when == "call":
                total.update(counted)
    if total:
        told = ", ".join(f"{number} {word.lower()}" for word, number in total.items())
        terminalreporter.write_line(f"the permission matrix: {told}")


@pytest.fixture(scope="session")
def stand(request) -> Stand:
    """Where this run's servers answer."""
    given = getattr(request.config, "workerinput", None)
    return Stand(**given["stand"]) if given else request.config.stash[RENTED].stand


@pytest.fixture(scope="session")
def template(request) -> str:
    """The database all others are copies of: migrated, and empty."""
    given = getattr(request.config, "workerinput", None)
    return given["template"] if given else request.config.stash[RENTED].template


@pytest.fixture(scope="session")
def database_url(stand) -> Iterator[str]:
    """An empty database of this process, with all rights."""
    name = f"red_account_bare_{os.getpid()}"
    yield stand.create(name)
    stand.drop(name)


@pytest.fixture(scope="session")
def database_name(stand, template) -> Iterator[str]:
    """A migrated database of this process."""
    name = f"red_account_test_{os.getpid()}"
    stand.create(name, template=template)
    yield name
    stand.drop(name)
