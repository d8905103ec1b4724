"""A race passes every moment of its generator once, in order, and ends."""

from playground.live_training import Race


def test_advances_until_over_and_keeps_every_moment():
    race = Race("asked", iter(range(5)))
    race.advance(work_s=0)
    assert race.moments == [0]
    race.advance(work_s=60, at_most=2)
    assert race.moments == [0, 1, 2]
    assert not race.over
    race.advance(work_s=60)
    assert race.moments == [0, 1, 2, 3, 4]
    assert race.over


def test_two_races_do_not_share_anything():
    one, two = Race("a", iter(range(3))), Race("b", iter(range(3)))
    one.advance(work_s=60)
    assert two.moments == []
    assert not two.over
