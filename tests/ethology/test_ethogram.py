import re

import pytest

from pipeline.errors import ModelError, UsageError
from pipeline.ethology.ethogram import Behaviour, EthogramSettings, Kind, resolve
from pipeline.ethology.palette import NOT_VISIBLE_COLOUR, PALETTE, UNKNOWN_COLOUR, assigned
from pipeline.report.colours import colour_of

KABR = ("Walk", "Graze", "Browse", "Head Up", "Auto-Groom", "Trot", "Run", "Occluded")


def test_default_takes_the_recognizers_vocabulary_in_its_order(configured):
    ethogram = resolve(configured("ethogram"), ["stationary", "walk", "run"])
    assert ethogram.names() == ("stationary", "walk", "run")
    assert ethogram.sets == ("behaviour",)
    assert ethogram.kind("behaviour") is Kind.state
    assert list(ethogram.colours.values()) == [*PALETTE[:3], UNKNOWN_COLOUR, NOT_VISIBLE_COLOUR]


def test_default_takes_occluded_for_out_of_sight(configured):
    ethogram = resolve(configured("ethogram"), KABR)
    assert ethogram.names() == KABR[:-1]
    assert ethogram.places[-1] == ("Occluded", "not visible")


def test_kabr_has_the_class_order_and_hides_occluded(configured):
    settings = configured("ethogram", "kabr")
    assert tuple(behaviour.name for behaviour in settings.behaviours) == KABR
    ethogram = resolve(settings, KABR)
    assert ethogram.names() == KABR[:-1]
    assert "Occluded" not in ethogram.colours


def test_chimpact_has_23_behaviours_in_four_sets_and_a_rest_where_a_set_may_be_empty(configured):
    settings = configured("ethogram", "chimpact")
    given = [behaviour for behaviour in settings.behaviours if not behaviour.rest]
    assert len(given) == 23
    assert [behaviour.name for behaviour in given][:8:7] == ["moving", "grooming"]
    ethogram = resolve(settings, ["other", *(behaviour.name for behaviour in given)])
    assert ethogram.sets == ("locomotion", "object", "social", "other")
    assert [len(ethogram.names(name)) for name in ethogram.sets] == [4, 4, 15, 3]
    assert ethogram.names("object")[-1] == "no object"


@pytest.mark.parametrize("name", ["kabr", "baboonland", "chimpact", "custom"])
def test_named_ethograms_give_every_behaviour_a_colour_of_its_own(configured, name):
    settings = configured("ethogram", name)
    ethogram = resolve(settings, [behaviour.name for behaviour in settings.behaviours if not behaviour.rest])
    colours = [behaviour.colour for behaviour in ethogram.behaviours if not behaviour.rest]
    assert len(set(colours)) == len(colours)
    assert not {UNKNOWN_COLOUR, NOT_VISIBLE_COLOUR} & set(colours)


def test_custom_takes_the_recognizer_without_weights(configured):
    ethogram = resolve(configured("ethogram", "custom"), ["stationary", "walk", "run"])
    assert ethogram.names() == ("Resting", "Walking", "Running")


def test_what_the_recognizer_cannot_give_is_left_out():
    settings = EthogramSettings([Behaviour("Walk"), Behaviour("Graze"), Behaviour("Nap", rest=True, set="b")], {})
    assert resolve(settings, ["Walk"]).names() == ("Walk",)


def test_several_words_share_a_place_and_the_colour_stays():
    ethogram = resolve(EthogramSettings([Behaviour("Move"), Behaviour("Rest")], {"w": "Move", "r": "Move"}), ["w", "r"])
    assert ethogram.places == (("w", "Move"), ("r", "Move"))
    assert colour_of("Move", ethogram.colours) == PALETTE[0]
    assert colour_of("Fly", ethogram.colours) == UNKNOWN_COLOUR


def test_definitions_are_the_ethograms_else_the_cards():
    settings = EthogramSettings(
        [Behaviour("Move", definition="goes"), Behaviour("Eat"), Behaviour("Rest")], {"Graze": "Eat", "Browse": "Eat"}
    )
    told = {"Move": "walks or runs", "Graze": "head down", "Browse": "mouth at leaves"}
    ethogram = resolve(settings, ["Move", "Graze", "Browse", "Rest"], definitions=told)
    assert ethogram.definitions == {"Move": "goes", "Eat": "head down; or mouth at leaves"}
    assert ethogram == resolve(settings, ["Move", "Graze", "Browse", "Rest"])  # words decide nothing


def test_a_word_may_be_relabelled_to_a_reserved_one():
    assert resolve(EthogramSettings([], {"other": "unknown"}), ["walk", "other"]).names() == ("walk",)


def test_behaviours_without_a_place_are_named_with_the_places_there_are():
    settings = EthogramSettings([Behaviour("Walk"), Behaviour("Graze")], {"walk": "Walk"})
    text = (
        "recognizer 'kinematic' gives stationary, run, which ethogram has no place for; it has Walk, Graze; "
        "add ethogram.relabel={stationary: ..., run: ...}"
    )
    with pytest.raises(ModelError, match=re.escape(text)):
        resolve(settings, ["stationary", "walk", "run"], "kinematic")


def test_a_recognizer_that_only_says_hidden_is_refused():
    with pytest.raises(ModelError, match="the recognizer gives no behaviour of a visible animal: Occluded"):
        resolve(EthogramSettings([Behaviour("Occluded", visible=False)], {}), ["Occluded"])


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"behaviours": [{"name": "unknown"}]}, "a behaviour cannot be named 'unknown': the word is reserved"),
        ({"behaviours": [{"name": " "}]}, "a behaviour needs a name and a set, got name=' '"),
        ({"behaviours": [{"name": "A", "colour": "red"}]}, "colour of A must be like #0072B2, got 'red'"),
        ({"behaviours": [{"name": "A"}, {"name": "A"}]}, "ethogram names A twice"),
        ({"behaviours": [{"name": "A"}, {"name": "B", "kind": "event"}]}, "set 'behaviour' holds both states and"),
        ({"behaviours": [{"name": "A", "rest": True}, {"name": "B", "rest": True}]}, "several behaviours with rest"),
        ({"behaviours": [{"name": "A", "rest": True, "kind": "event"}]}, "it must be a visible state"),
        ({"behaviours": [{"colour": "#000000"}]}, "a behaviour needs a name and a set, got name=''"),
        ({"relabel": {"a": {"b": "c"}}}, "ethogram.relabel must give one word for a"),
        ({"behaviours": [{"name": "A"}], "relabel": {"a": "B"}}, "relabel leads to B, not in the ethogram; it has A"),
    ],
)
def test_an_ethogram_refuses_to_contradict_itself(configured, changes, text):
    with pytest.raises(UsageError, match=re.escape(text)):
        configured("ethogram", **changes)


def test_the_palette_goes_round_darker():
    assert assigned(0) == PALETTE[0]
    assert assigned(len(PALETTE) + 1) == "#A16F00"  # E6 9F 00 times 0.7
