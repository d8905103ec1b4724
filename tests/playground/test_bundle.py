"""Several modules become one script."""

from __future__ import annotations

import pytest

from playground.components import bundle


def test_dependencies_come_first_and_once(tmp_path):
    (tmp_path / "base.js").write_text("export const one = 1;\n")
    (tmp_path / "left.js").write_text('import { one } from "./base.js";\nexport function left() { return one; }\n')
    (tmp_path / "main.js").write_text(
        'import {\n  left,\n} from "./left.js";\nimport { one } from "./base.js";\nexport default () => left() + one;\n'
    )
    text = bundle.script(tmp_path / "main.js", {"SCALE": [[0, "#fff"]]})
    assert text.startswith('const SCALE = [[0, "#fff"]];\n')
    assert "import" not in text
    assert text.index("const one") < text.index("function left") < text.index("export default")
    assert text.count("const one") == 1


def test_a_missing_module_is_named(tmp_path):
    (tmp_path / "main.js").write_text('import { a } from "./nowhere.js";\n')
    with pytest.raises(FileNotFoundError, match=r"nowhere\.js"):
        bundle.script(tmp_path / "main.js")


def test_modules_that_need_each_other_are_named(tmp_path):
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nexport const a = 1;\n')
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\nexport const b = 1;\n')
    with pytest.raises(ImportError, match=r"a\.js -> b\.js -> a\.js"):
        bundle.script(tmp_path / "a.js")


def test_styles_follow_each_other(tmp_path):
    (tmp_path / "a.css").write_text("a {}")
    (tmp_path / "b.css").write_text("b {}")
    assert bundle.style(tmp_path / "a.css", tmp_path / "b.css") == "a {}\nb {}"
