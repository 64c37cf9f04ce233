"""Checks a proof without the engine: copy this one file anywhere, Python is all it needs.

    python verify.py proof.json                     the proof is true of the root it names
    python verify.py proof.json --seal seal.json    … and that is the seal on the notice
    python verify.py proof.json --root 9f86d0…      … and that is the root on the notice

The file may also hold the text of a QR code. The answer is 0 when everything holds, 1 when
something does not, 2 when the file cannot be read as a proof.
"""

import argparse
import base64
import io
import json
import re
import sys
import zlib
from hashlib import sha256
from pathlib import Path
from typing import Any

LARGEST = 16 * 2**20
CODE = "RA1:"
LEAF, NODE, CONTENT, SEAL = b"\x00", b"\x01", b"\x02", b"\x03"

_HASH = re.compile(r"[0-9a-f]{64}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_QUARTER = re.compile(r"[0-9]{4}Q[1-4]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(_DAY.pattern + r"T[0-9:]{8}\.[0-9]{6}\+00:00")
_TEXT = re.compile(r"[^\ud800-\udfff]*")  # halves of characters have no bytes
_NATURAL = range(2**63)
_NUMBER = range(-(2**63), 2**63)

# The order of the names is the order in which they are hashed.
_SEAL = {
    "format": range(1, 2),
    "tenant_id": _NATURAL,
    "community_id": _UUID,
    "quarter": _QUARTER,
    "root": _HASH,
    "leaf_count": _NATURAL,
    "first_transfer": (_UUID, None),
    "last_transfer": (_UUID, None),
    "previous_root": (_HASH, None),
    "sealed_at": _INSTANT,
}
_TRANSFER = {
    "tenant_id": _NATURAL,
    "id": _UUID,
    "kind": _TEXT,
    "reference": _TEXT,
    "source": _TEXT,
    "unit": _TEXT,
    "debit_account_id": _UUID,
    "credit_account_id": _UUID,
    "amount": _NATURAL,
    "community_id": _UUID,
    "quarter": _QUARTER,
    "occurred_on": _DAY,
    "booked_at": _INSTANT,
    "policy_version": _TEXT,
    "fact_id": (_UUID, None),
    "reverses": (_UUID, None),
    "actor_id": _UUID,
    "reason": _TEXT,
    "debit_version": (_NUMBER, None),
    "debit_balance_after": (_NUMBER, None),
    "credit_version": (_NUMBER, None),
    "credit_balance_after": (_NUMBER, None),
}
_LINE = {"place": _NATURAL, "salt": _HASH, "transfer": _TRANSFER, "path": [_HASH]}
_NOTICE = {"seal": _SEAL, "seal_hash": _HASH}
_PROOF = {**_NOTICE, "end": {"content": _HASH, "path": [_HASH]}, "lines": [_LINE]}

_NAMES = {
    "quarter": "季度",
    "root": "根",
    "leaf_count": "总笔数",
    "last_transfer": "末笔",
    "previous_root": "上一季度的根",
    "seal_hash": "封账码",
}
_BY_SEAL = "与给出的封账一致："
_BY_ROOT = "与给出的根一致，总笔数和末笔由它证明；其余请与公示核对："
_BY_NOTHING = "请与公示核对根和其余各项，有一项不同就不是同一本账："
_DICTIONARY = (
    '{"seal":{"format":1,"tenant_id":1,"community_id":"","quarter":"20Q","root":"","leaf_count":,'
    '"first_transfer":"","last_transfer":"","previous_root":"","sealed_at":""},"seal_hash":"",'
    '"end":{"content":"","path":["",""]},"lines":[{"place":,"salt":"","transfer":{'
    + ",".join(f'"{name}":null' for name in _TRANSFER)
    + '},"path":["0123456789abcdef"]}]}"T00:00:00.000000+00:00","attendance:station_visit:points"'
).encode()


class Unreadable(Exception):
    """Not a proof, whatever it is."""


class Untrue(Exception):
    """A proof of something that is not so."""


# What is checked. Everything else in this file reads and speaks.


def check(proof: dict[str, Any]) -> None:
    """`Untrue` unless everything the proof shows follows from the root it names."""
    seal, end = proof["seal"], proof["end"]
    if sha256(SEAL + encode(*(seal[name] for name in _SEAL))).hexdigest() != proof["seal_hash"]:
        raise Untrue("封账的各项与封账码不符")
    last = leaf(seal["leaf_count"] - 1, seal["last_transfer"], end["content"])
    if climb(last, seal["leaf_count"] - 1, (seal["leaf_count"], end["path"])) != seal["root"]:
        raise Untrue("总笔数或末笔与根不符")
    if not proof["lines"]:
        raise Untrue("证明里没有任何一笔")
    before = (-1, "", "")
    for line in proof["lines"]:
        check_line(line, seal)
        place = (line["place"], line["transfer"]["booked_at"], line["transfer"]["id"])
        if place[0] <= before[0] or place[1:] <= before[1:]:
            raise Untrue(f"第 {place[0] + 1} 笔重复了，或者次序不对")
        before = place


def check_line(line: dict[str, Any], seal: dict[str, Any]) -> None:
    """`Untrue` unless this transfer, as printed, stands at its place in the sealed quarter."""
    place, transfer = line["place"], line["transfer"]
    for name in ("tenant_id", "community_id", "quarter"):
        if transfer[name] != seal[name]:
            raise Untrue(f"第 {place + 1} 笔不属于这个社区的这个季度")
    fields = encode(line["salt"], *(transfer[name] for name in _TRANSFER))
    leaf_hash = leaf(place, transfer["id"], sha256(CONTENT + fields).hexdigest())
    if climb(leaf_hash, place, (seal["leaf_count"], line["path"])) != seal["root"]:
        raise Untrue(f"第 {place + 1} 笔与根不符：内容、位置或路径被改动过")


def leaf(place: int, transfer_id: str, content: str) -> bytes:
    """What stands in the tree for a transfer."""
    return sha256(LEAF + encode(place, transfer_id, content)).digest()


def climb(node: bytes, place: int, tree: tuple[int, list[str]]) -> str | None:
    """The root above a leaf (RFC 9162, 2.1.3.2), or None when no such path leads there."""
    leaf_count, path = tree
    here, last = place, leaf_count - 1
    if not 0 <= here <= last:
        return None
    for one in path:
        if last == 0:
            return None
        if here & 1 or here == last:
            node = sha256(NODE + bytes.fromhex(one) + node).digest()
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            node = sha256(NODE + node + bytes.fromhex(one)).digest()
        here, last = here >> 1, last >> 1
    return node.hex() if last == 0 else None


def encode(*values: str | int | None) -> bytes:
    """Every value with its type and its length, after the version of this encoding."""
    framed = b"\x01"
    for value in values:
        tag = "n" if value is None else "i" if isinstance(value, int) else "s"
        body = "" if value is None else str(value)
        framed += tag.encode() + len(body.encode()).to_bytes(4, "big") + body.encode()
    return framed


def compare_root(proof: dict[str, Any], root: str) -> None:
    """`Untrue` unless that is the root. It speaks for the number of leaves and the last one."""
    if not _HASH.fullmatch(root.strip().lower()):
        raise Unreadable("给出的根不是 64 位十六进制")
    if root.strip().lower() != proof["seal"]["root"]:
        raise Untrue("与公示的根不符")


def compare(proof: dict[str, Any], notice: dict[str, Any]) -> None:
    """`Untrue` unless the proof is about what was published."""
    ours, theirs = ({**one["seal"], "seal_hash": one["seal_hash"]} for one in (proof, notice))
    different = [_NAMES.get(name, name) for name in theirs if theirs[name] != ours[name]]
    if different:
        raise Untrue(f"与公示的封账不符：{'、'.join(different)}")


# Reading: nothing that is not of exactly this form comes further.


def read(path: str, shape: dict[str, Any]) -> dict[str, Any]:
    """The document in a file. `Unreadable` unless it has that shape, no more and no less."""
    try:
        with Path(path).open("rb") as file:
            raw = file.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise Unreadable(f"文件超过 {LARGEST // 2**20} MB")
        text = unpacked(raw.decode("utf-8-sig").strip())
        document: dict[str, Any] = json.loads(text, object_pairs_hook=once)
    except OSError as problem:
        raise Unreadable(f"打不开文件 {path}（{problem.strerror}）") from None
    except (ValueError, zlib.error, RecursionError):
        raise Unreadable("内容不是 JSON，也不是证明的二维码") from None
    fit(document, shape, "文件")
    return document


def unpacked(text: str) -> str:
    """The JSON in the text of a QR code. Any other text is left as it is."""
    if not text.startswith(CODE):
        return text
    body = text.removeprefix(CODE)
    packed = base64.b32decode(body + "=" * (-len(body) % 8))
    unpacker = zlib.decompressobj(zdict=_DICTIONARY)
    found = unpacker.decompress(packed, LARGEST)
    if not unpacker.eof or unpacker.unused_data:
        raise Unreadable("二维码的内容不完整")
    return found.decode()


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object in which no name stands twice: readers would differ about which counts."""
    if len(dict(pairs)) != len(pairs):
        raise Unreadable("同一项写了两次")
    return dict(pairs)


def fit(value: object, shape: object, where: str) -> None:
    """`Unreadable`, with the place, unless the value has the shape."""
    if isinstance(shape, dict) and isinstance(value, dict) and value.keys() == shape.keys():
        for name, inner in shape.items():
            fit(value[name], inner, f"{where}.{name}")
    elif isinstance(shape, list) and isinstance(value, list):
        for number, one in enumerate(value):
            fit(one, shape[0], f"{where}[{number}]")
    elif not fits(value, shape):
        raise Unreadable(f"{where} 不是应有的样子")


def fits(value: object, shape: object) -> bool:
    """Whether a single value is what is wanted. A truth value is not a number."""
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    if isinstance(shape, range):
        return type(value) is int and value in shape
    return value is None and shape is None


# Speaking.


def main(arguments: list[str]) -> int:
    """Check what the arguments name, and say what was found."""
    asked = argparse.ArgumentParser(prog="verify", description="核验积分账本的证明")
    asked.add_argument("proof", help="证明文件（JSON，或二维码的文字）")
    asked.add_argument("--seal", help="公示的封账文件（JSON）")
    asked.add_argument("--root", help="公示的根（64 位十六进制）")
    options = asked.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        proof = read(options.proof, _PROOF)
        check(proof)
        if options.seal is not None:
            compare(proof, read(options.seal, _NOTICE))
        if options.root is not None:
            compare_root(proof, options.root)
    except Untrue as problem:
        return say(f"核验不通过：{problem}。", 1)
    except Unreadable as problem:
        return say(f"无法核验：{problem}。", 2)
    compared = _BY_SEAL if options.seal else _BY_ROOT if options.root else _BY_NOTHING
    return say(report(proof, compared), 0)


def say(text: str, status: int) -> int:
    """Print it, whatever the file had in its texts."""
    lines = ("".join(c if c.isprintable() else "?" for c in line) for line in text.split("\n"))
    sys.stdout.write("\n".join(lines) + "\n")
    return status


def report(proof: dict[str, Any], compared: str) -> str:
    """What was shown, and what a person has still to look at."""
    seal, lines = proof["seal"], proof["lines"]
    told = [f"核验通过：证明里的 {len(lines)} 笔都在 {seal['quarter']} 的封账之内，一字未改。"]
    for line in lines:
        one = line["transfer"]
        what = f"{one['occurred_on']}  {one['unit']} {one['amount']}  {one['reference']}"
        told.append(f"  第 {line['place'] + 1} 笔  {what}")
    told.append(compared)
    values = {**seal, "seal_hash": proof["seal_hash"]}
    told += [f"  {name}  {values[key] or '无'}" for key, name in _NAMES.items()]
    return "\n".join(told)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
