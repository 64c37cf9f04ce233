"""The commands that ask about the past: what a draft would have changed, and whether it follows."""

import pytest
import sqlalchemy as sa
import yaml

from app.ledger import policies

DAYS = ["--since", "2026-03-01", "--until", "2026-03-31"]


@pytest.fixture
def run(app, world):
    """A command about this city alone."""

    def run(*words):
        with app.app_context():
            return app.test_cli_runner().invoke(args=[*words, "--tenant", f"t{world.tenant_id}"])

    return run


@pytest.fixture
def draft(tmp_path):
    """The shipped policy as a file, with so many points for a visit."""

    def draft(points):
        document = policies.shipped("hours10").to_document() | {"version": "draft"}
        for rule in document["rules"]:
            if rule["id"] == "visit_points":
                rule["amount"] = points
        path = tmp_path / "draft.yaml"
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        return str(path)

    return draft


def test_a_draft_is_tried_out_and_told_in_chinese(run, world, draft):
    lin, wang = world.person(points=6), world.person("王敏", points=2)

    with world.changes() as changed:
        tried = run("replay", "--policy", draft(1), *DAYS, "--fen-per-10-points", "200")

    assert changed == {}
    assert tried.exit_code == 0
    assert tried.stdout == (
        f"City {world.tenant_id}：\n"
        "2026-03-01 至 2026-03-31，共 4 件事\n"
        "贡献分：4 → 4，净变化 +0；增加 0 人，减少 0 人，不变 2 人\n"
        "  分布：有贡献分者 2 → 2 人，中位数 1 → 1，九成的人不超过 3 → 3，最高 3 → 3\n"
        "积分：8 → 4，净变化 -4；增加 0 人，减少 2 人，不变 0 人\n"
        f"  减少最多：{lin.id} -3（6 → 3）\n"
        f"  减少最多：{wang.id} -1（2 → 1）\n"
        "  分布：有积分者 2 → 2 人，中位数 2 → 1，九成的人不超过 6 → 3，最高 6 → 3\n"
        "超市须备货值：1.60 元 → 0.80 元，净变化 -0.80 元\n"
    )


@pytest.mark.parametrize("against", [[], ["--recorded"]])
def test_the_policy_that_was_in_force_changes_nothing(run, world, draft, against):
    world.person(points=6)

    tried = run("replay", "--policy", draft(2), *DAYS, *against)

    assert "积分：6 → 6，净变化 +0；增加 0 人，减少 0 人，不变 1 人\n" in tried.stdout


def test_other_days_are_left_out(run, world, draft):
    world.person(points=6)

    tried = run("replay", "--policy", draft(1), "--since", "2026-03-03", "--until", "2026-03-31")

    first, second, *_ = tried.stdout.splitlines()
    assert (first, second) == (f"City {world.tenant_id}：", "2026-03-03 至 2026-03-31，共 0 件事")


def test_a_file_that_is_no_policy_is_told_in_one_line(run, tmp_path):
    path = tmp_path / "draft.yaml"
    path.write_text("version: [", encoding="utf-8")

    tried = run("replay", "--policy", str(path), *DAYS)

    assert tried.exit_code == 1
    assert tried.stderr.startswith("Error: draft.yaml, line 1: is not YAML")


def test_a_tenant_that_is_not_there_is_told(app):
    with app.app_context():
        asked = app.test_cli_runner().invoke(args=["rebuild", "--tenant", "atlantis"])

    assert asked.exit_code == 1
    assert asked.stderr == "Error: There is no tenant atlantis.\n"


def test_books_that_follow_from_their_facts_are_said_to(run, world):
    world.person(points=6)

    rebuilt = run("rebuild")

    assert rebuilt.exit_code == 0
    assert rebuilt.stdout == f"City {world.tenant_id}: the books follow from the facts\n"


def test_books_that_do_not_are_shown_where(run, world):
    world.person(points=2)
    with world.own() as session:
        session.execute(
            sa.text("UPDATE transfer SET amount = 20 WHERE tenant_id = :t AND unit = 'points'"),
            {"t": world.tenant_id},
        )

    rebuilt = run("rebuild")

    assert rebuilt.exit_code == 1
    first, reference, expected, found = rebuilt.stdout.splitlines()
    assert first == f"City {world.tenant_id}: differences: 1"
    assert reference.endswith(":points")
    assert expected == "    expected {'amount': 2}"
    assert found == "    found    {'amount': 20}"
