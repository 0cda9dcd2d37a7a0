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
