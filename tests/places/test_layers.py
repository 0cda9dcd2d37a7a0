"""The layers that are declared agree with the contracts that they name."""

import re

import pytest

from qala.datasets import load_catalogue
from qala.places.layers import ColourBy, layers, word, words

CATALOGUE = load_catalogue()


def test_there_are_at_least_sixteen_layers() -> None:
    assert len(layers()) >= 16


@pytest.mark.parametrize("layer", layers().values(), ids=lambda layer: layer.id)
def test_a_layer_names_columns_that_have_a_meaning(layer) -> None:
    contract = CATALOGUE.contract(layer.dataset)
    for name in (*layer.show, *layer.search, *([layer.colour.by] if isinstance(layer.colour, ColourBy) else [])):
        assert layer.label(name, contract) is not None, name
    assert layer.title in (None, "name") or layer.label(layer.title, contract) is not None
    for linked in layer.linked:
        assert linked.by in CATALOGUE.contract(linked.dataset).columns
    for dataset in layer.datasets:
        CATALOGUE.contract(dataset)


@pytest.mark.parametrize("layer", layers().values(), ids=lambda layer: layer.id)
def test_every_word_of_a_layer_has_a_name(layer) -> None:
    contract = CATALOGUE.contract(layer.dataset)
    shown = {value for name in layer.show if name in contract.columns for value in contract.columns[name].one_of or ()}
    coloured = set(layer.colour.values) if isinstance(layer.colour, ColourBy) else set()
    assert shown | coloured <= set(words())
    if coloured and layer.colour.by in contract.columns and contract.columns[layer.colour.by].one_of:
        assert coloured <= set(contract.columns[layer.colour.by].one_of)


def test_what_names_persons_is_guarded() -> None:
    guarded = {name for name, layer in layers().items() if layer.guarded(CATALOGUE)}
    assert {"appeals", "traffic_violations", "fire_calls", "emergency_calls", "video_incidents"} <= guarded
    assert not {"trees", "stops", "districts"} & guarded


def test_kazakh_names_are_kazakh() -> None:
    for name, text in words().items():
        assert re.search(r"[а-яәғқңөұүһіA-Z°]", text.kk), name


def test_a_word_without_a_name_stays_as_it_is() -> None:
    assert (word(True, "en"), word("Ulmus pumila", "kk"), word(7, "ru")) == ("yes", "Ulmus pumila", "7")


def test_every_value_of_a_closed_list_has_a_name_in_three_languages() -> None:
    named = words()
    numbers = {"101", "102", "103", "104", "112"}
    lacking = {
        f"{contract.id}.{name}.{value}"
        for contract in load_catalogue().contracts.values()
        for name, column in contract.all_columns.items()
        for value in column.one_of or ()
        if value not in named and f"{contract.id}.{name}.{value}" not in named and value not in numbers
    }
    assert not lacking, "name them in src/qala/places/words.yaml"


def test_every_unit_of_a_column_has_a_sign_in_three_languages() -> None:
    units = {one.unit for contract in load_catalogue().contracts.values() for one in contract.all_columns.values()}
    assert units - {None} <= set(words())


def test_a_value_may_mean_something_else_in_one_column() -> None:
    assert word("medium", "en", "roads.repair_plan.work") == "medium repair"
    assert word("medium", "en", "situation_centre.crimes.gravity") == "of medium gravity"
    assert word("medium", "en") == "medium"
