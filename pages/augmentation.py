"""Augmentation: one image, many random variants, one label - as long as the label stays correct."""

from playground import lesson

with lesson.idea(
    "Show a network many variants of the same cat and it learns what does not matter. Change too much, and **the label "
    "becomes wrong**."
):
    from playground.augmentation import label_symmetry, mixing, random_samples, speed

lesson.tabs(
    {
        "Random samples": random_samples.section,
        "Letters and digits": label_symmetry.section,
        "MixUp & CutMix": mixing.section,
        "Speed": speed.section,
    }
)
