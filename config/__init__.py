"""Settings, read from the environment once, typed, and checked at start."""

from config.settings import Settings, SettingsInvalid

__all__ = ["Settings", "SettingsInvalid"]
