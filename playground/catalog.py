"""Every page of the playground, in the order a course takes them. A page that is not here does not exist."""

from __future__ import annotations

from dataclasses import dataclass

SECTIONS = ("Convolution", "Signals and gradients", "Regularization", "Tools")


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
        return f"pages/{self.file}.py"

    @property
    def is_tool(self) -> bool:
        return self.section == "Tools"


HOME = Lesson("home", "Home", ":material/home:", "", "Where to begin")

LESSONS = (
    Lesson(
        "kernels",
        "Kernels",
        ":material/grid_on:",
        "Convolution",
        "Slide a small grid of weights over an image and watch edges, blur and outlines appear.",
    ),
    Lesson(
        "convolution",
        "Convolution",
        ":material/select_all:",
        "Convolution",
        "Point at any cell of input, kernel or output and see the whole sum behind it, forward and backward.",
    ),
    Lesson(
        "dense_to_conv",
        "Fully connected vs. convolution",
        ":material/grid_3x3:",
        "Convolution",
        "The same output from a full matrix and from a 3×3 kernel: see which one follows the image when it shifts.",
    ),
    Lesson(
        "pooling",
        "Pooling",
        ":material/filter_center_focus:",
        "Convolution",
        "Keep one value per window, shift the image a little, and see how much of each pooled map stays the same.",
    ),
    Lesson(
        "upsampling",
        "Upsampling",
        ":material/open_in_full:",
        "Convolution",
        "Ways to enlarge a feature map, and why one of them (transposed convolution) creates checkerboards.",
    ),
    Lesson(
        "activations",
        "Activations",
        ":material/show_chart:",
        "Signals and gradients",
        "How each function bends its input, how much gradient it passes back, and which ones can be learned.",
    ),
    Lesson(
        "gradients",
        "Vanishing gradients",
        ":material/trending_down:",
        "Signals and gradients",
        "Two deep networks that differ in one setting: what reaches each layer, and what gradient comes back.",
    ),
    Lesson(
        "initialization",
        "Initialization",
        ":material/casino:",
        "Signals and gradients",
        "How weights are initialized, and how much signal survives twenty layers: theory next to many random runs.",
    ),
    Lesson(
        "optimizers",
        "Optimizers",
        ":material/downhill_skiing:",
        "Signals and gradients",
        "Optimizers on one loss surface, redrawn as you drag the learning rate; then compared on a real network.",
    ),
    Lesson(
        "normalization",
        "Normalization",
        ":material/view_in_ar:",
        "Regularization",
        "Point at a cell and see which others share its mean and variance; then what that does to a real network.",
    ),
    Lesson(
        "dropout",
        "Dropout",
        ":material/grain:",
        "Regularization",
        "Drop values, channels, blocks, weights or whole branches at random, and see what it is good for.",
    ),
    Lesson(
        "augmentation",
        "Augmentation",
        ":material/auto_awesome_motion:",
        "Regularization",
        "One image, nine random variants, one label: what a network learns to ignore, and when the label is wrong.",
    ),
    Lesson(
        "calculator",
        "Calculator",
        ":material/calculate:",
        "Tools",
        "Shapes, parameters, MACs and memory of any network, your own code included, before you run it.",
    ),
    Lesson(
        "training",
        "Training",
        ":material/model_training:",
        "Tools",
        "Train a real network on real images in the browser and watch it learn.",
    ),
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
