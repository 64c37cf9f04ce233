"""Settings, read from the environment once, typed, and checked at start."""

from config.settings import Settings, SettingsInvalid, is_production

__all__ = ["Settings", "SettingsInvalid", "is_production"]
