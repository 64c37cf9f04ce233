"""Encryption at rest: what is sealed here is worth nothing to who reads the database alone."""

from app.core.vault.errors import KeysInvalid, KeysMissing, SealBroken
from app.core.vault.keys import DataKeys
from app.core.vault.resealing import Sealed
from app.core.vault.sealing import Place, Vault

__all__ = ["DataKeys", "KeysInvalid", "KeysMissing", "Place", "SealBroken", "Sealed", "Vault"]
