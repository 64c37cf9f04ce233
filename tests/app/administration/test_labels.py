"""What was done is read in words."""

import re
from pathlib import Path

from app.administration import labels

APP = Path(__file__).parents[3] / "app"
WRITTEN_DOWN = re.compile(r'action="([a-z_]+\.[a-z_]+)"')


def test_every_action_that_is_written_down_has_words():
    texts = [path.read_text(encoding="utf-8") for path in APP.rglob("*.py")]
    actions = {action for text in texts for action in WRITTEN_DOWN.findall(text)}

    assert actions
    assert actions - labels.ACTION_LABELS.keys() == set()
