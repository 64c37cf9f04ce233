"""What kinds of people and states of an import are called on the screen."""

KINDS = {
    "resident": "居民",
    "in_service_member": "在职党员",
    "retired_member": "离退休党员",
    "elder": "长者",
    "volunteer": "志愿者",
    "staff": "工作人员",
}
IMPORTS = {"people": "居民和党员", "units": "驻区单位"}
STATES = {"checked": "已检查，还没有写入", "done": "已写入", "dropped": "已放弃"}


def card(number: str | None) -> str:
    """A card's number without its middle."""
    return f"{number[:2]}****{number[-2:]}" if number else ""
