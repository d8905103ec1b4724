"""Sets fetched in a terminal, before a class begins."""

from pathlib import Path

import pytest

from core.__main__ import main
from core.datasets import REMOTE, is_downloaded
from tests.download_server import PETS


def test_the_list_says_what_each_set_costs_and_whose_it_is(server, offer, capsys):
    offer()
    assert main(["download"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(REMOTE)
    for (name, entry), line in zip(REMOTE.items(), lines, strict=True):
        assert line.startswith(name)
        assert entry.licence in line
    assert server.asked == []


def test_a_set_is_fetched_by_its_name_and_its_place_printed(server, offer, capsys):
    name = offer()
    assert main(["download", name]) == 0
    assert Path(capsys.readouterr().out.strip()).read_bytes() == PETS
    assert is_downloaded(name)
    assert main(["download"]) == 0
    assert " here " in capsys.readouterr().out.splitlines()[-1]
    assert len(server.asked) == 1


@pytest.mark.parametrize(("status", "name", "said"), [(404, "pets", "responded 404"), (200, "mice", "choose cats_")])
def test_what_cannot_be_fetched_is_one_sentence(server, offer, capsys, status, name, said):
    offer()
    server.status = status
    assert main(["download", name]) == 2
    sentence = capsys.readouterr().err.splitlines()[-1]
    assert sentence.startswith("DataError: ")
    assert said in sentence
