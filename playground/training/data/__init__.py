"""Which pictures, and a look at them before a run.

`sets` is what can be chosen and what is; `gallery` shows it all as cards, with `downloads` on a click; `own` takes what
visitors bring; `preview` is the stage before a run, and `tabs` its closer looks.
"""

from playground.training.data.dataset_choice import choose, is_browsing
from playground.training.data.gallery import gallery
from playground.training.data.preview import preview

__all__ = ["choose", "gallery", "is_browsing", "preview"]
