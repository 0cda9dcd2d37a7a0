"""Which topics a source publishes to, and what their levels say.

A source publishes below `qala/<its name>/`. A foreign tree is named in its settings:
`{"topic": "application/+/device/+/event/up"}`. A level in braces stands for `+` and becomes a field of every row: with
`city/{building_id}/meter/{meter_id}` a message of `city/B1/meter/M7` has building_id B1, unless its body says otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qala.intake.registry import Feed
from qala.standard.problems import Problem

OWN = "qala"
_FIELD = re.compile(r"\{([a-z][a-z0-9_.]{0,59})\}$", re.IGNORECASE)
_LONGEST = 1024


@dataclass(frozen=True)
class Topics:
    """What a source is heard on.

    Args:
        filter: as MQTT writes it.
        fields: by level (from 0), the field that it becomes.
    """

    filter: str
    fields: tuple[tuple[int, str], ...] = ()

    @classmethod
    def of(cls, feed: Feed) -> Topics:
        """Those of a source.

        Raises:
            Problem: its settings name no topic that MQTT knows.
        """
        said = feed.settings.get("topic") or f"{OWN}/{feed.name}/#"
        if not isinstance(said, str):
            raise _problem(str(said), "it is no text")
        if len(said.encode()) > _LONGEST or "\0" in said:
            raise _problem(said[:60], f"it is longer than {_LONGEST} bytes, or has a zero in it")
        if said.startswith("$"):
            raise _problem(said, "topics that begin with $ are the broker's own")
        levels, fields = said.split("/"), []
        for at, level in enumerate(levels):
            if found := _FIELD.match(level):
                fields.append((at, found[1]))
                levels[at] = "+"
            elif level == "#" and at < len(levels) - 1:
                raise _problem(said, "# stands for all that follows, so nothing follows it")
            elif level not in ("+", "#") and set(level) & set("+#{}"):
                raise _problem(said, f"the level {level!r} is neither a word nor +, # or {{a_field}}")
        return cls("/".join(levels), tuple(fields))

    def said_by(self, topic: str) -> dict[str, str]:
        """The fields that the levels of a message's topic say."""
        levels = topic.split("/")
        return {name: levels[at] for at, name in self.fields if at < len(levels)}


def _problem(said: str, why: str) -> Problem:
    return Problem(
        f"the topic {said!r} cannot be listened to: {why}",
        where="settings.topic",
        hint="for example city/{building_id}/meter/{meter_id}, application/+/device/+/event/up or spBv1.0/Almaty/#",
    )
