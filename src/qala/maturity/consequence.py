"""What a choice of a roadmap's actions means for the city's maturity."""

from __future__ import annotations

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from qala import facts
from qala.maturity import queries
from qala.roadmaps.consequences import Consequence
from qala.standard.maturity_actions import load_actions
from qala.ui.formats import language_of, number, said


def of(city: str, initiatives: frozenset[int]) -> Consequence | None:
    """Which steps to the next stage of each sub-dimension rest on chosen initiatives, by the newest published assessment.

    No score is foretold: it follows what people answer, and IDC warns of making it the target.
    """
    newest = next((one for one in queries.by_sphere(city) if not one.sphere), None)
    scores = None if newest is None else queries.published_scores(newest)
    model, language = queries.model(), language_of(get_language())
    if newest is None or scores is None:
        return None
    catalogue, names = load_actions(model), facts.edition().initiatives
    lines, open_steps = [], 0
    for id_, sub in model.sub_dimensions.items():
        score = scores.sub_dimensions.get(id_)
        following = 0 if score is None else model.completed_stage(score) + 1
        action = catalogue[id_].get(following)
        if score is None or action is None:
            continue
        open_steps += 1
        if served := sorted(initiatives.intersection(action.initiatives)):
            lines.append(
                (
                    said(sub.name, language),
                    f"{number(score, 1, language)} → {following}",
                    said(action.text, language),
                    "; ".join(f"{one}. {said(names[one].name, language)}" for one in served),
                )
            )
    overall = "—" if scores.overall is None else number(scores.overall, 1, language)
    lead = _("The assessment of %(year)s gives %(overall)s of 5.") % {"year": newest.year, "overall": overall}
    count = ngettext(
        "Of %(all)s steps to a next stage, %(n)s rests on initiatives that are chosen.",
        "Of %(all)s steps to a next stage, %(n)s rest on initiatives that are chosen.",
        len(lines),
    ) % {"all": open_steps, "n": len(lines)}
    never = _("No score is foretold: it follows what people answer, and making it the target spoils it.")
    heads = (_("Sub-dimension"), _("Score and next stage"), _("What leads there"), _("By which initiatives"))
    return Consequence("maturity", _("Maturity, as a consequence"), f"{lead} {count} {never}", heads, lines)
