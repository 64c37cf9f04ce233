"""`python -m app.core.vault` prints the first keys of a new deployment, for a file of their own."""

import sys

from app.core.vault.keys import DataKeys

sys.stdout.write(f"{DataKeys.new().text()}\n")
