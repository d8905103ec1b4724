"""A page opened as a visitor opens it: through the door, at its own address."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from playground import catalog

ROOT = Path(__file__).parents[2]


def page_test(file: str, **query: str) -> AppTest:
    """The app at `pages/<file>.py` with `query` in the address bar, not yet run."""
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    if file != catalog.HOME.file:
        app.switch_page(f"pages/{file}.py")
    app.query_params.update(query)
    return app


def open_page(file: str, **query: str) -> AppTest:
    """The same, run once."""
    return page_test(file, **query).run()
