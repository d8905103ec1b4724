"""Which picture is changed, and by which recipe."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from core.augmentation import Augmentations
from core.augmentation.kinds.corruption import DAMAGE
from core.augmentation.kinds.geometric import MOVES
from core.augmentation.kinds.photometric import COLOURS
from core.augmentation.recipe import OFF
from core.datasets import BUILT_IN
from core.images import open_square
from core.images.squares import PHOTOGRAPHS
from core.knobs import Knob, knobs_of
from core.lessons.augmentation import sample_images
from core.lessons.augmentation.sample_images import Subject
from core.lessons.augmentation.template_matching import ALPHABETS
from core.training import RECIPES, TrainConfig
from playground import controls, lesson

SKETCH, DIGIT, LETTER, OWN = "sketch", "digit", "letter", "own"
SUBJECTS = PHOTOGRAPHS | {
    SKETCH: "A drawn cat or dog",
    DIGIT: "A handwritten digit",
    LETTER: "A letter",
    OWN: "My own file",
}
NUMBERS = {
    SKETCH: Knob(0, 0, 99, label="Which drawing", help="Even numbers are cats, odd ones dogs."),
    DIGIT: Knob(0, 0, sample_images.DIGITS - 1, label="Which digit"),
}
SEED = Knob(0, 0, 999, label="Seed", help="The same seed gives the same nine.")
ALONE = MOVES | COLOURS | DAMAGE  # what a single picture can go through
START = {"flip": True, "crop": 0.55, "rotation": 15, "brightness": 0.3, "hue": 0.04}
RECIPE, UPLOAD = "augmentation recipe", "augmentation upload"  # in the session's state
GROUPS = {"Light and colour": (COLOURS, ":material/palette:"), "Blur, noise, erasing": (DAMAGE, ":material/blur_on:")}


@dataclass(frozen=True)
class Case:
    """A recipe worth seeing, and the picture on which it shows."""

    recipe: dict
    picture: str
    which: str | int = ""


SIX = 4  # the place of a six

CASES = {
    "Mild": Case({"flip": True, "shift": 0.08, "rotation": 10, "brightness": 0.15}, "chelsea"),
    "As for self-supervised learning": Case(
        {
            **{"flip": True, "crop": 0.1, "brightness": 0.8, "contrast": 0.8, "saturation": 0.8},
            **{"hue": 0.2, "grey": 0.2, "blur": 2.0},
        },
        "chelsea",
    ),
    "b in the mirror": Case({"flip": True}, LETTER, "b"),
    "A 6 turned over": Case({"flip": True, "vertical_flip": True}, DIGIT, SIX),
    "Cut too close": Case({"crop": 0.05}, SKETCH, 1),
}


def load_case(name: str) -> None:
    """Set picture and recipe as a case has them; what it does not name is off."""
    case = CASES[name]
    state = st.session_state
    state["au_pic"], state["au_seed"] = case.picture, SEED.default
    if case.which != "":
        state[f"au_{case.picture}"] = case.which
    for field in ALONE:
        state[f"au_{field}"] = case.recipe.get(field, OFF[field])


def subject() -> Subject:
    """The picture's controls."""
    name = controls.pick("Picture", SUBJECTS, "au_pic", "chelsea")
    if name in NUMBERS:
        number = controls.widget(name, NUMBERS[name], f"au_{name}")
        return sample_images.sketch(number) if name == SKETCH else sample_images.digit(number)
    if name == LETTER:
        return sample_images.letter(controls.pick("Which letter", tuple(ALPHABETS["letters"]), "au_letter", "b"))
    if name == OWN:
        picture = _own()
        return sample_images.photograph("chelsea") if picture is None else sample_images.own(picture)
    return sample_images.photograph(name)


def _own() -> np.ndarray | None:
    """A picture of one's own, opened once and kept small in the session; None until there is one."""
    file = st.file_uploader("Picture file", key="au_file", label_visibility="collapsed")
    if file is not None and st.session_state.get(UPLOAD, ("",))[0] != file.file_id:
        with lesson.friendly():
            st.session_state[UPLOAD] = file.file_id, open_square(file, sample_images.PHOTOGRAPH_SIDE)
    known, picture = st.session_state.get(UPLOAD, ("", None))
    if file is not None and known == file.file_id:
        return picture
    st.caption(f"Until then: {PHOTOGRAPHS['chelsea']}.")
    return None


def recipe() -> Augmentations:
    """The strengths of everything that a single picture can go through."""
    values = {field: _strength(field) for field in MOVES}
    for label, (entries, icon) in GROUPS.items():
        with st.popover(label, icon=icon, width="stretch"):
            values |= {field: _strength(field) for field in entries}
    return Augmentations(**values)


def _strength(field: str) -> bool | int | float:
    known = knobs_of(Augmentations)[field]
    return controls.widget(field, replace(known, default=START.get(field, known.default)), f"au_{field}")


def train_link(recipe: Augmentations, pictures: str = "") -> None:
    """The same recipe on the training page, all else as it comes there; `pictures` is a name of `BUILT_IN`."""
    name, first = next(iter(RECIPES.items()))
    known = knobs_of(TrainConfig)
    strengths = {field: getattr(recipe, field) for field in OFF if field in known}
    parameters = {f"t{first.key}_{field}": str(value).lower() for field, value in strengths.items()}
    lesson.train_this(
        {"tr": name, **({"ts": BUILT_IN[pictures].title} if pictures else {}), **parameters}, "Train with this recipe"
    )


def training_set(subject: Subject) -> str:
    """The built-in set that the picture is one of, or ""."""
    if subject.boxes is not None:
        return "sketches"
    return "digits" if subject.is_sign and subject.label.isdigit() else ""


def remember(recipe: Augmentations) -> None:
    """The recipe of the nine draws, for the parts of the page that do not draw its controls."""
    st.session_state[RECIPE] = recipe


def remembered() -> Augmentations:
    """The recipe of the nine draws as it was last."""
    return st.session_state.get(RECIPE) or Augmentations(**START)


def title(field: str) -> str:
    """What to call a change in a sentence."""
    return TITLES.get(field, field)


TITLES = {"flip": "mirroring", "vertical_flip": "upside down", "hue": "hue", "grey": "grey", "erase": "erasing"}
