"""Environments of Gymnasium: the shapes of what is observed and the number of actions, which size an agent's networks.

Source: gymnasium.farama.org/environments, ale.farama.org/environments.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.parsing.evaluation.arrays import Array
from core.parsing.evaluation.values import Unknown

Shape = tuple[int, ...]
PACKAGES = ("gym", "gymnasium")
SCREEN: Shape = (210, 160, 3)  # of an Atari game: height, width, colours
MEMORY: Shape = (128,)  # of the same console, in bytes


@dataclass(frozen=True)
class Spaces:
    """What is observed and what can be done: a number of possibilities, or the shape of a box of numbers.

    `bound` is how far the numbers of an action go to both sides, None where they differ.
    """

    observed: int | Shape
    actions: int | Shape
    bound: float | None = field(default=1.0, repr=False)


SPACES: dict[str, Spaces] = {
    "CartPole": Spaces((4,), 2),
    "MountainCar": Spaces((2,), 3),
    "MountainCarContinuous": Spaces((2,), (1,)),
    "Acrobot": Spaces((6,), 3),
    "Pendulum": Spaces((3,), (1,), 2.0),
    "LunarLander": Spaces((8,), 4),
    "LunarLanderContinuous": Spaces((8,), (2,)),
    "BipedalWalker": Spaces((24,), (4,)),
    "BipedalWalkerHardcore": Spaces((24,), (4,)),
    "CarRacing": Spaces((96, 96, 3), (3,), None),
    "FrozenLake": Spaces(16, 4),
    "FrozenLake8x8": Spaces(64, 4),
    "CliffWalking": Spaces(48, 4),
    "Taxi": Spaces(500, 6),
    "HalfCheetah": Spaces((17,), (6,)),
    "Hopper": Spaces((11,), (3,)),
    "Walker2d": Spaces((17,), (6,)),
    "Ant": Spaces((111,), (8,)),
    "Humanoid": Spaces((376,), (17,), 0.4),
    "HumanoidStandup": Spaces((376,), (17,), 0.4),
    "Reacher": Spaces((11,), (2,)),
    "Swimmer": Spaces((8,), (2,)),
    "InvertedPendulum": Spaces((4,), (1,), 3.0),
    "InvertedDoublePendulum": Spaces((11,), (1,)),
    "Pusher": Spaces((23,), (7,), 2.0),
}
VERSIONS: dict[str, Spaces] = {  # of MuJoCo's, where contact forces and constants are no longer observed
    "Ant-v4": Spaces((27,), (8,)),
    "Ant-v5": Spaces((105,), (8,)),
    "Humanoid-v5": Spaces((348,), (17,), 0.4),
    "HumanoidStandup-v5": Spaces((348,), (17,), 0.4),
    "Reacher-v5": Spaces((10,), (2,)),
    "InvertedDoublePendulum-v5": Spaces((9,), (1,)),
}
ATARI: dict[str, int] = {  # game -> buttons and directions that do something in it
    "Alien": 18, "Assault": 7, "Asterix": 9, "Asteroids": 14, "Atlantis": 4, "BankHeist": 18, "BattleZone": 18,
    "BeamRider": 9, "Berzerk": 18, "Bowling": 6, "Boxing": 18, "Breakout": 4, "Centipede": 18, "ChopperCommand": 18,
    "CrazyClimber": 9, "DemonAttack": 6, "DoubleDunk": 18, "Enduro": 9, "FishingDerby": 18, "Freeway": 3,
    "Frostbite": 18, "Gopher": 8, "Gravitar": 18, "Hero": 18, "IceHockey": 18, "Jamesbond": 18, "Kangaroo": 18,
    "Krull": 18, "KungFuMaster": 14, "MontezumaRevenge": 18, "MsPacman": 9, "NameThisGame": 6, "Phoenix": 8,
    "Pitfall": 18, "Pong": 6, "PrivateEye": 18, "Qbert": 6, "Riverraid": 18, "RoadRunner": 18, "Robotank": 18,
    "Seaquest": 18, "Skiing": 3, "SpaceInvaders": 6, "StarGunner": 18, "Tennis": 18, "TimePilot": 10, "Tutankham": 8,
    "UpNDown": 6, "Venture": 18, "VideoPinball": 9, "WizardOfWor": 10, "YarsRevenge": 18, "Zaxxon": 18,
}  # fmt: skip
WRAPPERS = (  # around an environment, with its spaces
    "Monitor",
    "RecordEpisodeStatistics",
    "RecordVideo",
    "TimeLimit",
    "OrderEnforcing",
    "PassiveEnvChecker",
    "ClipAction",
    "NormalizeObservation",
    "NormalizeReward",
    "TransformReward",
)
NAME = re.compile(r"(?:ALE/|gymnasium/|gym/)?(?P<kind>\w+?)(?P<memory>-ram)?-v\d+", re.ASCII)
ATARI_KIND = re.compile(r"(\w+?)(?:NoFrameskip|Deterministic)?", re.ASCII)


def spaces(name: str, settings: dict[str, Any]) -> Spaces | None:
    """The spaces of an environment by its name, such as "CartPole-v1"; None for one that is not listed.

    >>> spaces("LunarLander-v3", {"continuous": True})
    Spaces(observed=(8,), actions=(2,))
    >>> spaces("PongNoFrameskip-v4", {}).actions, spaces("ALE/Breakout-ram-v5", {}).observed, spaces("Maze-v0", {})
    (6, (128,), None)
    """
    match = NAME.fullmatch(name)
    if match is None or settings.get("desc") is not None:  # a map of its own
        return None
    kind, is_continuous = match["kind"], settings.get("continuous")
    if kind == "FrozenLake" and settings.get("map_name") == "8x8":
        kind = "FrozenLake8x8"
    if kind == "LunarLander" and is_continuous is True:
        kind = "LunarLanderContinuous"
    if kind == "CarRacing" and is_continuous is False:
        return Spaces(SPACES[kind].observed, 5)
    found = VERSIONS.get(name) or SPACES.get(kind)
    return found or _game(kind, bool(match["memory"]) or settings.get("obs_type") == "ram", settings)


def _game(kind: str, is_memory: bool, settings: dict[str, Any]) -> Spaces | None:
    """An Atari game, all of whose 18 actions may be asked for."""
    match = ATARI_KIND.fullmatch(kind)
    actions = ATARI.get(match[1]) if match else None
    if actions is None:
        return None
    return Spaces(MEMORY if is_memory else SCREEN, 18 if settings.get("full_action_space") is True else actions)


def environment(name: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """The attributes of `gym.make(name, **settings)` that are known, as of an object that is not known otherwise.

    >>> environment("CartPole-v1", {})["unwrapped"]
    {'observation_space': {'shape': (4,)}, 'action_space': {'n': 2, 'shape': ()}}
    """
    found = spaces(name, settings) if isinstance(name, str) else None
    if found is None:
        return {}
    actions = {**_space(found.actions), **_bounds(found)}
    parts = {"observation_space": _space(found.observed), "action_space": actions}
    return {**parts, "unwrapped": parts}


def known_parts(function: Unknown, args: list[Any], settings: dict[str, Any]) -> dict[Any, Any]:
    """What the object is known to have that a function returns: an environment, or one around it with its spaces."""
    first = args[0] if args else settings.get("id", settings.get("env"))
    is_ours = function.module.partition(".")[0] in PACKAGES  # another package's wrapper of that name may differ
    if function.name in OBSERVATIONS and isinstance(first, Unknown) and is_ours:
        return _observed_otherwise(first, OBSERVATIONS[function.name], args[1:], settings)
    if function.name in WRAPPERS and isinstance(first, Unknown):
        return first.parts
    if function.name == "make" and "vector" not in function.path:
        return environment(first, settings)
    if function.name in ("make", "make_vec"):
        return {f"single_{key}": space for key, space in environment(first, settings).items()}
    return {}


def _stacked(shape: Shape, num_stack: Any = None, *args: Any, stack_size: Any = None, **settings: Any) -> Shape | None:
    count = num_stack or stack_size
    return (count, *shape) if isinstance(count, int) else None


def _of_screen(
    shape: Shape, *args: Any, screen_size: Any = 84, grayscale_obs: Any = True, **settings: Any
) -> Shape | None:
    if args or len(shape) != 3 or not isinstance(screen_size, int):
        return None
    colours = (3,) if grayscale_obs is False else (1,) if settings.get("grayscale_newaxis") is True else ()
    return (screen_size, screen_size, *colours)


def _gray(shape: Shape, keep_dim: Any = False, **settings: Any) -> Shape | None:
    return None if len(shape) != 3 else (*shape[:2], 1) if keep_dim is True else shape[:2]


def _resized(shape: Shape, size: Any = None, **settings: Any) -> Shape | None:
    sides = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    return (*sides, *shape[2:]) if len(sides) == 2 and all(isinstance(side, int) for side in sides) else None


def _flat(shape: Shape, **settings: Any) -> Shape:
    return (math.prod(shape),)


OBSERVATIONS: dict[str, Callable[..., Shape | None]] = {  # wrappers -> the shape of what is observed through them
    "FrameStack": _stacked,
    "FrameStackObservation": _stacked,
    "AtariPreprocessing": _of_screen,
    "GrayScaleObservation": _gray,
    "GrayscaleObservation": _gray,
    "ResizeObservation": _resized,
    "FlattenObservation": _flat,
}


def _observed_otherwise(
    env: Unknown, shape_of: Callable[..., Shape | None], args: list[Any], settings: dict[str, Any]
) -> dict[Any, Any]:
    """The parts of an environment whose observations a wrapper changes; none where it is not known how."""
    space = env.parts.get("observation_space", {})
    if not space.get("shape"):
        return {}
    with contextlib.suppress(TypeError):  # arguments that the wrapper does not have
        shape = shape_of(space["shape"], *args, **{key: one for key, one in settings.items() if key != "env"})
        if shape is not None:
            return {**env.parts, "observation_space": {"shape": shape}}
    return {}


def _bounds(found: Spaces) -> dict[str, Any]:
    """The least and the most that each number of an action can be."""
    if isinstance(found.actions, int) or found.bound is None:
        return {}
    count = found.actions[0]
    return {"low": Array([-found.bound] * count), "high": Array([found.bound] * count)}


def _space(size: int | Shape) -> dict[str, Any]:
    return {"n": size, "shape": ()} if isinstance(size, int) else {"shape": size}
