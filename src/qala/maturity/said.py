"""Words of the questionnaire, in three languages at once: a survey keeps all of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from qala.standard.values import LANGUAGES, Text
from qala.standard.yaml_file import read_yaml


def _read() -> Mapping[str, Text]:
    file = read_yaml(Path(__file__).parent / "words.yaml")
    return {key: file.check(Text, value, key) for key, value in file.mapping().items()}


SAID = _read()


def filled(text: Text, **parts: Text) -> Text:
    """A text with other texts put into its `{names}`, language by language; its first letter raised."""
    said = {
        tongue: text.say(tongue).format(**{key: part.say(tongue) for key, part in parts.items()})
        for tongue in LANGUAGES
    }
    return Text(**{tongue: one[:1].upper() + one[1:] for tongue, one in said.items()})
