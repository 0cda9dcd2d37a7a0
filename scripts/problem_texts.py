"""What problems say, gathered from the code that raises them: `Problem(f"no sheet {name!r}")` is the text "no sheet '%(name)s'".

Parts below the screens know no language. They say what is wrong in English, with the values in it; pages find the text again by
its shape (`qala.ui.problems`) and say it in the reader's language. So nothing is written twice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SHOWN = (
    "standard/period.py",
    "standard/edition.py",
    "standard/choice.py",
    "standard/yaml_file.py",
    "lake/border/*.py",
    "lake/cities.py",
    "lake/landing.py",
    "lake/sealing.py",
    "lake/staging.py",
    "lake/undo.py",
    "lake/writing.py",
    "measures/contexts.py",
    "measures/rows.py",
    "planning/choosing.py",
    "planning/outcomes.py",
    "planning/standpoint.py",
    "roadmaps/first.py",
    "roadmaps/jobs.py",
    "runs/*.py",
    "places/tilesets.py",
    "intake/doors/*.py",
    "intake/doors/mqtt/*.py",
    "intake/fetchers/*.py",
    "intake/payloads/*.py",
    "intake/*.py",
    "ratings/*.py",
    "portal/*/*.py",
    "ui/problems.py",
)
"""Files whose problems a page can show; others speak at the keyboard only."""

NOT_SHOWN = {
    "intake/balancing.py",
    "intake/doors/body.py",
    "intake/doors/exchange.py",
    "intake/doors/http.py",
    "intake/keys.py",
    "portal/api/values.py",
}
"""They answer programs, in English."""

_ROOTS = {"Problem", "Full", "phrase", "problem", "_problem", "_broken", "_refused"}
"""What makes a problem, or hands its text on to what does."""
_SAYING = {"message", "hint", "summary", "text"}


def problem_texts(package: Path) -> dict[str, list[str]]:
    """Text -> the files that say it, as paths within the package."""
    shown = {str(file.relative_to(package)) for pattern in SHOWN for file in package.glob(pattern)}
    files = [package / name for name in sorted(shown - NOT_SHOWN) if "tests" not in Path(name).parts]
    trees = {file: ast.parse(file.read_text()) for file in files}
    kinds = _kinds(ast.parse((package / "standard/problems.py").read_text()), *trees.values())
    found: dict[str, list[str]] = {}
    for file, tree in trees.items():
        checks = any(isinstance(one, ast.ImportFrom) and one.module == "pydantic" for one in tree.body)
        for call in ast.walk(tree):
            name = _name(call.func) if isinstance(call, ast.Call) else ""
            if not isinstance(call, ast.Call) or name not in kinds | ({"ValueError"} if checks else set()):
                continue
            said = [*call.args, *(word.value for word in call.keywords if word.arg in _SAYING)]
            for text in (text for one in said for text in _texts(one)):
                within = str(file.relative_to(package))
                if within not in found.setdefault(text, []):
                    found[text].append(within)
    return found


def _kinds(*trees: ast.Module) -> set[str]:
    """Names of all classes that are problems."""
    classes = [one for tree in trees for one in ast.walk(tree) if isinstance(one, ast.ClassDef)]
    kinds = set(_ROOTS)
    while True:
        more = {one.name for one in classes if kinds & {_name(base) for base in one.bases}} - kinds
        if not more:
            return kinds
        kinds |= more


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts of an argument: of both sides of a choice, too."""
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
        return
    taken: dict[str, int] = {}
    text = "".join(_pieces(node, taken))
    if " " in text.strip() and sum(letter.isalpha() for letter in _without_places(text, taken)) > 3:
        yield text


def _without_places(text: str, names: dict[str, int]) -> str:
    for name in names:
        text = text.replace(f"%({name})s", "")
    return text


def _pieces(node: ast.expr, taken: dict[str, int]) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value).replace("%", "%%") if isinstance(node.value, str) else ""
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from (*_pieces(node.left, taken), *_pieces(node.right, taken))
    elif isinstance(node, ast.JoinedStr):
        for one in node.values:
            if isinstance(one, ast.FormattedValue):
                quote = "'" if one.conversion == ord("r") else ""
                yield f"{quote}%({_place(one.value, taken)})s{quote}"
            else:
                yield from _pieces(one, taken)
    else:
        yield f"%({_place(node, taken)})s"


def _place(node: ast.expr, taken: dict[str, int]) -> str:
    """A name for a value: the last word of the expression that gives it."""
    words = [
        one.id if isinstance(one, ast.Name) else one.attr
        for one in ast.walk(node)
        if isinstance(one, (ast.Name, ast.Attribute))
    ]
    word = (words[0] if words else "value").strip("_").lower()
    name = word if word not in taken else next(f"{word}_{n}" for n in range(2, 99) if f"{word}_{n}" not in taken)
    taken[name] = 1
    return name
