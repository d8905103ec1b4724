"""Patterns of inputs and kernels: whole numbers by a rule, at any size. The browser holds the same rules."""

from __future__ import annotations

from collections.abc import Callable

WORD = 0xFFFFFFFF  # the browser multiplies in 32 bits


def scramble(seed: int, a: int, b: int, c: int, d: int, choices: int) -> int:
    """A number in [0, choices) that looks random: places hashed as murmur3 does its last step."""
    number = (seed * 1009 + a * 31337 + b * 7919 + c * 104729 + d * 15485863 + 1) & WORD
    for factor in (0x85EBCA6B, 0xC2B2AE35):
        number = ((number ^ number >> 15) * factor) & WORD
    return (number ^ number >> 16) % choices


# Each rule: (seed, channel, row, column, height, width) -> a whole number.
PICTURES: dict[str, Callable[..., int]] = {
    "letter X": lambda _, c, r, q, h, w: (c + 1) * (r == q or r == w - 1 - q),
    "edge": lambda _, c, r, q, h, w: (c + 1) * (2 * q < w),
    "dot": lambda _, c, r, q, h, w: (c + 1) * (r == h // 2 and q == w // 2),
    "ramp": lambda _, c, r, q, h, w: c + r + q,
    "checkerboard": lambda _, c, r, q, h, w: (c + r + q) % 2,
    "random": lambda seed, c, r, q, h, w: scramble(seed, c, r, q, 0, 12) - 4,
}

# Each rule: (seed, first axis, second axis, row, column, height, width) -> a whole number.
KERNELS: dict[str, Callable[..., int]] = {
    "diagonal": lambda _, o, i, u, v, h, w: int(u == v if o % 2 == 0 else u == w - 1 - v),
    "identity": lambda _, o, i, u, v, h, w: int(u == h // 2 and v == w // 2),
    "edge": lambda _, o, i, u, v, h, w: (v == 0) - (v == w - 1) if o % 2 == 0 else (u == 0) - (u == h - 1),
    "outline": lambda _, o, i, u, v, h, w: h * w - 1 if u == h // 2 and v == w // 2 else -1,
    "blur": lambda _, o, i, u, v, h, w: 1,
    "ramp": lambda _, o, i, u, v, h, w: u * w + v + 1,
    "random": lambda seed, o, i, u, v, h, w: scramble(seed, o, i, u, v, 7) - 3,
}
