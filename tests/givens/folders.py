"""Where things lie, however deep the test that asks."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SHARED = ROOT.parent / "shared" / "data"
"""Real bytes that were recorded. They are not part of the repository: a test that reads them is skipped without them."""
