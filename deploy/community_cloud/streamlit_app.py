"""The entry file for Streamlit Community Cloud: the app of the repository, with requirements of its own beside it."""

import sys
from pathlib import Path

APP = Path(__file__).resolve().parents[2] / "streamlit_app.py"
if str(APP.parent) not in sys.path:
    sys.path.insert(0, str(APP.parent))
exec(compile(APP.read_text(encoding="utf-8"), str(APP), "exec"))
