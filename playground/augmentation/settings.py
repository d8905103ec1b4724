"""The image to augment, and the recipe."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from core.augmentation import Augmentations
from core.augmentation.kinds.corruption import Corruption
from core.augmentation.kinds.geometric import Geometric
from core.augmentation.kinds.photometric import Photometric
from core.augmentation.recipe import OFF
from core.datasets import BUILT_IN
from core.images import open_square
from core.images.center_crop import PHOTOGRAPHS
from core.knobs import Knob, knobs_of
from core.lessons.augmentation import sample_images
from core.lessons.augmentation.sample_images import SampleImage
from core.lessons.augmentation.template_matching import ALPHABETS
from core.training import RECIPES, TrainConfig
from playground import controls, lesson

SKETCH, DIGIT, LETTER, OWN = "sketch", "digit", "letter", "own"
IMAGES = PHOTOGRAPHS | {
    SKETCH: "Drawn cat or dog",
    DIGIT: "Handwritten digit",
    LETTER: "Printed letter",
    OWN: "Your own image",
}
NUMBERS = {
    SKETCH: Knob(0, 0, 99, label="Drawing", help="Even numbers are cats, odd ones are dogs."),
    DIGIT: Knob(0, 0, sample_images.DIGITS - 1, label="Digit"),
}
SEED = Knob(0, 0, 999, label="Seed", help="The same seed gives the same nine samples.")
SINGLE_IMAGE = [name for group in (Geometric, Photometric, Corruption) for name in knobs_of(group)]
START = {"flip": True, "crop": 0.55, "rotation": 15, "brightness": 0.3, "hue": 0.04}
RECIPE, UPLOAD = "augmentation recipe", "augmentation upload"  # in the session's state
GROUPS = {
    "Brightness and colour": (Photometric, ":material/palette:"),
    "Blur, noise, erasing": (Corruption, ":material/blur_on:"),
}


@dataclass(frozen=True)
class AugmentationPreset:
    """An instructive recipe, and the image that shows its effect."""

    recipe: dict
    image: str
    number: str | int = ""


SIX = 4  # the number of a six

PRESETS = {
    "Mild": AugmentationPreset({"flip": True, "shift": 0.08, "rotation": 10, "brightness": 0.15}, "chelsea"),
    "SimCLR-style (strong)": AugmentationPreset(
        {
            **{"flip": True, "crop": 0.1, "brightness": 0.8, "contrast": 0.8, "saturation": 0.8},
            **{"hue": 0.2, "grey": 0.2, "blur": 2.0},
        },
        "chelsea",
    ),
    "Mirrored b": AugmentationPreset({"flip": True}, LETTER, "b"),
    "Flipped 6": AugmentationPreset({"flip": True, "vertical_flip": True}, DIGIT, SIX),
    "Crop too small": AugmentationPreset({"crop": 0.05}, SKETCH, 1),
}


def load_preset(name: str) -> None:
    """Set the image and the recipe of a preset; augmentations that it does not name are off."""
    preset = PRESETS[name]
    state = st.session_state
    state["au_pic"], state["au_seed"] = preset.image, SEED.default
    if preset.number != "":
        state[f"au_{preset.image}"] = preset.number
    for field in SINGLE_IMAGE:
        state[f"au_{field}"] = preset.recipe.get(field, OFF[field])


def sample_image() -> SampleImage:
    name = controls.pick("Image", IMAGES, "au_pic", "chelsea")
    if name in NUMBERS:
        number = controls.widget(name, NUMBERS[name], f"au_{name}")
        return sample_images.sketch(number) if name == SKETCH else sample_images.digit(number)
    if name == LETTER:
        return sample_images.letter(controls.pick("Letter", tuple(ALPHABETS["Letters"]), "au_letter", "b"))
    if name == OWN:
        image = _own()
        return sample_images.photograph("chelsea") if image is None else sample_images.own(image)
    return sample_images.photograph(name)


def _own() -> np.ndarray | None:
    """An uploaded image, opened once and stored at a small size in the session; None until there is one."""
    file = st.file_uploader("Image file", key="au_file", label_visibility="collapsed")
    if file is not None and st.session_state.get(UPLOAD, ("",))[0] != file.file_id:
        with lesson.friendly():
            st.session_state[UPLOAD] = file.file_id, open_square(file, sample_images.PHOTOGRAPH_SIDE)
    uploaded_id, image = st.session_state.get(UPLOAD, ("", None))
    if file is not None and uploaded_id == file.file_id:
        return image
    st.caption(f"Until then: {PHOTOGRAPHS['chelsea']}.")
    return None


def recipe() -> Augmentations:
    values = {field: _strength(field) for field in knobs_of(Geometric)}
    for label, (group, icon) in GROUPS.items():
        with st.popover(label, icon=icon, width="stretch"):
            values |= {field: _strength(field) for field in knobs_of(group)}
    return Augmentations(**values)


def _strength(field: str) -> bool | int | float:
    knob = knobs_of(Augmentations)[field]
    return controls.widget(field, replace(knob, default=START.get(field, knob.default)), f"au_{field}")


def train_link(recipe: Augmentations, dataset: str = "") -> None:
    """A link to the training page with the same recipe, otherwise its defaults; `dataset` is a name of `BUILT_IN`."""
    name, first = next(iter(RECIPES.items()))
    trainable = knobs_of(TrainConfig)
    strengths = {field: getattr(recipe, field) for field in OFF if field in trainable}
    parameters = {f"t{first.key}_{field}": str(value).lower() for field, value in strengths.items()}
    lesson.train_this(
        {"tr": name, **({"ts": BUILT_IN[dataset].title} if dataset else {}), **parameters}, "Train with this recipe"
    )


def training_set(image: SampleImage) -> str:
    """The built-in dataset that the image belongs to, or ""."""
    if image.boxes is not None:
        return "sketches"
    return "digits" if image.is_character and image.label.isdigit() else ""


def remember(recipe: Augmentations) -> None:
    """Store the recipe for the parts of the page without its controls."""
    st.session_state[RECIPE] = recipe


def remembered() -> Augmentations:
    """The last recipe of the random samples."""
    return st.session_state.get(RECIPE) or Augmentations(**START)
