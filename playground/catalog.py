"""Every page of the playground, in the order a course takes them. A page that is not here does not exist."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

# As seen from anywhere, for not every entry file lies beside them; on Windows, where Streamlit allows only relative
# paths on a network drive, as seen from `streamlit_app.py`.
PAGES = Path("pages") if os.name == "nt" else Path(__file__).parents[1] / "pages"


@dataclass(frozen=True)
class Lesson:
    """One page: `file` under pages/, what it is called, and what it shows in one line."""

    file: str
    title: str
    icon: str
    section: str
    blurb: str

    @property
    def path(self) -> str:
        """Where the script lies, as Streamlit wants it."""
        return str(PAGES / f"{self.file}.py")

    @property
    def is_tool(self) -> bool:
        return self.section == "Tools"


HOME = Lesson("home", "Home", ":material/home:", "", "Where to begin")

# fmt: off
COURSE = {
    "Convolution": (
        ("kernels", "Kernels", "grid_on",
         "Slide a small grid of weights over an image and watch edges, blur and outlines appear."),
        ("convolution", "Convolution", "select_all",
         "Choose any cell of input, kernel or output and see the whole sum behind it, forward and backward."),
        ("dense_to_conv", "Fully connected vs. convolution", "grid_3x3",
         "The same output from a full matrix and from a 3×3 kernel: see which one follows the image when it shifts."),
        ("pooling", "Pooling", "filter_center_focus",
         "Keep one value per window, shift the image a little, and see how much of each pooled map stays the same."),
        ("upsampling", "Upsampling", "open_in_full",
         "Ways to enlarge a feature map, and why one of them (transposed convolution) creates checkerboards."),
        ("inspect_network", "Inspect a network", "visibility",
         "Draw a digit and see every feature map of the network follow, down to the sum behind a single cell."),
    ),
    "Signals and gradients": (
        ("activations", "Activations", "show_chart",
         "How each function bends its input, how much gradient it passes back, and which ones can be learned."),
        ("gradients", "Vanishing gradients", "trending_down",
         "Two deep networks that differ in one setting: what reaches each layer, and what gradient comes back."),
        ("initialization", "Initialization", "casino",
         "How weights are initialized, and how much signal survives twenty layers: theory next to many random runs."),
        ("optimizers", "Optimizers", "downhill_skiing",
         "Optimizers on one loss surface, redrawn as you drag the learning rate; then compared on a real network."),
    ),
    "Regularization": (
        ("normalization", "Normalization", "view_in_ar",
         "Choose a cell and see which others share its mean and variance; then what that does to a real network."),
        ("dropout", "Dropout", "grain",
         "Drop values, channels, blocks, weights or whole branches at random, and see what it is good for."),
        ("augmentation", "Augmentation", "auto_awesome_motion",
         "One image, nine random variants, one label: what a network learns to ignore, and when the label is wrong."),
    ),
    "Tools": (
        ("calculator", "Calculator", "calculate",
         "Shapes, parameters, MACs and memory of any network, your own code included, before you run it."),
        ("training", "Training", "model_training",
         "Train a real network on real images and watch it learn."),
    ),
}
# fmt: on
SECTIONS = tuple(COURSE)
LESSONS = tuple(
    Lesson(file, title, f":material/{icon}:", section, blurb)
    for section, lessons in COURSE.items()
    for file, title, icon, blurb in lessons
)


def by_file(file: str) -> Lesson:
    """The page whose script is `pages/<file>.py`.

    >>> by_file("kernels").title
    'Kernels'
    """
    return {lesson.file: lesson for lesson in (HOME, *LESSONS)}[file]


def next_lesson(lesson: Lesson) -> Lesson | None:
    """The page a course takes after this one, the last lesson leading on to the tools; None after the last tool.

    >>> next_lesson(by_file("augmentation")).file, next_lesson(by_file("calculator")).file
    ('calculator', 'training')
    """
    course = (HOME, *LESSONS)
    following = course.index(lesson) + 1
    return course[following] if following < len(course) else None
