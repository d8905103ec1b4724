"""What the augmentation lesson says about the images of the moment: each sentence a function of the state."""

from __future__ import annotations

from collections.abc import Sequence

from core.augmentation.speed import IMAGES, Throughput
from core.lessons.augmentation import pairs
from core.lessons.augmentation.pairs import MixedImages, MixSettings
from core.lessons.augmentation.sample_images import SampleImage
from core.lessons.augmentation.samples import ENOUGH, RandomSamples
from core.lessons.augmentation.template_matching import CERTAIN, SIMILAR, TemplateMatch
from core.percent import percent, percent_apart
from playground.charts import augmentation as charts


def label_of(nine: RandomSamples, image: SampleImage, index: int) -> tuple[str, str]:
    """The label of one sample, and whether it is still correct (a key of `charts.RIM`)."""
    if nine.matches:
        return nine.matches[index].description, charts.state_of(nine.matches[index])
    if nine.parts is not None:
        ears = " and ".join(percent_apart(part, ENOUGH, 0) for part in nine.parts[index].tolist())
        return f"{image.label}: ears {ears} in view", "bad" if nine.is_mislabelled(index) else ""
    return "", ""


def verdict(nine: RandomSamples, image: SampleImage) -> str:
    """Whether the nine labels are correct, in a sentence."""
    if nine.matches:
        return _matched(nine, image)
    if nine.parts is not None:
        if nine.mislabelled:
            return (
                f"Only the ears distinguish cat from dog. In **{nine.mislabelled} of 9** less than half of either is "
                "in view: the network cannot see what the label says."
            )
        return "Only the ears distinguish cat from dog, and all nine show at least half of one: the label is correct."
    least, most = (percent(float(share), 0) for share in (nine.visible.min(), nine.visible.max()))
    view = f"{least} to {most} of it in view" if least != most else f"{least} of it in view"
    if (nine.images == nine.images[0]).all():
        return f"One image, {view}, nine times the same: nothing here changes at random."
    return f"One image, {view}, nine samples, one label. Is the label still correct? Judge for yourself."


def _matched(nine: RandomSamples, image: SampleImage) -> str:
    matches = nine.matches or []
    test = f"Tested with a printed **{image.label}** and the same nine random transforms"
    doubtful = sum(match.is_doubtful for match in matches)
    if nine.mislabelled:
        more = f" In {doubtful} more another character matches better." if doubtful else ""
        return f"{test}: **{nine.mislabelled} of 9** match another character, so the label is wrong.{more}"
    if doubtful:
        return f"{test}: none clearly matches another character, but in **{doubtful}** another matches better."
    return f"{test}: all nine still match it."


def score(match: TemplateMatch) -> str:
    """A correlation, with as many digits as show on which side of a bound it is."""
    return percent_apart(match.score, min((CERTAIN, SIMILAR), key=lambda bound: abs(match.score - bound)), 1)


def symmetry(matches: Sequence[TemplateMatch]) -> str:
    """Which characters have become others."""
    confused = [match for match in matches if match.is_confused]
    if not confused:
        return "None clearly matches another character."
    names = ", ".join(f"{match.own} → {match.name}" for match in confused)
    return f"**{len(confused)} of {len(matches)}** match another character: {names}."


def printed_share(mixed: MixedImages, index: int) -> float:
    """The share of the first image in one sample as it is printed, to a tenth of a percent."""
    return round(float(mixed.targets[index, 0]), 3)


def target(mixed: MixedImages, index: int) -> str:
    """The target of one sample; the two printed numbers add up to 100."""
    first = printed_share(mixed, index)
    return f"{percent(first, 1)} {mixed.labels[0]}, {percent(1 - first, 1)} {mixed.labels[1]}"


def box_size(mixed: MixedImages, mixing: MixSettings, index: int) -> str:
    if mixing.kind == "MixUp":
        return ""
    height, width = mixed.box(index)
    return f"box {height} × {width} px".replace(" ", "\N{NO-BREAK SPACE}")


def clipping(mixed: MixedImages) -> str:
    """What is done with boxes that cross the border, and how many of those on the screen that shows in."""
    boxes = [mixed.box(index) for index in range(len(mixed.images))]
    cut = sum(height != width for height, width in boxes)
    seen = f"{cut} of these six are no longer square" if cut else "all six here are square"
    return (
        "A box is a square whose share of the area is sampled from this distribution. What crosses the border is cut "
        f"off, which makes the share of the first image larger: {seen}."
    )


def cut_off(alpha: float) -> str:
    """Whether the curve of the density is cut off at the top."""
    highest = max(pairs.density(float(share), alpha) for share in charts.SHARES)
    return f" (cut off at a density of {charts.HIGHEST:g})" if highest > charts.HIGHEST else ""


def target_formula(mixed: MixedImages, mixing: MixSettings) -> str:
    """The target of the first sample with its numbers, in LaTeX."""
    exact = float(mixed.targets[0, 0])
    first = round(exact, 4)
    equals = "=" if abs(first - exact) < 1e-9 else r"\approx"
    labels = [rf"\text{{{label}}}" for label in mixed.labels]
    equation = rf"y' {equals} {first:.4f} \cdot {labels[0]} + {1 - first:.4f} \cdot {labels[1]}"
    if mixing.kind == "MixUp":
        return equation
    height, width = mixed.box(0)
    side = mixed.side
    return (
        rf"\lambda = 1 - \frac{{{height} \cdot {width}}}{{{side} \cdot {side}}} {equals} {first:.4f}, \quad {equation}"
    )


def extra_time(throughput: Throughput) -> str:
    """How much longer a batch takes, where it does."""
    extra_ms = 1000 * IMAGES * (1 / throughput.recipe - 1 / throughput.baseline)
    if extra_ms < 0.05:
        return f"The recipe adds less to a batch of {IMAGES} than could be measured here."
    return f"The recipe adds about **{extra_ms:.1f} ms** to each batch of {IMAGES}."
