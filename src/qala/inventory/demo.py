"""A register for a demo's own city and for another one: simulated systems of simulated cities."""

from __future__ import annotations

from django.conf import settings

from qala import facts
from qala.inventory import services
from qala.inventory.models import DigitalObject
from qala.inventory.queries import functions
from qala.standard.problems import Problem

# initiative: (Kazakh name, since, replacement, platform, joined to the centre, to SDU, personal data, share of functions)
_SYSTEMS: dict[int, tuple[str, int, int | None, str, str, str, bool, float]] = {
    1: ("Жағдаяттық орталық", 2024, None, "qaztech", "live", "planned", True, 0.7),
    2: ("109 өтініштер жүйесі", 2021, 2028, "own", "live", "planned", True, 0.8),
    3: ("Бірыңғай есеп айырысу жүйесі", 2017, 2025, "own", "planned", "no", True, 0.6),
    4: ("Қоғамдық көлікті басқару", 2020, 2027, "cloud", "live", "no", False, 0.5),
    6: ("Бағдаршамдарды басқару", 2019, 2026, "own", "no", "no", False, 0.4),
    9: ("Бейнебақылау жүйесі", 2018, 2026, "own", "live", "no", True, 0.6),
    12: ("Қалдықтарды шығару есебі", 2023, None, "cloud", "no", "no", False, 0.4),
    13: ("Электр желілерінің диспетчері", 2015, 2025, "own", "no", "no", False, 0.3),
}
_OWNER = "Қаланың цифрландыру басқармасы"


def write(city: str) -> None:
    """Fill the register of a simulated city, and of one more a part; registers that are there stay.

    Raises:
        Problem: this is no demo.
    """
    if not settings.DEMO:
        raise Problem("A simulated register is for demos.", hint="Set QALA_DEMO=1, on a site with simulated data only.")
    others = [one.code for one in facts.lake().cities.all() if one.code != city and one.simulated]
    _fill(city, tuple(_SYSTEMS))
    for other in others[:1]:
        _fill(other, (2, 5, 8, 14))


def _fill(city: str, initiatives: tuple[int, ...]) -> None:
    registry = facts.lake().cities
    if city not in registry or not registry.get(city).simulated or DigitalObject.objects.filter(city=city).exists():
        return
    law = facts.edition()
    for number in initiatives:
        title = law.initiatives[number].name
        name, since, until, platform, centre, sdu, personal, share = _SYSTEMS.get(
            number, (f"{title.kk}: жүйе", 2022, None, "ready", "live", "live", False, 0.9)
        )
        own = [key for key in functions(law) if key.split(".")[0] == str(number)]
        services.keep(
            None,
            DigitalObject(
                city=city, name=name, owner=_OWNER, purpose=title.kk, functions=own[: round(len(own) * share)],
                used_since=since, replace_in=until, platform=platform, centre=centre, sdu=sdu, personal=personal,
                personal_what="ЖСН, телефон: халыққа қызмет көрсету" if personal and number != 9 else "",
                security_class=2 if personal else None, security_act=f"SIM-{number:02}" if personal else "",
                govarch_id=f"SIM-{number:04}" if number % 3 else "",
            ),
            None,
        )  # fmt: skip
