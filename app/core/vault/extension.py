"""The vault of the application, with the keys its settings give."""

from flask import Flask

from app.core.vault.errors import KeysInvalid
from app.core.vault.keys import DataKeys
from app.core.vault.sealing import Vault
from config import Settings, SettingsInvalid


def init_app(app: Flask, settings: Settings) -> None:
    """Refuses keys that are none; whoever gives no keys at all has nothing to seal."""
    vault = vault_of(settings)
    if vault is not None:
        app.extensions["vault"] = vault


def vault_of(settings: Settings) -> Vault | None:
    """The vault with the keys of these settings, if they have any."""
    if not settings.data_keys:
        return None
    return Vault(keys_of(settings), algorithm=settings.data_cipher)


def keys_of(settings: Settings) -> DataKeys:
    try:
        return DataKeys.read(settings.data_keys)
    except KeysInvalid as error:
        raise SettingsInvalid(f"DATA_KEYS cannot be used: {error}") from error
