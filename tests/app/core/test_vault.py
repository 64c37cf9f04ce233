"""Sealing: the published vectors, where a seal belongs, keys that change, and what is found."""

import hashlib
import hmac
import json
import subprocess
import sys
from dataclasses import replace
from uuid import uuid4

import pytest

from app.core.vault import DataKeys, KeysInvalid, Place, SealBroken, Vault
from app.core.vault.ciphers import AES_256, ALGORITHMS, SM4
from app.core.vault.keys import derived
from app.servers import data_keys_in

VECTORS = {  # the revised GCM specification, test case 16; RFC 8998, appendix A.1
    "aes256gcm": {
        "key": "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        "nonce": "cafebabefacedbaddecaf888",
        "bound": "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "plain": "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "text": "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
        "tag": "76fc6ece0f4e1768cddf8853bb2d551b",
    },
    "sm4gcm": {
        "key": "0123456789abcdeffedcba9876543210",
        "nonce": "00001234567800000000abcd",
        "bound": "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "plain": "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
        "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        "text": "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d",
        "tag": "83de3541e4c2b58177e065a9bf7b62ec",
    },
}
HERE = Place(tenant_id=7, table="personal_datum", field="phone", row_id=uuid4())
PHONE = "+8613812345678"


@pytest.fixture
def keys():
    return DataKeys.new()


@pytest.fixture(params=sorted(ALGORITHMS))
def algorithm(request):
    return request.param


@pytest.fixture
def vault(keys, algorithm):
    return Vault(keys, algorithm=algorithm)


@pytest.mark.parametrize("name", VECTORS)
def test_the_published_vectors_come_out(name):
    given = {part: bytes.fromhex(value) for part, value in VECTORS[name].items()}
    cipher = ALGORITHMS[name]

    sealed = cipher.encrypt(
        given["key"], given["nonce"], plain=given["plain"], bound=given["bound"]
    )

    assert sealed == (given["text"], given["tag"])
    opened = cipher.decrypt(given["key"], given["nonce"], sealed=sealed, bound=given["bound"])
    assert opened == given["plain"]


def test_keys_are_derived_as_hkdf_says():
    # RFC 5869 with SHA-256, no salt: recomputed by hand, extract and then expand
    main, info = bytes(range(32)), b"red account|seal|aes256gcm|7"
    extracted = hmac.digest(bytes(32), main, hashlib.sha256)
    expanded = hmac.digest(extracted, info + b"\x01", hashlib.sha256)

    assert derived(main, "seal", "aes256gcm", 7) == expanded


def test_what_is_sealed_is_of_the_written_form_and_comes_out_again(vault, algorithm):
    sealed = vault.seal("欧阳静怡", HERE)

    version, name, kid, nonce, text, tag = sealed.split("|")
    assert (version, name, kid) == ("v1", algorithm, "k1")
    assert (len(nonce), len(tag)) == (16, 24)  # 96 and 128 bits in base64
    assert text
    assert "静" not in sealed
    assert vault.unseal(sealed, HERE) == "欧阳静怡"


def test_the_same_value_is_sealed_to_something_else_each_time(vault):
    assert len({vault.seal(PHONE, HERE) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(HERE, tenant_id=8),
        replace(HERE, table="another"),
        replace(HERE, field="name"),
        replace(HERE, row_id=uuid4()),
    ],
    ids=["tenant", "table", "field", "row"],
)
def test_a_seal_that_was_copied_elsewhere_does_not_open(vault, elsewhere):
    with pytest.raises(SealBroken):
        vault.unseal(vault.seal(PHONE, HERE), elsewhere)


@pytest.mark.parametrize("part", range(6))
def test_a_seal_that_was_changed_anywhere_does_not_open(vault, part):
    parts = vault.seal(PHONE, HERE).split("|")
    first = parts[part][0]
    parts[part] = ("A" if first != "A" else "B") + parts[part][1:]

    with pytest.raises(SealBroken):
        vault.unseal("|".join(parts), HERE)


@pytest.mark.parametrize(
    "text", ["", "138****1234", "v1|aes256gcm|k1|x|y", "v1|aes256gcm|k1|AA==|AA==|AA==", "v1|||||"]
)
def test_what_is_no_seal_does_not_open(vault, text):
    with pytest.raises(SealBroken):
        vault.unseal(text, HERE)


def test_a_cipher_is_not_taken_for_the_other(keys):
    sealed = Vault(keys, algorithm=AES_256.name).seal(PHONE, HERE)

    with pytest.raises(SealBroken):
        Vault(keys, algorithm=AES_256.name).unseal(sealed.replace(AES_256.name, SM4.name), HERE)


def test_what_an_older_key_or_the_other_cipher_sealed_still_opens(keys):
    sealed = Vault(keys, algorithm=AES_256.name).seal(PHONE, HERE)
    renewed = Vault(keys.with_another(), algorithm=SM4.name)

    assert renewed.unseal(sealed, HERE) == PHONE
    assert renewed.seal(PHONE, HERE).startswith(renewed.prefix)
    assert renewed.prefix == "v1|sm4gcm|k2|"
    assert not sealed.startswith(renewed.prefix)


def test_other_keys_open_nothing(vault, algorithm):
    with pytest.raises(SealBroken):
        Vault(DataKeys.new(), algorithm=algorithm).unseal(vault.seal(PHONE, HERE), HERE)


def test_a_value_is_found_in_its_tenant_and_use_and_nowhere_else(vault, keys, algorithm):
    found = vault.blind(PHONE, tenant_id=7, use="phone")

    assert found == vault.blind(PHONE, tenant_id=7, use="phone")
    assert found == Vault(keys.with_another(), algorithm=algorithm).blind(
        PHONE, tenant_id=7, use="phone"
    )
    others = {
        vault.blind(PHONE, tenant_id=8, use="phone"),
        vault.blind(PHONE, tenant_id=7, use="phone_tail"),
        vault.blind("+8613812345679", tenant_id=7, use="phone"),
        Vault(DataKeys.new(), algorithm=algorithm).blind(PHONE, tenant_id=7, use="phone"),
    }
    assert len(others | {found}) == 5


def test_keys_come_back_from_their_document(keys):
    assert DataKeys.read(keys.text()) == keys
    assert DataKeys.read(keys.with_another().text()).current == "k2"


def test_keys_are_not_shown_by_accident(keys):
    (key,) = keys.keys.values()

    assert repr(key) not in repr(keys)
    assert "index" not in repr(keys)


SOUND = json.loads(DataKeys.new().text())


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"more": 1}, "nothing else"),
        ({"current": "k9"}, "current"),
        ({"keys": []}, "id"),
        ({"keys": {"K 1": "x"}}, "id"),
        ({"keys": {"k1": "not base64!"}}, "base64"),
        ({"keys": {"k1": 7}}, "base64"),
        ({"keys": {"k1": "c2hvcnQ="}}, "32 bytes"),
        ({"keys": {"k1": "A" * 43 + "="}}, "random"),
        ({"index": "A" * 43 + "="}, "random"),
        ({"keys": {"k1": SOUND["index"]}}, "another"),
    ],
    ids=lambda told: told if isinstance(told, str) else next(iter(told)),
)
def test_keys_that_are_wrong_in_a_part_are_refused_and_not_quoted(parts, why):
    with pytest.raises(KeysInvalid, match=why) as refused:
        DataKeys.read(json.dumps(SOUND | parts))

    assert "AAAA" not in str(refused.value)


@pytest.mark.parametrize(("text", "why"), [("secret", "JSON"), ("[]", "nothing else")])
def test_keys_that_are_none_are_refused_and_not_quoted(text, why):
    with pytest.raises(KeysInvalid, match=why) as refused:
        DataKeys.read(text)

    assert text not in str(refused.value)


def test_a_deployment_of_its_own_makes_its_keys_once_and_keeps_them_to_itself(tmp_path):
    var = tmp_path / "var"

    first = data_keys_in(var)

    assert data_keys_in(var) == first
    assert DataKeys.read(first)
    assert (var / "data-keys").stat().st_mode & 0o777 == 0o600


def test_the_first_keys_are_printed_by_a_command():
    printed = subprocess.run(
        [sys.executable, "-m", "app.core.vault"], capture_output=True, text=True, check=True
    )

    assert DataKeys.read(printed.stdout).current == "k1"
