"""Of threads that parse at the same moment each has its turn, also one that parses inside of it."""

import ast
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from playground.server import syntax_trees


def test_no_two_threads_are_inside_at_once():
    inside, together, all_there = [], [], threading.Barrier(4)

    def parse(text):
        inside.append(text)
        together.append(len(inside))
        threading.Event().wait(0.01)
        inside.remove(text)
        return text

    alone = syntax_trees.one_at_a_time(parse)

    def come(number):
        all_there.wait()
        return alone(number)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(come, range(4))) == [0, 1, 2, 3]
    assert together == [1, 1, 1, 1]


def test_what_is_parsed_is_the_same_and_an_error_ends_the_turn():
    alone = syntax_trees.one_at_a_time(ast.parse)
    for _ in range(2):
        with pytest.raises(SyntaxError):
            alone("f(")
    with ThreadPoolExecutor(1) as threads:
        tree = threads.submit(alone, "a + 1", mode="eval").result(timeout=60)
    assert ast.dump(tree) == ast.dump(ast.parse("a + 1", mode="eval"))


def test_who_parses_inside_of_a_turn_has_it_already():
    alone = syntax_trees.one_at_a_time(lambda depth: depth and 1 + alone(depth - 1))
    assert alone(3) == 3
