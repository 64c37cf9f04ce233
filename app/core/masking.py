"""How names appear where others may read them."""


def name(full: str) -> str:
    """张三丰 becomes 张*丰, 张三 becomes 张*: enough to know oneself, not to be known."""
    if len(full) <= 2:
        return full[:1] + "*"
    return full[0] + "*" * (len(full) - 2) + full[-1]
