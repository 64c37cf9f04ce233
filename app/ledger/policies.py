"""Points policies as files: read here, judged by the engine, published for good."""

from pathlib import Path

import yaml

from points_engine import Policy, PolicyInvalid

FOLDER = Path(__file__).parents[2] / "config" / "policies"


def read(path: Path) -> Policy:
    """The policy in a YAML file; `PolicyInvalid` names the file and the place of a mistake."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise PolicyInvalid(path.name, f"is not YAML: {error}") from error
    if not isinstance(document, dict):
        raise PolicyInvalid(path.name, "must be a mapping")
    return Policy.from_document(document)


def shipped(name: str) -> Policy:
    """One of the policies that come with the product."""
    return read(FOLDER / f"{name}.yaml")
