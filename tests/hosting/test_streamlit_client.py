"""The visitors of `benchmarks.classroom` speak the protocol: what they move is what the server has."""

import asyncio
import random
from pathlib import Path

import pytest

from benchmarks import classroom
from benchmarks.streamlit_client import Control, Tab, opened
from tests.browser import chromium
from tests.hosting.asgi import to_its_end

APP = Path(__file__).with_name("protocol_app.py")


@pytest.fixture(scope="module")
def url():
    with chromium.serving(APP) as address:
        yield address


def named(tab: Tab, label: str) -> Control:
    return next(control for control in tab.movable() if control.widget.label == label)


def value(tab: Tab, label: str):
    state = tab.states[named(tab, label).widget.id]
    field = getattr(state, state.WhichOneof("value"))
    return next(iter(getattr(field, "data", [field])))


def visited(url: str, visit) -> Tab:
    async def come() -> Tab:
        tab, seconds = await opened(url, "")
        assert seconds > 0
        await visit(tab)
        await tab.leave()
        return tab

    return to_its_end(asyncio.wait_for(come(), 120))


def test_every_kind_of_control_is_moved_as_a_browser_does(url):
    async def visit(tab: Tab) -> None:
        assert {one.widget.label for one in tab.movable()} == {
            "number", "size", "side", "kind", "mirrored", "ticking",
        }  # fmt: skip
        first = [value(tab, label) for label in ("number", "size", "side", "kind", "ticking")]
        assert first == [20.0, "small", "left", "small", False]
        dice = random.Random(3)
        for label in ("size", "side", "kind", "number"):
            await tab.move(named(tab, label), dice)
        assert tab.query == {"number": str(value(tab, "number"))}
        await tab.move(named(tab, "ticking"), random.Random(1))  # the whole page, which says what it has
        assert tab.texts[-1] == "state {:.0f} {} {} {}".format(
            *(value(tab, one) for one in ("number", "size", "side", "kind"))
        )

    assert not visited(url, visit).errors


def test_a_control_that_redraws_another_fragment_stays(url):
    async def visit(tab: Tab) -> None:
        before = set(tab.controls)
        await tab.move(named(tab, "number"), random.Random(5))
        assert tab.texts[-1].startswith(f"shown {value(tab, 'number'):.0f} ")
        assert set(tab.controls) == before, "neither fragment has lost a control"

    visited(url, visit)


def test_fragments_that_run_every_so_often_are_asked_for_until_the_visitor_leaves(url):
    async def visit(tab: Tab) -> None:
        while not value(tab, "ticking"):
            await tab.move(named(tab, "ticking"), random.Random(len(tab.texts)))
        while tab.ticks < 3:
            await asyncio.sleep(0.05)
        assert value(tab, "ticking")

    visited(url, visit)


def test_a_timer_turns_nothing_back_that_the_script_has_set_meanwhile(url):
    async def visit(tab: Tab) -> None:
        while not value(tab, "ticking"):
            await tab.move(named(tab, "ticking"), random.Random(len(tab.texts)))
        kind, clock = named(tab, "kind"), next(iter(tab._stops))
        tab._stop_all()
        await tab.click("Choose large")
        tab.states[kind.widget.id] = kind.initial()  # the browser has not heard of it yet
        tick = tab._rerun(clock)
        tick.rerun_script.is_auto_rerun = True
        await tab._exchange(tick)
        assert tab.texts[-1] == "kind large"

    visited(url, visit)


def test_what_fails_on_the_page_is_an_error_of_the_visit(url):
    async def visit(tab: Tab) -> None:
        with pytest.raises(LookupError, match="no button 'Win'"):
            await tab.click("Win")
        assert not tab.errors
        await tab.click("Fail")

    assert "ValueError" in visited(url, visit).errors[0]


def test_a_lesson_adds_up(url, capsys):
    waits = to_its_end(classroom.first_visits(url, [""], 3))
    assert len(waits.of(classroom.OPEN)) == 3
    assert waits.of(classroom.OPEN) == sorted(waits.of(classroom.OPEN, ""))
    assert not waits.errors


def test_the_report_states_which_goals_hold():
    waits = classroom.AnswerTimes()
    for seconds in [0.05] * 90 + [0.3] * 9 + [2.0]:
        waits.add(classroom.MOVE, "kernels", seconds, "p_side")
    waits.add(classroom.OPEN, "kernels", 0.2)
    lines = list(classroom.goals(waits, ["an error"], 650))
    assert [line.split()[0] for line in lines] == ["holds", "holds", "FAILS", "holds", "FAILS", "holds"]
    assert waits.slow == [(2.0, "move kernels p_side")]
    *pages, total = list(classroom.table(waits, waits))[1:]
    assert pages[0].split()[1:] == total.split()[1:]


def test_what_the_server_writes_besides_its_greeting_counts(tmp_path):
    log = tmp_path / "log"
    log.write_text("\n  You can now view your Streamlit app in your browser.\n\n  URL: http://127.0.0.1:1\n", "utf-8")
    assert not classroom.log_lines(log)
    log.write_text("Traceback (most recent call last):\n", "utf-8")
    assert classroom.log_lines(log) == ["Traceback (most recent call last):"]
