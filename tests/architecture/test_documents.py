"""What the documents promise is there: targets, files, headings; and the generated pages are fresh."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from tracked import ROOT, name, of_kind

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/README.md", "LICENSE")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_document_is_there(document: str) -> None:
    assert (ROOT / document).stat().st_size > 100


def test_commands_of_the_documents_are_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    for document in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "docs/README.md"):
        wanted = set(
            re.findall(r"(?<![\w-])make ([a-z]+)(?=[`\s]|$)", _code((ROOT / document).read_text(encoding="utf-8")))
        )
        assert wanted <= targets, f"{document} names targets that the Makefile does not have"
    assert {"demo", "test"} <= set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))


def test_the_architecture_names_what_is_there() -> None:
    """Every file that ARCHITECTURE.md names, and every function that it names beside a file."""
    content = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:src|standard|scripts|docs)/[\w/.-]+)`(?: · `(\w+)`)?", content)
    assert len(paths) > 20
    for path, function in paths:
        assert (ROOT / path).exists(), path
        if function:
            assert re.search(rf"def {function}\(", (ROOT / path).read_text(encoding="utf-8")), f"{path}: {function}"


def test_the_changelog_begins_with_this_version() -> None:
    newest = re.search(r"(?m)^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert newest is not None
    assert f'version = "{newest.group(1)}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_readme_fits_a_screen() -> None:
    assert (ROOT / "README.md").read_text(encoding="utf-8").count("\n") <= 60


def test_pictures_are_light() -> None:
    pictures = of_kind(".png", ".jpg", ".svg", ".webp")
    assert not [name(path) for path in pictures if path.stat().st_size > 250_000]


def test_links_lead_somewhere() -> None:
    broken = []
    for page in of_kind(".md"):
        content = page.read_text(encoding="utf-8")
        for target in (one or other for one, other in LINK.findall(_without_code(content))):
            if "://" in target or target.startswith("mailto:"):
                continue
            path, _, anchor = unquote(target).partition("#")
            found = (page.parent / path).resolve() if path else page
            if not found.is_relative_to(ROOT) or not found.exists():
                broken.append(f"{name(page)}: {target}")
            elif anchor and found.suffix == ".md" and anchor not in _anchors(found):
                broken.append(f"{name(page)}: {target}: no such heading")
    assert not broken


def test_generated_pages_are_fresh() -> None:
    script = ROOT / "scripts" / "reference.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]


@cache
def _anchors(page: Path) -> frozenset[str]:
    """The headings of a page as the anchors that GitHub makes of them."""
    headings = re.findall(r"(?m)^#+ (.+)$", _without_code(page.read_text(encoding="utf-8"), spans=False))
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "") for heading in headings]
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain)


def _without_code(content: str, *, spans: bool = True) -> str:
    content = re.sub(r"(?ms)^```.*?^```", "", content)
    return re.sub(r"`[^`\n]*`(?!\])", "", content) if spans else content


def _code(content: str) -> str:
    """What stands in code: only there is `make x` a command."""
    return "\n".join(re.findall(r"(?ms)^```.*?^```", content) + re.findall(r"`[^`\n]+`", content))
