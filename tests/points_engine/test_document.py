"""The page about the engine is true: its examples run, its links lead, its names exist."""

import dataclasses
import doctest
import enum
import importlib
import inspect
import pkgutil
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from flask import Flask

import points_engine
from app import commands
from benchmarks.__main__ import BENCHMARKS
from points_engine.postgres import INVARIANTS, metadata

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/points-engine.md"
TEXT = PAGE.read_text(encoding="utf-8")
FENCE = re.compile(r"```(?P<kind>[a-z ]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCKS = [(match["kind"], match["body"]) for match in FENCE.finditer(TEXT)]
PROSE = FENCE.sub("", TEXT)
LINES = [line for kind, body in BLOCKS if kind == "sh" for line in body.splitlines()]
ROOMS = ("", "points_engine", "points_engine/postgres", "tests/points_engine")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def examples(*kinds):
    """The page with everything but its examples left blank, so that a failure names its line."""
    kept, kind = [], ""
    for line in TEXT.splitlines():
        if line.startswith("```"):
            kind = "" if kind else line.removeprefix("```") or "nothing"
            kept.append("")
        else:
            kept.append(line if kind in kinds else "")
    return "\n".join(kept) + "\n"


def test_every_example_gives_the_answer_that_is_shown(implementation, tenant, request):
    known = {"tenant": tenant}
    if implementation == "postgres":
        known["connection"] = request.getfixturevalue("connection")
    page = doctest.DocTestParser().get_doctest(
        examples("python", f"python {implementation}"), known, PAGE.name, str(PAGE), 0
    )
    said = []

    ran = doctest.DocTestRunner(verbose=False).run(page, out=said.append)

    assert ran.attempted > 40
    assert not ran.failed, "".join(said)


@pytest.fixture(params=["memory", "postgres"])
def implementation(request):
    return request.param


@pytest.fixture
def connection(books):
    """A transaction that may be committed: the tenant is nobody else's."""
    with books.connect() as connection:
        yield connection
        connection.rollback()


def test_every_block_is_of_a_kind_that_is_looked_at():
    looked_at = {"python", "python memory", "python postgres", "sh", "mermaid", "text"}

    assert {kind for kind, _ in BLOCKS} == looked_at


@pytest.mark.parametrize("line", LINES)
def test_every_command_is_one(line):
    program, *arguments = shlex.split(line)
    check = {"python": ran_here, "make": bench_of, "flask": parsed}[program]

    check(arguments)


def ran_here(arguments):
    ran = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, b"")


def bench_of(arguments):
    target, names, *_ = arguments
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert f"\n{target}:" in makefile
    assert set(names.removeprefix("BENCH=").split(",")) <= set(BENCHMARKS)


def parsed(arguments):
    app = Flask(__name__)
    commands.init_app(app)
    (option, value, *words), group = arguments, app.cli

    while isinstance(group, click.Group):
        name, *words = words
        group = group.commands[name]

    assert (option, value) == ("--app", "wsgi")
    assert not group.make_context(name, words).args


def anchor(heading):
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_link_leads_somewhere():
    headings = {anchor(each) for each in re.findall(r"^#+ (.+)$", PROSE, re.MULTILINE)}
    targets = re.findall(r"\]\(([^)]+)\)", PROSE)

    inside = {each.removeprefix("#") for each in targets if each.startswith("#")}
    outside = [each for each in targets if not each.startswith("#")]

    assert inside <= headings
    assert [each for each in outside if not (PAGE.parent / each).exists()] == []


def names_of(module):
    """What a module defines, and what its classes and functions are made of."""
    for name, value in vars(module).items():
        yield name
        if inspect.isclass(value):
            yield from dir(value)
            yield from getattr(value, "__annotations__", ())
        if inspect.isclass(value) and issubclass(value, enum.Enum):
            yield from (each.value for each in value)
        if dataclasses.is_dataclass(value):
            yield from (each.name for each in dataclasses.fields(value))
        if inspect.isfunction(value):
            yield from inspect.signature(value).parameters


@pytest.fixture(scope="module")
def known():
    """Every word of the engine, its tables and columns, and the tests' fixtures."""
    names = {"points_engine", "engine", *BENCHMARKS, "plan_cache_mode", "force_generic_plan"}
    for found in pkgutil.walk_packages(points_engine.__path__, "points_engine."):
        names |= {str(each) for each in names_of(importlib.import_module(found.name))}
    for table in metadata.tables.values():
        names |= {table.name, *table.columns.keys()}
    return names | {"account", "issuance", "till"}


@pytest.mark.parametrize("word", sorted(set(re.findall(r"`([^`\n]+)`", PROSE))))
def test_every_name_is_that_of_something(word, known):
    if "/" in word or word.endswith(".py"):
        places = [ROOT / room / word for room in (*ROOMS, "points_engine/memory")]
        assert any(place.exists() for place in places)
    elif NAME.fullmatch(word):
        assert set(word.split(".")) <= known or word in SQL
    else:
        assert word.split()[0].split("(")[0] in {"make", *SQL} | known


SQL = {"CHECK", "FOR", "IS", "moved", "unnest", ":tenant_id"}


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda each: each.name)
def test_every_promise_is_listed(invariant):
    assert invariant.name in PROSE
