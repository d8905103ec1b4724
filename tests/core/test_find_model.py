"""Preset networks are found however their names are written."""

import pytest

from core.errors import ParseError
from core.models import MODELS
from core.models.find import find


@pytest.mark.parametrize("key", MODELS)
def test_keys_and_titles_in_any_case_are_found(key):
    for name in (key, key.upper(), MODELS[key].title, MODELS[key].title.replace("-", " ").lower()):
        assert find(name) == key


@pytest.mark.parametrize(
    ("typed", "near"), [("resnet51", "resnet50"), ("vgg-15", "vgg16"), ("mobilenet", "mobilenet_v2")]
)
def test_the_nearest_names_are_suggested(typed, near):
    with pytest.raises(ParseError, match=near):
        find(typed)


def test_a_name_near_none_lists_all():
    with pytest.raises(ParseError) as error:
        find("abacus")
    assert all(key in str(error.value) for key in MODELS)
