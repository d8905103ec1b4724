"""Environments of Gymnasium that a text makes by name: an agent's networks take their sizes from them."""

from __future__ import annotations

import math

import pytest

from core.parsing import parse

AGENT = """
import {package} as gym
from torch import nn

env = {env}
{lines}
policy = nn.Sequential(nn.Linear({observed}, 32), nn.ReLU(), nn.Linear(32, {actions}))
"""
SHAPE, COUNT, BOX = "env.observation_space.shape[0]", "env.action_space.n", "env.action_space.shape[0]"


def sizes(env: str, observed: str = SHAPE, actions: str = COUNT, lines: str = "", package: str = "gym"):
    parsed = parse(AGENT.format(env=env, observed=observed, actions=actions, lines=lines, package=package))
    return parsed.module[0].in_features, parsed.module[-1].out_features, parsed.assumed


@pytest.mark.parametrize(
    ("env", "observed", "actions", "expected"),
    [
        ("gym.make('LunarLander-v2')", SHAPE, COUNT, (8, 4)),
        ("gym.make('CartPole-v0').unwrapped", SHAPE, COUNT, (4, 2)),
        ("gym.make('Acrobot-v1', render_mode='human')", SHAPE, COUNT, (6, 3)),
        ("gym.make(id='Pendulum-v1')", SHAPE, BOX, (3, 1)),
        ("gym.make('LunarLander-v3', continuous=True)", SHAPE, BOX, (8, 2)),
        ("gym.make('Taxi-v3')", "env.observation_space.n", COUNT, (500, 6)),
        ("gym.make('FrozenLake-v1', map_name='8x8')", "env.observation_space.n", COUNT, (64, 4)),
        ("gym.make('ALE/SpaceInvaders-ram-v5')", SHAPE, COUNT, (128, 6)),
        ("gym.wrappers.RecordVideo(gym.make('MountainCar-v0'), 'videos')", SHAPE, COUNT, (2, 3)),
        ("gym.make('Ant-v5')", SHAPE, BOX, (105, 8)),
    ],
)
def test_the_spaces_of_a_known_environment_are_no_assumption(env, observed, actions, expected):
    assert sizes(env, observed, actions) == (*expected, {})


def test_the_name_may_be_a_constant_and_the_sizes_may_have_names():
    lines = f"states = {SHAPE}\nactions = {COUNT}"
    text = AGENT.format(env="gym.make(NAME)", observed="states", actions="actions", lines=lines, package="gymnasium")
    module = parse(text.replace("env =", "NAME = 'LunarLander-v3'\nenv =", 1)).module
    assert (module[0].in_features, module[-1].out_features) == (8, 4)


def test_the_sizes_of_an_environment_that_is_not_listed_are_assumed_and_said():
    observed, actions, assumed = sizes("gym.make('Labyrinth-v7')")
    assert (observed, actions) == (4, 2)
    assert list(assumed) == [SHAPE, COUNT]


def test_many_environments_at_once_have_the_spaces_of_one():
    env = "gym.vector.make('CartPole-v1', num_envs=8)"
    assert sizes(env, "env.single_observation_space.shape[0]", "env.single_action_space.n") == (4, 2, {})


def test_the_lines_hold_the_environment_where_it_gives_the_sizes():
    env = "gym.make('LunarLander-v2')"
    text = AGENT.format(env=env, observed="states", actions=COUNT, lines=f"states = {SHAPE}", package="gym")
    again = parse(parse(text).lines).module
    assert (again[0].in_features, again[-1].out_features) == (8, 4)


@pytest.mark.parametrize(
    ("wrapped", "shape"),
    [
        ("FlattenObservation(gym.make('CarRacing-v3'))", (96 * 96 * 3,)),
        ("FrameStack(gym.make('Pendulum-v1'), 4)", (4, 3)),
        (
            "FrameStackObservation(gym.wrappers.AtariPreprocessing(gym.make('PongNoFrameskip-v4')), stack_size=4)",
            (4, 84, 84),
        ),
        ("AtariPreprocessing(gym.make('ALE/Pong-v5'), screen_size=64, grayscale_obs=False)", (64, 64, 3)),
        ("GrayScaleObservation(gym.make('CarRacing-v2'), keep_dim=True)", (96, 96, 1)),
        ("ResizeObservation(gym.wrappers.GrayscaleObservation(gym.make('CarRacing-v2')), (64, 48))", (64, 48)),
    ],
)
def test_a_wrapper_changes_the_shape_of_what_is_observed(wrapped, shape):
    lines = (
        "import numpy as np\nsize = int(np.prod(env.observation_space.shape)) + 7 * len(env.observation_space.shape)"
    )
    observed, _, assumed = sizes(f"gym.wrappers.{wrapped}", "size", "2", lines)
    assert (observed, assumed) == (math.prod(shape) + 7 * len(shape), {})


def test_the_bounds_of_actions_are_numbers_that_a_policy_may_keep():
    text = """
import gym
import torch
from torch import nn
env = gym.make('Humanoid-v4')
class Policy(nn.Module):
    def __init__(self, space, limit):
        super().__init__()
        self.mean = nn.Linear(376, space.shape[0])
        self.limit = limit
        self.register_buffer("scale", torch.tensor((space.high - space.low) / 2.0))
    def forward(self, x):
        return self.limit * torch.tanh(self.mean(x)) * self.scale
policy = Policy(env.action_space, float(env.action_space.high[0]))
"""
    module = parse(text).module
    assert (module.scale.shape, module.values["limit"]) == ((17,), 0.4)


@pytest.mark.parametrize(
    ("lines", "width"),
    [
        ("import gymnasium as gym\nenv = gym.wrappers.FlattenObservation(gym.make('CarRacing-v3'))", 96 * 96 * 3),
        ("import gym\nfrom gym.wrappers import FlattenObservation\nenv = FlattenObservation(gym.make('Ant-v5'))", 105),
        ("import gym\nfrom gymkit import FlattenObservation\nenv = FlattenObservation(gym.make('Ant-v5'))", 4),
    ],
)
def test_a_wrapper_is_known_by_its_package(lines, width):
    text = f"{lines}\nimport torch.nn as nn\nnet = nn.Linear(env.observation_space.shape[0], 2)"
    assert parse(text).module[0].in_features == width
