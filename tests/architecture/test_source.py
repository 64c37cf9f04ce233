"""Rules about the source itself that no off-the-shelf linter states for us."""

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import marshmallow as ma
import pytest
import yaml

from app.core.errors import DomainError

ROOT = Path(__file__).parents[2]
PRODUCT = sorted(
    path for room in ("app", "points_engine", "config") for path in (ROOT / room).rglob("*.py")
)
PURE = sorted(
    set((ROOT / "points_engine").rglob("*.py"))
    - set((ROOT / "points_engine/postgres").rglob("*.py"))
)
SCREENS = sorted(
    path
    for pattern in ("templates/**/*.html", "static/*.js")
    for path in (ROOT / "app").rglob(pattern)
)
SHIPPED = [*sorted((ROOT / "config").rglob("*.yaml")), ROOT / "README.zh-CN.md"]
TEST_CODE = sorted((ROOT / "tests").rglob("*.py"))
TESTS = [path for path in TEST_CODE if path.name.startswith("test_")]
PATIENCE = "tests/support/house.py"  # its one pause, between tries at what nobody announces
LATIN_MARKS = re.compile(r"[\u4e00-\u9fff”》][,;:?!()]|[,;:?!()][\u4e00-\u9fff“《]")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
REMARKS = re.compile(r"\{#.*?#\}|/\*.*?\*/|(?m://.*$)", re.DOTALL)
LONGEST_FUNCTION = 40
LONGEST_FILE = 300
UNIT_OF_WORK = "app/core/db.py"
BEGUN_ANEW = "app/core/lasting.py"  # what is refused last
SCHEMA = "app/schema.py"  # works on a bare connection, before there is a unit of work
# A savepoint that is not let go of before the end, which no `begin_nested` can do.
LAST_PART = "app/core/lasting.py"
# Parts of the engine's own writing that can fail without the rest: a batch is halved to find the
# fact that the database will not take, and locks are let go of before an account is made.
SAVEPOINTS = {"points_engine/postgres/accounts.py", "points_engine/postgres/settle.py"}
# Where a unit of work may begin: in a feature the files of these names, and these modules.
EDGES = {"api", "pages", "jobs"}
OTHER_EDGES = {
    "app/ledger/passbook_pages.py",
    "app/supermarket/book_api.py",
    "app/supermarket/book_pages.py",
    "app/supermarket/counter.py",
    "app/supermarket/goods_pages.py",
    "app/supermarket/intake_pages.py",
    "app/supermarket/shop_pages.py",
    "app/supermarket/stock_api.py",
    "app/supermarket/stock_pages.py",
    "app/supermarket/stock_papers.py",
    "app/supermarket/stockroom.py",
    "app/supermarket/desk.py",
    "app/supermarket/offline_desk.py",
    "app/supermarket/offline_pages.py",
    "app/supermarket/pickup_pages.py",
    "app/supermarket/question_api.py",
    "app/supermarket/reservation_api.py",
    "app/supermarket/reservation_pages.py",
    "app/supermarket/return_pages.py",
    "app/supermarket/merchant_pages.py",
    "app/supermarket/voucher_api.py",
    "app/supermarket/voucher_pages.py",
    "app/identity/photo_checks.py",
    "app/activities/arrival_api.py",
    "app/activities/arrival_pages.py",
    "app/activities/assisting_api.py",
    "app/activities/assisting_pages.py",
    "app/activities/document_pages.py",
    "app/activities/enrolment_pages.py",
    "app/activities/feedback_api.py",
    "app/activities/feedback_pages.py",
    "app/activities/list_api.py",
    "app/ledger/desk_pages.py",
    "app/stations/duty_api.py",
    "app/activities/list_pages.py",
    "app/activities/plan_pages.py",
    "app/activities/proof_api.py",
    "app/activities/register_pages.py",
    "app/activities/served_pages.py",
    "app/activities/slip_pages.py",
    "app/activities/staff_api.py",
    "app/activities/staff_pages.py",
    "app/activities/turnout_pages.py",
    "app/commands.py",
    "app/core/health.py",
    "app/core/tidying.py",
    "app/custody.py",
    "app/administration/account_pages.py",
    "app/demo/load.py",
    "app/founding.py",
    "app/identity/access.py",
    "app/identity/account_pages.py",
    "app/roster/card_api.py",
    "app/roster/import_pages.py",
    "app/identity/login.py",
    "app/identity/privacy.py",
    "app/identity/unmasking.py",
    "app/identity/web.py",
    "app/identity/web_api.py",
    "app/identity/web_pages.py",
    "app/ledger/nightly.py",
    "app/phones/binding.py",
    "app/phones/release_pages.py",
    "app/organisation/tree_pages.py",
    "app/quarters.py",
    "app/rehearsal/outcome.py",
    "app/rehearsal/playing.py",
    "app/rehearsal/town.py",
    "app/stations/pages/deeds.py",
    "app/stations/pages/duties.py",
    "app/stations/pages/editing.py",
    "app/stations/pages/figures.py",
    "app/stations/pages/finding.py",
    "app/stations/pages/guests.py",
    "app/stations/pages/posters.py",
    "app/stations/pages/rooms.py",
    "app/stations/pages/scanning.py",
    "app/stations/pages/shifts.py",
    "app/stations/pages/today.py",
    "app/supermarket/till_pages.py",
    "app/supermarket/web.py",
    "app/roster/card_pages.py",
    "app/upkeep.py",
    "app/wechat/images.py",
    "app/wechat/token_store.py",
}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef))


def calls_of(node: ast.AST, *names: str) -> list[ast.Call]:
    """The calls of methods of these names."""
    return [
        call
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in names
    ]


def calls(path: Path, *names: str) -> list[int]:
    return [call.lineno for call in calls_of(tree(path), *names)]


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_only_the_unit_of_work_commits(path):
    if named(path) not in {UNIT_OF_WORK, BEGUN_ANEW, SCHEMA} | SAVEPOINTS:
        ends = calls(path, "commit", "rollback", "begin_nested", "begin")
        assert not ends, "open transaction() at the edge, and attempt() for a part of it"


def test_a_savepoint_in_words_is_written_in_one_place():
    words = [named(path) for path in PRODUCT if "SAVEPOINT" in path.read_text(encoding="utf-8")]

    assert words == [LAST_PART]


@pytest.mark.parametrize("name", sorted(SAVEPOINTS))
def test_a_savepoint_of_the_engine_is_ended_and_nothing_else(name):
    # What is ended has the name of what `begin_nested` began: never a connection or a session.
    begun = {
        ast.unparse(node.optional_vars)
        for node in ast.walk(tree(ROOT / name))
        if isinstance(node, ast.withitem)
        and node.optional_vars is not None
        and calls_of(node.context_expr, "begin_nested")
    }
    ended = {
        ast.unparse(node.func.value) for node in calls_of(tree(ROOT / name), "commit", "rollback")
    }

    assert calls(ROOT / name, "begin_nested")
    assert ended <= begun
    assert not calls(ROOT / name, "begin")


def begins(path: Path) -> bool:
    """Whether a module can open a unit of work: by name, or past the name."""
    named_there = any(
        "transaction" in {alias.name for alias in node.names}
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
    )
    return named_there or bool(calls(path, "transaction"))


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_only_an_edge_opens_a_unit_of_work(path):
    if path.stem not in EDGES and named(path) not in OTHER_EDGES:
        assert not begins(path), "take the session as an argument: the edge opens transaction()"


@pytest.mark.parametrize("name", sorted(OTHER_EDGES))
def test_no_edge_is_named_that_opens_none(name):
    assert begins(ROOT / name)


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_functions_fit_on_a_screen_and_files_in_a_head(path):
    too_long = [f.name for f in functions(path) if f.end_lineno - f.lineno >= LONGEST_FUNCTION]

    assert not too_long
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(tree(path))


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_every_public_class_says_what_it_is(path):
    # A refusal says it in its title, a part of an answer in the names of its fields.
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    silent = [
        node.name
        for node in tree(path).body
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not issubclass(
            getattr(importlib.import_module(module), node.name), DomainError | ma.Schema
        )
    ]

    assert silent == []


def sentences(path: Path) -> Iterator[str]:
    """What a file may say to people: texts, and prose without its remarks and its code."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from literals(path)
    elif path.suffix == ".yaml":
        yield from values(yaml.safe_load(text))
    else:
        yield from (CODE if path.suffix == ".md" else REMARKS).sub("", text).splitlines()


def values(document: object) -> Iterator[str]:
    """Every text in a document, however deep."""
    if isinstance(document, dict):
        document = [*document.keys(), *document.values()]
    if isinstance(document, list):
        for part in document:
            yield from values(part)
    elif isinstance(document, str):
        yield document


def literals(path: Path) -> Iterator[str]:
    """The texts of a program, without what it says about itself."""
    nodes = list(ast.walk(tree(path)))
    remarks = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    yield from (
        node.value
        for node in nodes
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in remarks
    )


@pytest.mark.parametrize("path", [*PRODUCT, *SCREENS, *SHIPPED], ids=named)
def test_chinese_sentences_have_chinese_marks(path):
    assert [said for said in sentences(path) if LATIN_MARKS.search(said)] == []


def test_no_page_puts_where_somebody_is_into_its_address():
    forms = re.compile(r"<form\b.*?</form>", re.DOTALL)
    places = re.compile(r'name="(lat|lng)"')
    told = [
        (named(path), form)
        for path in SCREENS
        for form in forms.findall(path.read_text(encoding="utf-8"))
        if places.search(form)
    ]
    asked = re.compile(r"args(\.get\(|\[)\W*(lat|lng|location)\b")

    assert told
    assert [where for where, form in told if 'method="post"' not in form.partition(">")[0]] == []
    assert [named(path) for path in PRODUCT if asked.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("path", PURE, ids=named)
def test_the_meaning_of_the_engine_needs_the_standard_library_alone(path):
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree(path))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert imported <= set(sys.stdlib_module_names) | {"points_engine"}


@pytest.mark.parametrize("path", TESTS, ids=named)
def test_nothing_that_asserts_goes_uncollected(path):
    # Who asserts is a test, or is called by name in the same file.
    top = [node for node in tree(path).body if isinstance(node, ast.FunctionDef)]
    called = {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}
    asserting = [f.name for f in top if any(isinstance(node, ast.Assert) for node in ast.walk(f))]

    unheard = [name for name in asserting if not name.startswith("test_") and name not in called]
    assert unheard == []


@pytest.mark.parametrize("path", TESTS, ids=named)
def test_no_test_has_the_name_of_another_in_its_file(path):
    names = [node.name for node in tree(path).body if isinstance(node, ast.FunctionDef)]

    assert len(set(names)) == len(names)


def sleeps(path: Path) -> list[int]:
    """Where time is let pass: `sleep`, or a wait for an event of which nobody else knows."""
    return [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and (
            called(node) == "sleep"
            or (
                called(node) == "wait"
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Call)
                and called(node.func.value) == "Event"
            )
        )
    ]


def called(node: ast.Call) -> str:
    """The last word of what is called."""
    return ast.unparse(node.func).rpartition(".")[2]


@pytest.mark.parametrize("path", TEST_CODE, ids=named)
def test_no_test_sleeps_through_its_time(path):
    allowed = 1 if named(path) == PATIENCE else 0

    assert len(sleeps(path)) == allowed, "wait for what is to happen, or move the clock"
