"""The stand-alone program accepts what is so, and catches everything that is not."""

from uuid import UUID

import pytest

from points_engine import verify
from points_engine.leaves import FIELDS
from tests.points_engine import sealed
from tests.points_engine.sealed import PERIOD

GOOD, FALSE, UNREADABLE = 0, 1, 2
PROOF = sealed.proof(0, 2, 4)
NOTICE = sealed.seal().notice()


def resealed(document, **changes):
    """A seal rewritten by somebody who knows how: its hash is right again."""
    seal = {**document["seal"], **changes}
    hashed = verify.sha256(verify.SEAL + verify.encode(*seal.values())).hexdigest()
    return {**document, "seal": seal, "seal_hash": hashed}


# What is so.


def test_a_proof_is_accepted_and_says_what_to_compare_it_with(verified):
    status, said = verified(PROOF)

    assert status == GOOD
    assert said.startswith("核验通过：证明里的 3 笔都在 2026Q1 的封账之内，一字未改。")
    assert "第 3 笔  2026-01-07  points 12  redemption:" in said
    assert "请与公示核对根和其余各项" in said
    assert f"根  {PROOF['seal']['root']}" in said
    assert "总笔数  8" in said
    assert f"末笔  {PROOF['seal']['last_transfer']}" in said


def test_a_proof_is_accepted_under_the_seal_on_the_notice(verified):
    status, said = verified(PROOF, notice=NOTICE)

    assert (status, "与给出的封账一致" in said) == (GOOD, True)


def test_a_proof_is_accepted_under_the_root_on_the_notice(verified):
    status, said = verified(PROOF, "--root", PROOF["seal"]["root"].upper())

    assert (status, "与给出的根一致" in said) == (GOOD, True)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_every_line_of_a_quarter_is_accepted(verified, count):
    for place in range(count):
        assert verified(sealed.proof(place, count=count))[0] == GOOD
    assert verified(sealed.proof(*range(count), count=count))[0] == GOOD


# What is not so.


@pytest.mark.parametrize("field", FIELDS)
def test_another_value_in_any_field_is_caught(verified, field):
    path = f"lines.1.transfer.{field}"
    value = PROOF["lines"][1]["transfer"][field]
    other = sealed.proof(4)["lines"][0]["transfer"][field]
    if other == value or field in {"quarter", "tenant_id", "community_id"}:
        other = {"tenant_id": 8, "quarter": "2026Q2"}.get(field, str(UUID(int=5)))
    if field in {"kind", "unit", "source"}:
        other = f"{value}x"
    if field == "reverses":
        other = str(UUID(int=5))

    status, said = verified(sealed.with_changes(PROOF, (path, other)))

    assert (status, "第 3 笔" in said) == (FALSE, True)


@pytest.mark.parametrize("field", [*PROOF["seal"], "seal_hash"])
def test_tampering_with_the_seal_is_caught(verified, field):
    path = field if field == "seal_hash" else f"seal.{field}"
    value = PROOF[field] if field == "seal_hash" else PROOF["seal"][field]
    other = (
        value + 1 if isinstance(value, int) else value.translate(str.maketrans("0123a", "1230b"))
    )

    assert verified(sealed.with_changes(PROOF, (path, other)))[0] in {FALSE, UNREADABLE}


@pytest.mark.parametrize(
    "path", ["lines.0.salt", "lines.0.path.0", "lines.2.path.2", "end.content", "end.path.1"]
)
def test_tampering_with_any_hash_is_caught(verified, path):
    assert verified(sealed.with_changes(PROOF, (path, "0" * 64)))[0] == FALSE


@pytest.mark.parametrize("place", [1, 3, 7, 8, 10**18])
def test_a_line_at_another_place_is_caught(verified, place):
    assert verified(sealed.with_changes(sealed.proof(2), ("lines.0.place", place)))[0] == FALSE


@pytest.mark.parametrize("count", [1, 3, 4, 5, 6, 7, 9, 16, 2**40])
def test_defect_2_a_cut_off_tail_is_caught_by_the_root_alone(verified, count):
    # Elsewhere a chain without its last rows was "verified". Here whoever rewrites count and
    # last transfer, and makes the seal's hash right again, still has to show the last leaf.
    root = PROOF["seal"]["root"]
    for last in (PROOF["seal"]["last_transfer"], PROOF["lines"][2]["transfer"]["id"]):
        shorter = resealed(PROOF, leaf_count=count, last_transfer=last)
        status, said = verified(shorter, "--root", root)
        assert (status, said) == (FALSE, "核验不通过：总笔数或末笔与根不符。\n")


def test_defect_2_no_other_leaf_can_stand_as_the_last(verified):
    for place, line in enumerate(sealed.proof(*range(7))["lines"]):
        leaf = next(one for one in PERIOD.leaves(sealed.rows()) if one.place == place)
        shorter = resealed(PROOF, leaf_count=place + 1, last_transfer=leaf.id)
        shown = {**shorter, "end": {"content": leaf.content, "path": line["path"]}}
        assert verified({**shown, "lines": [line]})[0] == FALSE


def test_defect_2_a_quarter_sealed_again_without_its_tail_is_not_the_published_one(verified):
    shorter = sealed.proof(0, 2, 4, count=7)

    assert verified(shorter)[0] == GOOD
    status, said = verified(shorter, notice=NOTICE)
    assert (status, said) == (FALSE, "核验不通过：与公示的封账不符：根、总笔数、末笔、封账码。\n")
    assert verified(shorter, "--root", NOTICE["seal"]["root"])[0] == FALSE


@pytest.mark.parametrize(
    ("field", "name"), [("leaf_count", "总笔数"), ("last_transfer", "末笔"), ("root", "根")]
)
def test_the_notice_is_compared_in_count_and_last_transfer_too(verified, field, name):
    value = {"leaf_count": 7, "last_transfer": str(UUID(int=1)), "root": "0" * 64}[field]
    notice = sealed.with_changes(NOTICE, (f"seal.{field}", value))

    assert verified(PROOF, notice=notice) == (FALSE, f"核验不通过：与公示的封账不符：{name}。\n")


def test_another_previous_root_is_another_seal(verified):
    other = resealed(PROOF, previous_root="0" * 64)

    assert verified(other)[0] == GOOD
    assert verified(other, notice=NOTICE)[0] == FALSE


def test_a_line_shown_twice_is_caught(verified):
    line = PROOF["lines"][0]

    status, said = verified({**PROOF, "lines": [line, line]})

    assert (status, said) == (FALSE, "核验不通过：第 1 笔重复了，或者次序不对。\n")


def test_lines_in_another_order_are_caught(verified):
    assert verified({**PROOF, "lines": PROOF["lines"][::-1]})[0] == FALSE


def test_leaves_that_were_sealed_twice_or_out_of_order_are_caught(verified):
    # Whoever seals could put one transfer at two places. Who is shown both sees it.
    for places in ([0, 0], [1, 0]):
        bad = sealed.badly_sealed([sealed.rows()[place] for place in places])
        assert verified(bad)[0] == FALSE
        assert verified({**bad, "lines": bad["lines"][::-1]})[0] == FALSE


def test_a_line_of_another_quarter_is_caught_even_under_the_root(verified):
    row = dict(zip(FIELDS, sealed.rows()[0], strict=True))

    assert verified(sealed.badly_sealed([row]))[0] == GOOD
    status, said = verified(sealed.badly_sealed([{**row, "quarter": "2025Q4"}]))
    assert (status, said) == (FALSE, "核验不通过：第 1 笔不属于这个社区的这个季度。\n")


def test_a_node_presented_as_a_leaf_is_caught(verified):
    # The two leaves below the first node, shown as one leaf of a tree half as large.
    path = PROOF["lines"][0]["path"]
    halved = resealed(PROOF, leaf_count=4)
    half = sealed.with_changes(
        halved,
        ("lines", [{**PROOF["lines"][0], "path": path[1:]}]),
        ("end.path", PROOF["end"]["path"][1:]),
    )

    assert verified(half)[0] == FALSE


def test_a_proof_of_nothing_is_no_proof(verified):
    assert verified({**PROOF, "lines": []}) == (FALSE, "核验不通过：证明里没有任何一笔。\n")
    empty = PERIOD.seal([], previous_root=None, sealed_at=sealed.SEALED_AT).notice()
    assert verified({**PROOF, **empty})[0] == FALSE
