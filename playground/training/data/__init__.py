"""The dataset of a run, and its preview.

`dataset_choice` is what can be chosen; `gallery` shows all of it as cards, with `downloads` on a click; `own` takes the
images of visitors; `preview` is the stage before a run, with its `tabs`.
"""

from playground.training.data.dataset_choice import choose, is_browsing
from playground.training.data.gallery import gallery
from playground.training.data.preview import preview

__all__ = ["choose", "gallery", "is_browsing", "preview"]
