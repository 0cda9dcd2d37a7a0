"""A roadmap of a demo's own city in force, and its amendment being written: simulated figures in a simulated city."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from qala import facts
from qala.kits.hearings import services as hearings
from qala.kits.hearings.models import Hearing
from qala.people.models import Organisation
from qala.roadmaps import first, jobs, services
from qala.roadmaps.models import Action, BusinessCase, Choosing, KpiOwner, Message, Roadmap
from qala.roadmaps.monitoring import owned_kpis
from qala.roadmaps.queries import Basis, basis_of, money_by_year
from qala.standard.problems import Problem

MONEY = {
    1: (210, 90), 2: (120, 40), 3: (85,), 4: (310, 260), 5: (60,), 6: (95,), 7: (420, 380), 8: (70,), 9: (150, 60), 10: (55,),
    11: (40, 40), 12: (180, 180, 60), 13: (75,), 14: (110,), 15: (130, 70), 16: (65,),
}  # fmt: skip
"""Initiative -> millions of tenge, from the first year on."""
EXTRA = (
    ("Байланыс орталығының операторларын оқыту", 2, 45, None),
    ("Деректер сапасы жөніндегі топ", None, 30, None),
    ("Көлік ағынын болжамды талдау", 6, 60, "Деректер сапасы жөніндегі топ"),
)
"""Additional initiatives: name, whose KPIs it betters, millions of tenge, after what."""
_STEPS = {"at_least": "20", "at_most": "-20"}


def write(city: str) -> None:
    """Begin the roadmap of a simulated city, say what its initiatives cost and bring, bring it into force, begin its amendment
    and choose there what to do first; one that is there stays.

    Raises:
        Problem: this is no demo.
    """
    if not settings.DEMO:
        raise Problem("A simulated roadmap is for demos.", hint="Set QALA_DEMO=1, on a site with simulated data only.")
    registry = facts.lake().cities
    if city not in registry or not registry.get(city).simulated or Roadmap.objects.filter(city=city).exists():
        return
    day = facts.today(registry.get(city).zone)
    old = services.begin(None, city, day.year, day.year + 4, "kk")
    basis = basis_of(old)
    for action in old.actions.all():
        money = MONEY.get(action.initiative or 0, ())
        action.money = {str(year): str(Decimal(part)) for year, part in zip(action.years, money, strict=False)}
        action.source = "local" if money else ""
        action.effects = _effects(basis, action.initiative, 0)
        action.save()
    _justify(old)
    _approve(old, day)
    _tell(old, day)
    draft = services.amended(old)
    draft.steps.create(verb="amend", day=day, words="Деректер сапасы мен операторларды оқыту қосылады.")
    actions = sorted(draft.actions.all(), key=lambda one: (one.to_year, one.number))
    last = actions[-1]
    last.new_system = True
    last.save(update_fields=["new_system"])
    if before := [one for one in actions if one.to_year < last.from_year]:
        last.after.set(before[-1:])
    _add_extra(draft, basis, day.year + 1)
    _discuss(draft, day)
    if basis is not None:
        _choose(draft, basis)


def _approve(roadmap: Roadmap, day: date) -> None:
    """Let a roadmap be in force since the end of the first quarter, its work under way, most of its money spent."""
    approved = date(day.year, 3, 31)
    for verb, words in (
        ("submit", ""),
        ("agree", "№ 12-1"),
        ("approve", "№ 7"),
        ("publish_site", ""),
        ("publish_system", ""),
    ):
        roadmap.steps.create(verb=verb, day=approved, words=words)
    roadmap.state, roadmap.since = "published", approved
    roadmap.save()
    body, _new = Organisation.objects.get_or_create(
        city=roadmap.city, kind="akimat", name_kk="Цифрландыру басқармасы", name_ru="Управление цифровизации",
        name_en="Digital department",
    )  # fmt: skip
    for one in roadmap.actions.all():
        begun = one.from_year <= day.year
        one.progress = ("done" if one.number == 1 else "running") if begun and one.number % 4 else "planned"
        one.owner = body if one.number % 3 else None
        if begun:
            asked = {year: Decimal(money) for year, money in one.money.items() if int(year) <= day.year}
            one.approved = {year: str(money * 9 / 10) for year, money in asked.items()}
            one.spent = {year: str(money * (7 if one.number % 5 else 10) / 10) for year, money in asked.items()}
        one.save()
    kpis = owned_kpis(facts.editions()[roadmap.edition], roadmap.category)
    KpiOwner.objects.bulk_create(
        KpiOwner(city=roadmap.city, row=kpi.row, owner=body, since=approved) for kpi in kpis[: len(kpis) * 3 // 4]
    )


def _effects(basis: Basis | None, initiative: int | None, skipped: int) -> dict[str, list[str]]:
    """A fifth better: two KPIs of an initiative that have a value and will be below their target, after some that are skipped."""
    if basis is None:
        return {}
    score = basis.at.city(basis.at.observations, basis.year + 4)  # when all of them are due
    found = {}
    for one in score.kpis:
        kind = one.target.kind if one.target is not None else ""
        below = one.observation.value and one.score is not None and one.score < 1
        if below and kind in _STEPS and basis.at.edition.kpi(one.row).initiative == initiative:
            found[one.row] = ["by_percent", _STEPS[kind]]
    return dict(list(found.items())[skipped : skipped + 2])


def _justify(roadmap: Roadmap) -> None:
    """A business case of the dearest action, and programmes by the kind of work."""
    for one in roadmap.actions.all():
        one.programme = "Ақпараттандыру" if one.number % 2 else "Тұрғын үй-коммуналдық шаруашылық"
        one.save(update_fields=["programme"])
    dearest = max(roadmap.actions.all(), key=lambda one: one.cost)
    BusinessCase.objects.create(
        action=dearest, problem="Жағдай туралы деректер кеш және толық емес келеді.", chosen=2, use_years=8,
        upkeep=Decimal(25), saving=Decimal(180), why="Үш жылдағы құны ең төмен, деректер қалада қалады.",
        options=[
            {"name": "Ештеңе істемеу", "cost": "", "good": "Шығын жоқ", "bad": "Шағымдар өседі"},
            {"name": "Дайын шешім", "cost": f"{dearest.cost:f}", "good": "Басқа қалада жұмыс істейді", "bad": "Баптау керек"},
            {"name": "Жаңадан әзірлеу", "cost": f"{dearest.cost * 2:f}", "good": "Толық сай", "bad": "Екі есе қымбат"},
        ],
        social="Тұрғындар ақаулар туралы ертерек біледі.", environmental="Артық шығын азаяды.",
        financial="Авариялық шығыстар азаяды.",
    )  # fmt: skip


def _tell(roadmap: Roadmap, day: date) -> None:
    """Lines of a communication plan, some done, one late."""
    for days, audience, what, channel, state in (
        (-200, "Тұрғындар", "Жол картасы бекітілді: бес жылда не өзгереді", "site", "done"),
        (-20, "Кәсіпкерлер", "Ашық деректер қалай жүктеледі", "meeting", "planned"),
        (25, "Бұқаралық ақпарат құралдары", "Жыл қорытындысы: не істелді, не кешікті", "media", "planned"),
        (60, "Аудандар тұрғындары", "Жаңа есептегіштер қай үйлерде қойылады", "social", "planned"),
    ):
        Message.objects.create(
            roadmap=roadmap, day=day + timedelta(days=days), audience=audience, what=what, channel=channel, state=state,
            doer="Цифрландыру басқармасы",
        )  # fmt: skip


def _discuss(roadmap: Roadmap, day: date) -> None:
    """A discussion of the draft that is under way: one remark answered, one shown, one waiting."""
    hearing = Hearing.objects.create(
        part="roadmaps", paper=roadmap.pk, city=roadmap.city, opens=day - timedelta(days=5), closes=day + timedelta(days=9),
        texts=hearings.texts_of(roadmap),
    )  # fmt: skip
    for section, text, state, verdict, answer in (
        (
            6,
            "Су есептегіштері біздің ауданда қашан қойылады?",
            "shown",
            "taken",
            "Жол картасына аудандар кестесі қосылады.",
        ),
        (None, "Хотелось бы видеть, сколько уже потрачено.", "shown", "", ""),
        (1, "Можно ли подать обращение с телефона без очереди?", "waiting", "", ""),
    ):
        hearing.remarks.create(
            section=section, text=text, state=state, verdict=verdict, answer=answer,
            answered_at=timezone.now() if answer else None,
        )  # fmt: skip


def _add_extra(roadmap: Roadmap, basis: Basis | None, first_year: int) -> None:
    by_name: dict[str, Action] = {}
    number = roadmap.actions.count()
    for name, initiative, money, after in EXTRA:
        number += 1
        year = first_year + (1 if after else 0)
        one = by_name[name] = Action.objects.create(
            roadmap=roadmap, name=name, number=number, from_year=year, to_year=year, money={str(year): str(money)},
            source="local", effects=_effects(basis, initiative, 1) if initiative else {}, results="–",
        )  # fmt: skip
        if after:
            one.after.set([by_name[after]])


def _choose(roadmap: Roadmap, basis: Basis) -> None:
    """What to do first with three fifths of the money that is planned."""
    actions = first.open_actions(roadmap)
    planned = dict(money_by_year(roadmap, actions))
    years = first.years_of(roadmap, actions, facts.today().year)
    asked = {
        "budget": {str(year): f"{planned.get(year, Decimal(0)) * 3 / 5:f}" for year in years},
        "weights": {first.INDEX: "0", **dict.fromkeys(first.movable(actions), "1")},
        "roles": {},
    }
    made = Choosing.objects.create(
        roadmap=roadmap, asked=asked, rests_on=first.fingerprint(actions), run=basis.run, total=first.steps_of(actions)
    )
    jobs.choose(made.pk)
