"""WeChat's signatures and sealed messages, as its documents describe them."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_LENGTH = 43
BLOCK = 32  # messages are padded to this, not to the 16 bytes of the cipher
LENGTH_BYTES = 4
RANDOM_BYTES = 16


class SealBroken(ValueError):
    """What was to be opened is not what WeChat sealed for us."""


def signature(*parts: str) -> str:
    """The signature over these parts, whose order does not matter."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - WeChat's choice


def is_signed(given: str, *parts: str) -> bool:
    return hmac.compare_digest(signature(*parts).encode(), given.encode())


def session_signature(message: str, *, session_key: str) -> str:
    """The signature of a session. Its key is the base64 text itself, not the bytes it is for."""
    return hmac.new(session_key.encode(), message.encode(), hashlib.sha256).hexdigest()


def data_signature(raw_data: str, *, session_key: str) -> str:
    """The signature that comes with data a phone reads out in clear."""
    return hashlib.sha1((raw_data + session_key).encode()).hexdigest()  # noqa: S324 - as above


def unseal(sealed: str, *, aes_key: str, appid: str) -> bytes:
    """The message in an envelope that was sealed for this mini-program."""
    key = message_key(aes_key)
    plain = _unpad(_decrypted(_decoded(sealed), key=key, iv=key[:16]), most=BLOCK)
    head = RANDOM_BYTES + LENGTH_BYTES
    length = int.from_bytes(plain[RANDOM_BYTES:head], "big")
    message, whose = plain[head : head + length], plain[head + length :]
    if len(message) != length or not hmac.compare_digest(whose, appid.encode()):
        raise SealBroken("The envelope is not for this mini-program")
    return message


def seal(message: bytes, *, aes_key: str, appid: str, random: bytes) -> str:
    """An envelope as WeChat seals it; `random` are sixteen bytes that nobody can guess."""
    key = message_key(aes_key)
    plain = random + len(message).to_bytes(LENGTH_BYTES, "big") + message + appid.encode()
    missing = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed = encryptor.update(plain + bytes([missing]) * missing) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def message_key(aes_key: str) -> bytes:
    """The key that the 43 characters of the console stand for."""
    key = _decoded(aes_key + "=") if len(aes_key) == KEY_LENGTH else b""
    if len(key) != BLOCK:
        raise SealBroken("The message key has 43 letters and digits")
    return key


def unseal_data(sealed: str, *, iv: str, session_key: str, appid: str) -> dict[str, Any]:
    """What a phone hands over sealed with its session key, the way codes have replaced."""
    raw = _decrypted(_decoded(sealed), key=_decoded(session_key), iv=_decoded(iv))
    try:
        data = json.loads(_unpad(raw, most=16).decode("utf-8"))
        whose = data["watermark"]["appid"]
    except (ValueError, KeyError, TypeError) as error:
        raise SealBroken("The data cannot be read") from error
    if whose != appid:
        raise SealBroken("The data are another mini-program's")
    return dict(data)


def _decoded(text: str) -> bytes:
    try:
        # The last letters of a message key may carry bits that mean nothing.
        return base64.b64decode(text.encode("ascii"))
    except (ValueError, binascii.Error) as error:
        raise SealBroken("This is not base64") from error


def _decrypted(sealed: bytes, *, key: bytes, iv: bytes) -> bytes:
    try:
        decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
        return decryptor.update(sealed) + decryptor.finalize()
    except ValueError as error:
        raise SealBroken("The envelope cannot be opened") from error


def _unpad(plain: bytes, *, most: int) -> bytes:
    missing = plain[-1] if plain else 0
    if not 1 <= missing <= most or plain[-missing:] != bytes([missing]) * missing:
        raise SealBroken("The envelope cannot be opened")
    return plain[:-missing]
