"""What the stand-alone program says, word for word: a resident reads it, and nobody is there."""

import json
from base64 import b32encode

import pytest

from points_engine import verify
from points_engine.proofs import LONGEST_CODE, proof_code
from tests.points_engine import sealed

GOOD, FALSE, UNREADABLE = 0, 1, 2
PROOF = sealed.proof(0, 2)
NOTICE = sealed.seal().notice()
ROOT = PROOF["seal"]["root"]

BY_NOTHING = "请与公示核对根和其余各项，有一项不同就不是同一本账："
BY_ROOT = "与给出的根一致，总笔数和末笔由它证明；其余请与公示核对："
BY_SEAL = "与给出的封账一致："


def report(compared):
    seal = PROOF["seal"]
    lines = [line["transfer"] for line in PROOF["lines"]]
    return [
        "核验通过：证明里的 2 笔都在 2026Q1 的封账之内，一字未改。",
        f"  第 1 笔  2026-01-05  points 10  {lines[0]['reference']}",
        f"  第 3 笔  2026-01-07  points 12  {lines[1]['reference']}",
        compared,
        "  季度  2026Q1",
        f"  根  {ROOT}",
        "  总笔数  8",
        f"  末笔  {seal['last_transfer']}",
        f"  上一季度的根  {seal['previous_root']}",
        f"  封账码  {PROOF['seal_hash']}",
    ]


@pytest.mark.parametrize(
    ("options", "notice", "compared"),
    [
        ((), None, BY_NOTHING),
        (("--root", ROOT), None, BY_ROOT),
        (("--root", f" {ROOT.upper()} "), None, BY_ROOT),
        ((), NOTICE, BY_SEAL),
    ],
    ids=["nothing", "root", "root in capitals", "seal"],
)
def test_what_is_so_is_said_in_full(verified, options, notice, compared):
    status, said = verified(PROOF, *options, notice=notice)

    assert (status, said.splitlines()) == (GOOD, report(compared))


def test_the_first_quarter_says_that_there_is_none_before(verified):
    _, said = verified(sealed.badly_sealed(sealed.rows(1)))

    assert "  上一季度的根  无" in said.splitlines()


WRONG = "核验不通过："


def told(*changes):
    return sealed.with_changes(PROOF, *changes)


@pytest.mark.parametrize(
    ("proof", "options", "said"),
    [
        (told(("seal_hash", "0" * 64)), (), "封账的各项与封账码不符"),
        (told(("end.content", "0" * 64)), (), "总笔数或末笔与根不符"),
        (told(("lines", [])), (), "证明里没有任何一笔"),
        (told(("lines", PROOF["lines"][::-1])), (), "第 1 笔重复了，或者次序不对"),
        (told(("lines", PROOF["lines"][:1] * 2)), (), "第 1 笔重复了，或者次序不对"),
        (told(("lines.1.transfer.tenant_id", 8)), (), "第 3 笔不属于这个社区的这个季度"),
        (told(("lines.1.transfer.quarter", "2026Q2")), (), "第 3 笔不属于这个社区的这个季度"),
        (told(("lines.1.transfer.amount", 99)), (),
         "第 3 笔与根不符：内容、位置或路径被改动过"),
        (told(("lines.1.place", 7)), (), "第 8 笔与根不符：内容、位置或路径被改动过"),
        (PROOF, ("--root", "0" * 64), "与公示的根不符"),
    ],
)  # fmt: skip
def test_what_is_not_so_is_said_with_the_line_it_is_about(verified, proof, options, said):
    assert verified(proof, *options) == (FALSE, f"{WRONG}{said}。\n")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("quarter", "2026Q2", "季度"),
        ("leaf_count", 9, "总笔数"),
        ("previous_root", None, "上一季度的根"),
        ("tenant_id", 8, "tenant_id"),
        ("sealed_at", "2026-04-02T01:00:00.000000+00:00", "sealed_at"),
    ],
)
def test_another_notice_is_said_by_what_differs(verified, name, value, said):
    other = sealed.with_changes(NOTICE, (f"seal.{name}", value), ("seal_hash", "0" * 64))

    assert verified(PROOF, notice=other) == (
        FALSE,
        f"{WRONG}与公示的封账不符：{said}、封账码。\n",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "内容不是 JSON，也不是证明的二维码"),
        ("RA1:!", "内容不是 JSON，也不是证明的二维码"),
        ("[" * 100_000, "内容不是 JSON，也不是证明的二维码"),
        ('{"seal": 1, "seal": 2}', "同一项写了两次"),
        ("{}", "文件 不是应有的样子"),
        (proof_code(PROOF)[:-8], "二维码的内容不完整"),
        (json.dumps(told(("seal.root", 7))), "文件.seal.root 不是应有的样子"),
        (json.dumps(told(("seal.first_transfer", 7))), "文件.seal.first_transfer 不是应有的样子"),
        (json.dumps(told(("lines.1.path.2", "x"))), "文件.lines[1].path[2] 不是应有的样子"),
        (json.dumps(told(("lines.0.transfer.amount", True))),
         "文件.lines[0].transfer.amount 不是应有的样子"),
    ],
    ids=range(10),
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_place(verified, text, said):
    assert verified(text) == (UNREADABLE, f"无法核验：{said}。\n")


def test_a_root_that_cannot_be_one_is_said(verified):
    assert verified(PROOF, "--root", "7") == (
        UNREADABLE,
        "无法核验：给出的根不是 64 位十六进制。\n",
    )


def test_a_file_that_is_not_there_is_said(tmp_path, capsys):
    missing = tmp_path / "none.json"

    status = verify.main([str(missing)])

    said = f"无法核验：打不开文件 {missing}（No such file or directory）。\n"
    assert (status, capsys.readouterr().out) == (UNREADABLE, said)


@pytest.mark.parametrize(("more", "said"), [(0, "内容不是 JSON，也不是证明的二维码"),
                                            (1, "文件超过 16 MB")])  # fmt: skip
def test_a_file_that_is_too_large_is_not_read(verified, more, said):
    assert verified("x" * (16 * 2**20 + more)) == (UNREADABLE, f"无法核验：{said}。\n")


@pytest.mark.parametrize("place", range(6))
def test_a_code_is_of_capitals_and_digits_without_a_blank_to_spare(place):
    proof = sealed.proof(place)

    code = proof_code(proof)

    assert code == "RA1:" + b32encode(packed(proof)).decode().rstrip("=")
    assert set(code[4:]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def packed(proof):
    """As small as it can be: no blanks, no escapes, and nothing that every proof repeats."""
    text = json.dumps(proof, ensure_ascii=False, separators=(",", ":")).encode()
    packer = verify.zlib.compressobj(level=9, zdict=verify._DICTIONARY)
    return packer.compress(text) + packer.flush()


def test_a_code_that_just_fits_is_made_and_one_longer_is_not():
    def with_reason(length):
        """Digests do not pack: the longer the reason, the longer the code."""
        noise = "".join(
            verify.sha256(str(number).encode()).hexdigest() for number in range(length // 64 + 1)
        )
        return told(("lines.1.transfer.reason", noise[:length]))

    lengths = []
    for length in range(2000, 8000, 8):
        try:
            lengths.append(len(proof_code(with_reason(length))))
        except ValueError as refused:
            too_long = int(str(refused).split()[0])
            break

    assert max(lengths) <= LONGEST_CODE < too_long
    assert str(refused_of(with_reason(length))) == f"{too_long} characters do not fit one QR code"


def refused_of(proof):
    with pytest.raises(ValueError, match="do not fit") as refused:
        proof_code(proof)
    return refused.value


def test_the_program_explains_itself(capsys):
    with pytest.raises(SystemExit) as ended:
        verify.main(["--help"])

    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert said.startswith("usage: verify ")
    for words in (
        "核验积分账本的证明",
        "证明文件（JSON，或二维码的文字）",
        "公示的封账文件（JSON）",
        "公示的根（64 位十六进制）",
    ):
        assert f" {words}\n" in said or f"\n{words}\n" in said
