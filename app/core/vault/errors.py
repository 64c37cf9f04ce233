"""What the vault cannot do. None of these is a client's doing."""


class KeysInvalid(Exception):
    """The keys cannot be used; the message says why, and quotes none of them."""


class KeysMissing(Exception):
    """Something must be sealed or unsealed, and no keys were given."""


class SealBroken(Exception):
    """What should be unsealed was changed, moved from its place, or sealed with another key."""
