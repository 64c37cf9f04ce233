"""Our notices as subscribe messages of one mini-program: data, in a file an operator keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.wechat.fields import FieldUnfit, fit, kind_of
from config import SettingsInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template of the console: its id, the page it opens, and which of our words go where.

    For a `lasting` one a person agrees once; for any other, once for each message.
    """

    id: str
    page: str
    fields: Mapping[str, str]
    lasting: bool = False

    def filled(self, words: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """Every field with words that fit it; `FieldUnfit` names one for which there are none."""
        return {key: {"value": fit(key, words.get(ours, ""))} for key, ours in self.fields.items()}


Templates = Mapping[str, Template]


def read(path: Path | None) -> Templates:
    """The templates in the file, by our names; without a file there are none."""
    if path is None:
        return {}
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {name: _template(one) for name, one in document.items()}
    except OSError as error:
        raise SettingsInvalid(f"WECHAT_TEMPLATES cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, FieldUnfit, AttributeError, KeyError, TypeError) as error:
        raise SettingsInvalid(f"WECHAT_TEMPLATES cannot be understood: {error}") from error


def _template(one: Mapping[str, Any]) -> Template:
    fields = {str(key): str(ours) for key, ours in one["fields"].items()}
    for key in fields:
        kind_of(key)
    return Template(
        id=str(one["id"]), page=str(one["page"]), fields=fields, lasting=bool(one.get("lasting"))
    )
