"""What the demo adds to a site of simulated cities: published ratings, a sign-in for each role. A process of its own."""

from __future__ import annotations

import os
import sys

import django


def main() -> int:
    """Publish the newest runs, make assessments, a roadmap, a strategy, registers, accounts; what is there stays."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qala.config.settings")
    os.environ["QALA_DEMO"] = "1"
    django.setup()
    from qala.groundwork import demo as groundwork
    from qala.inventory import demo as inventory
    from qala.maturity import demo as maturity
    from qala.people import demo as people
    from qala.rating_year import demo as rating_year
    from qala.ratings import demo as ratings
    from qala.roadmaps import demo as roadmaps
    from qala.strategies import demo as strategies

    accounts = people.accounts()
    ratings.publish_newest()
    maturity.assess(people.own_city())
    rating_year.begin()
    roadmaps.write(people.own_city())
    inventory.write(people.own_city())
    groundwork.gather(people.own_city())
    strategies.write(people.own_city())
    for line in accounts:
        sys.stdout.write(f"{line}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
