"""Every link leads somewhere, every page can be reached, and pages keep their form."""

import re

import pytest

import crateline
from givens.documentation import PAGES, name_of, sections, without_code
from givens.folders import DOCS, ROOT


def slug(heading):
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page):
    text = without_code(page.read_text())
    for target in [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'(?:src|href)="([^"]+)"', text)]:
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), f"{name_of(page)} → {target}"
        if anchor:
            assert anchor in {slug(heading) for heading in sections(place.read_text())}, f"{name_of(page)} → {target}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.is_relative_to(DOCS)], ids=name_of)
def test_every_page_can_be_reached_from_the_readme(page):
    # Given
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        here = waiting.pop()
        if here in reached:
            continue
        reached.add(here)
        links = re.findall(r"\]\(([^)\s#]+\.md)(?:#[^)]*)?\)", here.read_text())
        waiting += [(here.parent / link).resolve() for link in links if not link.startswith("http")]

    # I expect
    assert page in reached


def test_decisions_are_numbered_without_gaps_and_say_what_was_decided_and_why():
    # Given
    pages = sorted((DOCS / "decisions").glob("0*.md"))

    # I expect
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text()
        assert text.startswith(f"# {page.name[:4]} "), page.name
        assert len(text.splitlines()) <= 40, f"{page.name} is longer than half a page"


def test_the_picture_of_the_run_loads_nothing_from_outside():
    # Given
    picture = (DOCS / "images" / "demo.svg").read_text()

    # I expect
    assert "images/demo.svg" in (ROOT / "README.md").read_text()
    assert not re.findall(r"url\(\s*[\"']?(?!#)", picture)
    assert not re.findall(r"(?:href|src)=\"(?!#)", picture)
    assert "@import" not in picture
    assert "@font-face" not in picture
    assert "<script" not in picture


def test_the_changelog_begins_with_this_version():
    heads = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert heads[0] == crateline.__version__
