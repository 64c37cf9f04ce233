"""Whatever is put before the stand-alone program, it answers in a sentence."""

import copy
import json
import zlib
from base64 import b32encode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points_engine import proof_code, proofs, verify
from points_engine.leaves import FIELDS
from tests.points_engine import sealed

GOOD, FALSE, UNREADABLE = 0, 1, 2
PROOF = sealed.proof(0, 2, 4)
NOTICE = sealed.seal().notice()


REASON = "lines.0.transfer.reason"
ODD = {
    "nothing": "",
    "no JSON": "{",
    "a number": "1",
    "a list": "[]",
    "not a number": '{"seal": NaN}',
    "an abyss": "[" * 100_000,
    "a giant": "9" * 10_000,
    "a name twice": json.dumps(PROOF).replace('"format": 1', '"format": 1, "format": 1', 1),
    "half a character": json.dumps(
        sealed.with_changes(PROOF, ("lines.0.transfer.reason", "\ud800"))
    ),
    "a notice": json.dumps(NOTICE),
    "a torn code": proof_code(sealed.proof(2))[:-40],
    "a code of nothing": "RA1:",
    "a code of rubbish": "RA1:ABCDEFGH",
    "a code with a tail": proof_code(sealed.proof(2)) + "A" * 8,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_what_is_no_proof_is_refused_in_a_sentence(verified, text):
    status, said = verified(text)

    assert (status, said.count("\n")) == (UNREADABLE, 1)
    assert said.startswith("无法核验：")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("seal.format", 2),
        ("seal.root", "ab" * 31),
        ("seal.root", "AB" * 32),
        ("seal.root", None),
        ("seal.leaf_count", -1),
        ("seal.leaf_count", 8.0),
        ("seal.leaf_count", True),
        ("seal.leaf_count", "8"),
        ("seal.leaf_count", 2**63),
        ("seal.quarter", "2026Q5"),
        ("seal.note", "x"),
        ("end.path", {}),
        ("end.path.0", "zz" * 32),
        ("end", None),
        ("lines", None),
        ("lines.0", []),
        ("lines.0.place", -1),
        ("lines.0.place", 0.0),
        ("lines.0.salt", "00"),
        ("lines.0.path", None),
        ("lines.0.path.0", "0" * 63),
        ("lines.0.path.0", 7),
        ("lines.0.transfer", "x"),
        ("lines.0.transfer.amount", "10"),
        ("lines.0.transfer.amount", True),
        ("lines.0.transfer.id", "x"),
        ("lines.0.transfer.kind", None),
        ("lines.0.transfer.balance", 1_000_000),
    ],
)
def test_what_has_not_the_form_of_a_proof_is_refused_with_its_place(verified, path, value):
    status, said = verified(sealed.with_changes(PROOF, (path, value)))

    assert status == UNREADABLE
    assert path.rpartition(".")[0].split(".")[0] in said


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path, capsys):
    for path in (tmp_path / "nowhere", tmp_path):
        assert verify.main([str(path)]) == UNREADABLE
        assert capsys.readouterr().out.startswith("无法核验：打不开文件")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "proof").write_bytes(bytes(range(256)))

    assert verify.main([str(tmp_path / "proof")]) == UNREADABLE


def test_a_huge_file_is_not_read_to_its_end(verified):
    assert verified(" " * (verify.LARGEST + 1)) == (UNREADABLE, "无法核验：文件超过 16 MB。\n")


def test_a_code_that_unpacks_to_something_huge_is_not_unpacked(verified):
    packer = zlib.compressobj(level=9, zdict=proofs.DICTIONARY)
    packed = packer.compress(b" " * (verify.LARGEST * 2)) + packer.flush()

    status, said = verified("RA1:" + b32encode(packed).decode().rstrip("="))

    assert (status, said) == (UNREADABLE, "无法核验：二维码的内容不完整。\n")


@pytest.mark.parametrize("root", ["", "ab", "zz" * 32, "ab" * 33])
def test_a_root_that_is_none_is_refused(verified, root):
    assert verified(PROOF, "--root", root)[0] == UNREADABLE


def test_a_seal_that_is_none_is_refused(verified):
    assert verified(PROOF, notice={"root": PROOF["seal"]["root"]})[0] == UNREADABLE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("0" * 64),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
WAYS = [
    ("seal",), ("seal", "root"), ("seal", "leaf_count"), ("seal", "last_transfer"), ("seal_hash",),
    ("end",), ("end", "path"), ("end", "path", 0), ("lines",), ("lines", 0), ("lines", 0, "place"),
    ("lines", 0, "salt"), ("lines", 0, "path"), ("lines", 0, "path", 0), ("lines", 0, "transfer"),
    *(("lines", 0, "transfer", field) for field in FIELDS),
]  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(way=st.sampled_from(WAYS), value=JSON)
def test_anything_anywhere_is_refused_and_never_a_traceback(verified, way, value):
    document = copy.deepcopy(PROOF)
    *steps, last = way
    place = document
    for step in steps:
        place = place[step]
    unchanged = type(place[last]) is type(value) and place[last] == value
    place[last] = value

    assert (verified(document)[0] == GOOD) is unchanged


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.integers(0, len(sealed.printed(PROOF)) - 1), other=st.characters(codec="utf-8"))
def test_another_character_anywhere_is_caught(verified, place, other):
    text = sealed.printed(PROOF)
    changed = text[:place] + other + text[place + 1 :]

    status, _said = verified(changed)

    try:
        same = json.loads(changed.strip()) == PROOF  # blanks around it are nobody's business
    except ValueError:
        same = False
    assert (status == GOOD) is same
