"""The two ciphers, both in Galois/Counter Mode: what they seal cannot be changed unseen."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.core.vault.errors import SealBroken

Sealed: TypeAlias = tuple[bytes, bytes]  # the ciphertext and its tag

TAG_BYTES = 16
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A block cipher by the name that stands in a seal."""

    name: str
    key_bytes: int
    block: type[algorithms.AES | algorithms.SM4]

    def encrypt(
        self, key: bytes, nonce: bytes, *, plain: bytes, bound: bytes
    ) -> tuple[bytes, bytes]:
        """`bound` is not kept, and must be the same to decrypt."""
        encryptor = Cipher(self.block(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound)
        return encryptor.update(plain) + encryptor.finalize(), encryptor.tag

    def decrypt(
        self, key: bytes, nonce: bytes, *, sealed: tuple[bytes, bytes], bound: bytes
    ) -> bytes:
        text, tag = sealed
        decryptor = Cipher(self.block(key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(bound)
        try:
            return decryptor.update(text) + decryptor.finalize()
        except InvalidTag as error:
            raise SealBroken("the seal does not fit") from error


AES_256 = Algorithm("aes256gcm", 32, algorithms.AES)
SM4 = Algorithm("sm4gcm", 16, algorithms.SM4)
ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType({one.name: one for one in (AES_256, SM4)})
