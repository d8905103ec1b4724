"""The furniture of a page, and the door that every page is entered by."""

import pytest
from streamlit.testing.v1 import AppTest

from core.shapes import conv_output_size
from playground import catalog, lesson, thumbnails
from tests.pages.helpers import open_page


def furnished(solved: bool) -> AppTest:
    def page(solved: bool) -> None:
        from core.errors import ShapeError
        from core.shapes import conv_output_size
        from playground import lesson

        lesson.formula(conv_output_size, "7")
        lesson.challenge("Make it 7.", solved=solved, hint="Try 3.")
        with lesson.friendly():
            raise ShapeError("a 7x7 kernel does not fit: raise padding")
        lesson.source("Dumoulin")

    return AppTest.from_function(page, kwargs={"solved": solved}, default_timeout=300).run()


def test_the_formula_is_the_docstring_of_the_function():
    assert lesson.formula_of(conv_output_size).startswith(r"n_\text{out} = \left\lfloor")
    assert furnished(False).latex[0].value.strip("$\n ").endswith(r"{=\; 7}")


def test_the_point_of_a_page_stands_before_what_it_imports():
    def page() -> None:
        from playground import lesson

        with lesson.idea("This is the point."):
            import a_module_that_is_not_there  # noqa: F401

    app = AppTest.from_function(page).run()
    assert app.markdown[0].value == "This is the point."
    assert len(app.exception) == 1


def test_a_function_without_a_formula_is_a_programming_error():
    with pytest.raises(LookupError, match="formula"):
        lesson.formula_of(lesson.formula_of)


def test_a_challenge_keeps_its_frame_when_solved():
    before, after = furnished(False), furnished(True)
    assert "Challenge" in before.markdown[0].value
    assert "Solved" in after.markdown[0].value
    assert before.markdown[0].value.count("<summary>Hint</summary>") == 1
    assert before.markdown[0].value.partition("<details>")[2] == after.markdown[0].value.partition("<details>")[2]


def test_bad_input_is_one_sentence_and_the_rest_stays():
    page = furnished(False)
    assert not page.exception
    assert page.error[0].value.startswith("a 7x7 kernel does not fit")
    assert "Dumoulin" in page.caption[0].value


@pytest.mark.parametrize("page", catalog.LESSONS, ids=lambda page: page.file)
def test_every_page_of_the_catalogue_has_its_own_picture(page):
    assert page.file in thumbnails.PICTURES


@pytest.mark.parametrize("file", [*thumbnails.PICTURES, "a page still to come"])
def test_pictures_are_well_formed_and_stay_inside_their_frame(file):
    import xml.etree.ElementTree as ET

    root = ET.fromstring(thumbnails.svg(file))
    wide, high = (float(word) for word in root.attrib["viewBox"].split()[2:])
    for shape in root:
        for point in shape.attrib.get("points", "").split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= wide
            assert 0 <= y <= high
    assert '"' not in thumbnails.as_url(file)[5:-2]


def test_home_shows_every_page_once():
    links = [link.proto.page for link in open_page("home").get("page_link")]
    assert sorted(links) == sorted(page.file for page in catalog.LESSONS)


@pytest.mark.parametrize(
    ("file", "following"),
    [("augmentation", "Next: **Calculator**"), ("calculator", "Next: **Training**"), ("training", None)],
)
def test_the_last_lesson_leads_on_to_the_tools(file, following):
    links = [link.proto.label for link in open_page(file).get("page_link")]
    assert [label for label in links if label.startswith("Next:")] == ([following] if following else [])


def test_code_stands_under_its_caption_and_is_recorded():
    def page() -> None:
        import streamlit as st

        from playground import lesson, notebook

        with notebook.page("kernels") as recording:
            lesson.code("import torch")
            lesson.code("import numpy", "My caption", expanded=False)
        st.text([(item.kind, item.content) for item in recording.items() if item.content])

    app = AppTest.from_function(page).run()
    assert [(block.label, block.proto.expanded) for block in app.expander] == [
        ("The same in PyTorch", True),
        ("My caption", False),
    ]
    assert app.text[0].value == str([("code", "import torch"), ("caption", "My caption"), ("code", "import numpy")])


def test_formulas_legends_headings_and_sources_are_recorded():
    def page() -> None:
        import streamlit as st

        from core.shapes import conv_output_size
        from playground import lesson, notebook

        with notebook.page("kernels") as recording:
            lesson.subheader("Sizes")
            lesson.formula(conv_output_size, "7", "$k$ = kernel size")
            lesson.latex("y = x")
            lesson.source("Dumoulin")
        st.text([(item.kind, item.content[:3]) for item in recording.items()])

    shown = [("heading", "Siz"), ("formula", "n_\\"), ("legend", "$k$"), ("formula", "y ="), ("source", "Dum")]
    assert AppTest.from_function(page).run().text[0].value == str(shown)


def test_a_picture_for_code_is_a_file_of_the_same_values():
    def page() -> None:
        import numpy as np
        import streamlit as st

        from playground import lesson, notebook

        with notebook.page("kernels") as recording:
            lesson.download_png(np.arange(12, dtype=np.uint8).reshape(3, 4), "png")
        st.session_state["file"] = next(recording.items())

    import io

    import numpy as np
    from PIL import Image

    file = AppTest.from_function(page).run().session_state["file"]
    assert file.name == "image.png"
    assert np.array_equal(np.array(Image.open(io.BytesIO(file.content()))), np.arange(12).reshape(3, 4))
