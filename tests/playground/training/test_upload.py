"""Files that are added to refused ones: a mended archive counts alone, a second half together with the first."""

from types import SimpleNamespace

import pytest

from playground.training.data.own import upload


@pytest.mark.parametrize(
    ("refused", "whole", "tried"),
    [
        ((), "", ["ab"]),
        (("a",), "b", ["b"]),
        (("a",), "ab", ["b", "ab"]),
        (("a", "b"), "ab", ["ab"]),
        (("x",), "ab", ["ab"]),
    ],
    ids=["nothing refused", "a mended archive", "a second half", "again", "of another uploader"],
)
def test_what_is_added_to_refused_files_counts_alone_if_it_is_a_dataset(monkeypatch, refused, whole, tried):
    seen = []

    def saved(files, is_folder, with_readings=True):
        names = "".join(file.file_id for file in files)
        seen.append(names)
        return names if names == whole else None

    monkeypatch.setattr(upload, "_saved", saved)
    monkeypatch.setattr(upload.st, "session_state", {upload.REFUSED: (refused, "", ())})
    assert upload._taken([SimpleNamespace(file_id=name) for name in "ab"], False) == (whole or None)
    assert seen == tried
