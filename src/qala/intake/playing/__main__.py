"""The process of `qala serve --play SPEED`: cities go on living until SIGTERM. `python -m qala.intake.playing`.

`QALA_PLAY` is the speed, `QALA_PLAY_CITIES` codes by commas, `QALA_PLAY_DOOR` the intake's address.
"""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Play until the process is told to stop; the log has the summary."""
    from qala.intake.playing.play import run

    def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    cities = [one for one in os.environ.get("QALA_PLAY_CITIES", "").split(",") if one]
    run(cities, float(os.environ.get("QALA_PLAY", "60")), os.environ["QALA_PLAY_DOOR"], say)
    return 0


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qala.config.settings")
    django.setup()
    sys.exit(main())
