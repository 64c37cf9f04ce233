"""The stand-alone program by itself: the example it is shipped with, a copy of it, a QR code."""

import ast
import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from points_engine import proof_code, proofs, verify
from points_engine.leaves import FIELDS
from tests.points_engine import sealed
from tests.points_engine.sealed import EXAMPLES, PERIOD

ROOT = Path(__file__).parents[2]
PROGRAM = Path(verify.__file__)
GOOD, FALSE, UNREADABLE = 0, 1, 2
PROOF = sealed.proof(0, 2, 4)
NOTICE = sealed.seal().notice()


def test_the_code_of_a_line_is_the_proof_of_it(verified):
    status, said = verified(proof_code(sealed.proof(2)) + "\n", notice=NOTICE)

    assert (status, "第 3 笔" in said) == (GOOD, True)


def test_the_proof_of_one_in_a_hundred_thousand_fits_one_qr_code(verified):
    proof = sealed.proof_of_one_in_many(31_415, 100_000)
    code = proof_code(proof)

    assert len(proof["lines"][0]["path"]) == 17
    assert len(code) < 2_953 < proofs.LONGEST_CODE  # in either alphabet of the largest code
    assert set(code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:")
    assert verified(code)[0] == GOOD
    assert verified(proof)[0] == GOOD


def test_what_fits_no_qr_code_is_not_made_into_one():
    with pytest.raises(ValueError, match="do not fit one QR code"):
        proof_code(sealed.proof(*range(24), count=24))


def run(*arguments, cwd=ROOT, **more):
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, check=False, **more
    )


def test_the_shipped_example_is_what_the_engine_writes():
    assert (EXAMPLES / "proof.json").read_text(encoding="utf-8") == sealed.printed(PROOF)
    assert (EXAMPLES / "seal.json").read_text(encoding="utf-8") == sealed.printed(NOTICE)


def test_the_module_accepts_the_shipped_example():
    ran = run("-m", "points_engine.verify", "docs/examples/proof.json")

    assert (ran.returncode, ran.stderr) == (GOOD, b"")
    assert PROOF["seal"]["root"].encode() in ran.stdout


def test_a_copy_in_an_empty_folder_needs_nothing_else(tmp_path):
    shutil.copy(PROGRAM, tmp_path / "check.py")
    for name in ("proof.json", "seal.json"):
        shutil.copy(EXAMPLES / name, tmp_path)
    cut = sealed.with_changes(PROOF, ("lines.0.transfer.amount", 11))
    (tmp_path / "cut.json").write_text(json.dumps(cut), encoding="utf-8")

    good = run("-I", "check.py", "proof.json", "--seal", "seal.json", cwd=tmp_path)
    false = run("-I", "check.py", "cut.json", cwd=tmp_path)
    odd = run("-I", "check.py", "check.py", cwd=tmp_path)

    assert [ran.returncode for ran in (good, false, odd)] == [GOOD, FALSE, UNREADABLE]
    assert good.stderr == false.stderr == odd.stderr == b""


def test_a_terminal_without_chinese_gets_an_answer_too():
    ran = run(
        "-m", "points_engine.verify", "docs/examples/proof.json",
        env={"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip

    assert (ran.returncode, ran.stderr) == (GOOD, b"")


def test_texts_in_a_proof_cannot_play_with_the_terminal(verified):
    row = dict(zip(FIELDS, sealed.rows()[0], strict=True))

    status, said = verified(sealed.badly_sealed([{**row, "reference": "x:\x1b[2J\r核验"}]))

    assert (status, "x:?[2J?核验" in said) == (GOOD, True)


def test_the_program_imports_nothing_of_the_engine():
    imported = {
        name
        for node in ast.walk(ast.parse(PROGRAM.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
        )
    }

    assert imported <= sys.stdlib_module_names


def test_the_program_and_the_engine_speak_of_the_same_fields():
    assert tuple(verify._TRANSFER) == FIELDS
    assert tuple(verify._SEAL) == tuple(sealed.seal().printed())
    assert verify._DICTIONARY == proofs.DICTIONARY
    assert verify.CODE == proofs.CODE


def test_a_later_quarter_carries_the_root_of_the_one_before():
    first = sealed.seal()
    later = PERIOD.seal(
        sealed.rows(9), previous_root=first.root, sealed_at=first.sealed_at + timedelta(days=90)
    )

    assert later.notice()["seal"]["previous_root"] == first.root.hex()
