"""Texts of the screens in Kazakh and Russian: gathers them into each part's .po files, compiles .mo, finds gaps.

    .venv/bin/python scripts/messages.py                       gather and compile (every part)
    .venv/bin/python scripts/messages.py --only portal/scores  one part
    .venv/bin/python scripts/messages.py --compile             only compile what is older than its .po
    .venv/bin/python scripts/messages.py --check               change nothing; exit 1 where a translation lacks

English is the source. `.mo` files are not committed.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize
from problem_texts import problem_texts

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "qala"
LANGUAGES = ("kk", "ru")
KEYWORDS: dict[str, tuple[object, ...] | None] = dict.fromkeys(("gettext", "gettext_lazy", "_", "gettext_noop")) | {
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_TEXT = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(_|gettext|ngettext|pgettext|npgettext)\(\s*((?:u?{_TEXT}\s*,?\s*)+)", re.S)
_PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
_DAY_AND_POINT = re.compile(r"%\((?:day|as_of)\)s\.(?!\d)")

PROBLEMS = "ui/problems"
"""What problems of parts below the screens say: a catalogue of its own, in the part that tells them."""

Key = tuple[str | None, str, str | None]


def parts() -> list[str]:
    """Parts with texts of their own: those of `LOCALE_PATHS`."""
    named = (
        "config",
        "people",
        "kits/documents",
        "kits/procedure",
        "kits/surveys",
        "kits/deadlines",
        "kits/signatures",
        "kits/hearings",
        "intake",
        "inventory",
        "groundwork",
        "ratings",
        "maturity",
        "rating_year",
        "roadmaps",
        "strategies",
        "ui",
    )
    found = [p for p in named if (PACKAGE / p).is_dir()]
    screens = sorted(p.name for p in (PACKAGE / "portal").iterdir() if (p / "__init__.py").exists())
    return [*found, PROBLEMS, *(f"portal/{name}" for name in screens)]


def texts_of(part: str) -> dict[Key, list[str]]:
    """(context, message, plural) -> the files that say it."""
    if part == PROBLEMS:
        return {(None, text, None): files for text, files in problem_texts(PACKAGE).items()}
    found: dict[Key, list[str]] = {}
    for file in sorted((PACKAGE / part).rglob("*")):
        within = str(file.relative_to(PACKAGE))
        if "/tests/" in within or "/migrations/" in within or "__pycache__" in within:
            continue
        if file.suffix == ".py":
            said = _of_python(file)
        elif file.suffix in (".html", ".txt") and "templates" in file.parts:
            said = _of_template(file)
        else:
            continue
        for key in said:
            if within not in found.setdefault(key, []):
                found[key].append(within)
    return found


def _of_python(file: Path) -> Iterator[Key]:
    for _, name, message, _ in extract_python(io.BytesIO(file.read_bytes()), list(KEYWORDS), [], {}):
        texts = [one for one in (message if isinstance(message, tuple) else (message,)) if isinstance(one, str)]
        if texts:
            yield _key(name, texts)


def _of_template(file: Path) -> Iterator[Key]:
    for call in _CALL.finditer(templatize(file.read_text(), origin=str(file))):
        texts = [ast.literal_eval(text.lstrip("u")) for text in re.findall(rf"u?{_TEXT}", call[2], re.S)]
        yield _key(call[1], texts)


def _key(function: str, texts: list[str]) -> Key:
    name = function.removesuffix("_lazy")
    if name == "npgettext":
        return texts[0], texts[1], texts[2]
    if name == "pgettext":
        return texts[0], texts[1], None
    if name == "ngettext":
        return None, texts[0], texts[1]
    return None, texts[0], None


def _file(part: str, language: str) -> Path:
    part, domain = ("ui", "problems") if part == PROBLEMS else (part, "django")
    return PACKAGE / part / "locale" / language / "LC_MESSAGES" / f"{domain}.po"


def _read(file: Path, language: str) -> Catalog:
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def gathered(part: str, language: str) -> Catalog:
    """The part's catalogue with exactly the texts that it says now, and the translations that it had."""
    old = _read(_file(part, language), language)
    new = Catalog(locale=language, project="Qala", fuzzy=False)
    new.mime_headers = [(k, v) for k, v in new.mime_headers if k in _HEADERS]
    for (context, message, plural), files in sorted(
        texts_of(part).items(), key=lambda item: (item[0][1], str(item[0]))
    ):
        known = old.get(message, context)
        asked = (message, plural) if plural else message
        said = known.string if known is not None and bool(known.pluralizable) == bool(plural) else None
        entry = new.add(asked, said or None, locations=[(name, 0) for name in files], context=context)
        if "%(" in message or (plural and "%(" in plural):
            entry.flags.add("python-format")
    return new


_HEADERS = ("Content-Type", "Content-Transfer-Encoding", "Plural-Forms", "Language", "MIME-Version")


def save(part: str, language: str) -> None:
    catalog = gathered(part, language)
    file = _file(part, language)
    if not len(catalog):
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    text = io.BytesIO()
    write_po(text, catalog, width=110, sort_output=False, include_lineno=False, omit_header=False)
    lines = [line for line in text.getvalue().decode().split("\n") if not line.startswith(_DATED)]
    file.write_text("\n".join(lines))


_DATED = (
    '"Report-Msgid',
    '"Project-Id',
    '"POT-Creation-Date',
    '"PO-Revision-Date',
    '"Last-Translator',
    '"Language-Team',
    '"Generated-By',
    "# ",
)


def compile_new(*, always: bool = False) -> None:
    for file in PACKAGE.rglob("locale/*/LC_MESSAGES/*.po"):
        built = file.with_suffix(".mo")
        if not always and built.exists() and built.stat().st_mtime >= file.stat().st_mtime:
            continue
        with file.open("rb") as stream, built.open("wb") as out:
            write_mo(out, read_po(stream, locale=file.parents[1].name))


def gaps(part: str, language: str) -> Iterator[str]:
    """What lacks: a text without translation, a plural form, a placeholder that the source has."""
    for message in gathered(part, language):
        if message.id:
            yield from (f"{_file(part, language).relative_to(PACKAGE)}: {said}" for said in _lacks(message))


def _lacks(message: Message) -> Iterator[str]:
    forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    source = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
    if not all(forms) or message.fuzzy:
        yield f"not translated: {source!r}"
        return
    wanted = set(_PLACE.findall(message.id[-1] if isinstance(message.id, (tuple, list)) else message.id))
    for form in forms:
        if set(_PLACE.findall(form)) - wanted:
            yield f"a placeholder that the source does not have: {form!r}"
        elif len(forms) == 1 and wanted - set(_PLACE.findall(form)):
            yield f"a placeholder is lost: {form!r}"
        if _DAY_AND_POINT.search(form):
            yield f"a day ends with a point of its own, so none may follow it: {form!r}"
    if re.search("[а-яёА-ЯЁ]", source):
        yield f"the source is not English: {source!r}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="a part, such as portal/scores")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    settings.configure(USE_I18N=True)
    wanted = [asked.only] if asked.only else parts()
    if asked.check:
        found = [gap for part in wanted for language in LANGUAGES for gap in gaps(part, language)]
        print("\n".join(found) or f"every text of {len(wanted)} parts is there in {' and '.join(LANGUAGES)}")
        return 1 if found else 0
    if not asked.compile:
        for part in wanted:
            for language in LANGUAGES:
                save(part, language)
                lacking = len(list(gaps(part, language)))
                if lacking:
                    print(f"{part} {language}: {lacking} to translate")
    compile_new()
    return 0


if __name__ == "__main__":
    sys.exit(main())
