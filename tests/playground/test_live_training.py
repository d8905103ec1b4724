"""A run passes every result of its generator once, in order, and ends."""

from playground.live_training import LiveRun


def test_advances_until_over_and_keeps_every_moment():
    run = LiveRun("settings", iter(range(5)))
    run.advance(work_s=0)
    assert run.history == [0]
    run.advance(work_s=60, at_most=2)
    assert run.history == [0, 1, 2]
    assert not run.is_over
    run.advance(work_s=60)
    assert run.history == [0, 1, 2, 3, 4]
    assert run.is_over


def test_two_runs_do_not_share_anything():
    one, two = LiveRun("a", iter(range(3))), LiveRun("b", iter(range(3)))
    one.advance(work_s=60)
    assert two.history == []
    assert not two.is_over
