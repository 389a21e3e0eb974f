"""What the documentation quotes is what the program says."""

import ast
import functools
import re

import pytest

from givens.documentation import (
    code_files,
    sections,
)
from givens.folders import DOCS, ROOT


@functools.cache
def sayings():
    """Every text that the code can say, as the parts between its variables."""
    makefile = (ROOT / "Makefile").read_text().replace('" \\\n\t\t"', " ")
    trees = [ast.parse(path.read_text()) for path in code_files()]
    texts = [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return "\n".join([makefile, *(text for text in texts if isinstance(text, str))])


def quotations():
    """What the tables say that a reader sees: whatever stands in quotation marks, and the reasons of tracks."""
    for page in (ROOT / "README.md", DOCS / "how-to" / "troubleshooting.md"):
        for heading, text in sections(page.read_text()).items():
            for line in (line for line in text.splitlines() if line.startswith("| ")):
                cells = [cell.strip() for cell in line.split("|")[1:-1]]
                yield from re.findall(r'"([^"]+)"', cells[0])
                if heading.startswith("Tracks that") and cells[0] != "state":
                    yield cells[1]


@pytest.mark.parametrize("quoted", sorted(set(quotations())))
def test_what_is_quoted_is_what_is_said(quoted):
    parts = [part.strip() for part in re.split(r"[\d.]*\d|…|«.*?»|; |[()]", quoted)]
    known = sayings()
    assert [part for part in parts if len(part) > 3 and part not in known] == []
