"""Every page of the playground, in the order a course takes them. A page that is not here does not exist."""

from __future__ import annotations

from dataclasses import dataclass

SECTIONS = ("Convolution", "Signal and gradient", "Regularity", "Tools")


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
        "Slide a small grid of numbers over a picture and watch edges, blur and outlines appear.",
    ),
    Lesson(
        "convolution",
        "Convolution",
        ":material/select_all:",
        "Convolution",
        "Touch any cell of input, kernel or output and see the whole sum behind it, forward and backward.",
    ),
    Lesson(
        "dense_to_conv",
        "Dense against convolution",
        ":material/grid_3x3:",
        "Convolution",
        "One answer from a full matrix of weights and from nine: see which moves along with the picture.",
    ),
    Lesson(
        "pooling",
        "Pooling",
        ":material/filter_center_focus:",
        "Convolution",
        "Keep one value of many: move the picture a little and see how much of each pooled map stays.",
    ),
    Lesson(
        "upsampling",
        "Upsampling",
        ":material/open_in_full:",
        "Convolution",
        "Five ways to enlarge a map, and why one of them draws a checkerboard.",
    ),
    Lesson(
        "activations",
        "Activations",
        ":material/show_chart:",
        "Signal and gradient",
        "How each one bends the line, how much gradient it lets back, and which can learn their own shape.",
    ),
    Lesson(
        "gradients",
        "Vanishing gradients",
        ":material/trending_down:",
        "Signal and gradient",
        "Two deep networks that differ in one thing: what reaches each layer, and what comes back.",
    ),
    Lesson(
        "initialization",
        "Initialization",
        ":material/casino:",
        "Signal and gradient",
        "How weights begin, and how much of the signal is left after twenty layers: theory beside many real draws.",
    ),
    Lesson(
        "optimizers",
        "Optimizers",
        ":material/downhill_skiing:",
        "Signal and gradient",
        "Seven ways down one surface, redrawn as you drag the learning rate; then the same race on a real network.",
    ),
    Lesson(
        "normalization",
        "Normalization",
        ":material/view_in_ar:",
        "Regularity",
        "Point at a cell and see which others share its mean and variance; then what that does to a real network.",
    ),
    Lesson(
        "dropout",
        "Dropout",
        ":material/grain:",
        "Regularity",
        "Leave out values, channels, squares, weights or whole branches, draw after draw, and see what it is good for.",
    ),
    Lesson(
        "augmentation",
        "Augmentation",
        ":material/auto_awesome_motion:",
        "Regularity",
        "One picture in nine guises under one label: what a network learns not to mind, and when the label is a lie.",
    ),
    Lesson(
        "calculator",
        "Calculator",
        ":material/calculate:",
        "Tools",
        "Shapes, parameters, multiplications and bytes of any network, before you run it.",
    ),
    Lesson(
        "training",
        "Training",
        ":material/model_training:",
        "Tools",
        "Train a real network on real pictures and watch it learn, in the browser.",
    ),
)


def by_file(file: str) -> Lesson:
    """The page whose script is `pages/<file>.py`.

    >>> by_file("kernels").title
    'Kernels'
    """
    return {lesson.file: lesson for lesson in (HOME, *LESSONS)}[file]


def next_lesson(lesson: Lesson) -> Lesson | None:
    """The page a course takes after this one; None after the last lesson and after a tool."""
    course = [HOME, *(page for page in LESSONS if not page.is_tool)]
    if lesson not in course:
        return None
    place = course.index(lesson) + 1
    return course[place] if place < len(course) else None
