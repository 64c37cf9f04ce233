"""How long one exchange with WeChat may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Seconds to connect, to wait for the next bytes, and for everything together."""

    connect: float = 1.0
    read: float = 2.0
    total: float = 3.0

    def timeouts(self) -> dict[str, float]:
        """The single steps' limits, as httpx names them."""
        return {
            "connect": self.connect,
            "pool": self.connect,
            "write": self.read,
            "read": self.read,
        }
