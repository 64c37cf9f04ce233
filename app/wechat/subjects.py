"""What a person is called by a super-app: found by its blind, and in clear nowhere."""

from app.core.vault import Vault

USE = "openid"


def blind_of(vault: Vault, *, tenant_id: int, appid: str, subject: str) -> bytes:
    """What an account is found by; of no use to who has the database and not the key."""
    return vault.blind(f"{appid}|{subject}", tenant_id=tenant_id, use=USE)
