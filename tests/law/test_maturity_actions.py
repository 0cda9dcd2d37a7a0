"""The catalogue of actions: one for each step of each sub-dimension, tied to what the order has, in three languages."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from qala.standard import Problem, editions
from qala.standard.loader import law_folder
from qala.standard.maturity import load_maturity
from qala.standard.maturity_actions import load_actions


def test_every_step_has_its_action_and_each_is_tied_to_the_order() -> None:
    order, actions = editions()["order_469"], load_actions(load_maturity())
    all_of_them = [action for by_stage in actions.values() for action in by_stage.values()]
    assert len(all_of_them) == 19 * 4
    for tongue in ("ru", "kk", "en"):
        assert len({action.text.say(tongue) for action in all_of_them}) == 76, f"two actions are the same in {tongue}"
    for action in all_of_them:
        assert action.initiatives and set(action.initiatives) <= set(order.initiatives)
        assert action.kpis
        for row in action.kpis:
            assert order.kpi(row)
        assert re.search("[әғқңөұүһі]", action.text.kk.casefold()), action.text.kk
        assert not re.search("[әғқңөұүһі]", action.text.ru.casefold()), action.text.ru


def test_what_lacks_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "actions"
    shutil.copytree(law_folder() / "maturity" / "actions", folder)
    file = folder / "data.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("\nopen_data:", "\nclosed_data:"), encoding="utf-8")
    with pytest.raises(Problem, match="sub-dimensions"):
        load_actions(load_maturity(), folder)
