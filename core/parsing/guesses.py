"""Sensible values for what a text leaves open: the number of classes, of channels of the image, and their kind."""

from __future__ import annotations

import re
from typing import Any

from core.parsing.evaluation.values import MISSING

RULES: tuple[tuple[str, Any], ...] = (
    (r"(num|n|nb|no)?_?(of_)?(class|classes|labels|categories)(_?(num|n|count))?|num_?class(es)?|nclass(es)?|nc", 10),
    (r"(output|out)_?(dim|size|dims|classes)|n_?out(puts)?|num_?outputs?", 10),
    (
        r"(in|input|img|image|n|num|start|c)_?_?(channels?|chans?|ch|planes|filters|c)|channels?|(c|ch)_?in|inplanes|colou?rs?",
        3,
    ),
    (
        r"(out)_?(channels?|ch|planes|filters)|planes|(n|num|nb)_?(filters?|features|feats)|width|base(_channels)?|(c|ch)_?out|nf|ngf|ndf",
        64,
    ),
    (r"(hidden|embed|embedding|emb|d|model|feature)_?(dim|size|dims|model|channels|units|features)?|hidden|dim", 64),
    (r"(image_|frame_|img_)?patch_?size|mlp_mult|patches", 4),
    (r"(mlp|ff|ffn|feed_?forward)_?(dim|size|hidden|channels)|dim_(head|feedforward)", 64),
    (r"(num_|n_)?frames|frames", 8),
    (r"(kernel|filter)_?(size)?|ks", 3),
    (r"(img|image|input|in)_?(size|height|width|h|w|res|resolution)|size|height|img_(rows|cols)|h|w", 32),
    (r"(drop|dropout)(_?(rate|p|prob))?|p|rate|keep_prob", 0.5),
    (r"stride|dilation|groups|padding|expansion|batch_?size", 1),
    (r"(z|latent|noise|nz)_?(dim|size)?|code_?size", 100),
    (r"(n|num)_?(layers|blocks|depth)|([a-z]+_)?depth", 2),
    (r"(n|num)_?heads?|heads", 4),
    (r"(vocab|vocabulary)_?(size)?|(n|num)_?(tokens|words|embeddings)|max_?(features|words)|input_dim", 1000),
    (r"(seq|sequence|max)_?(len|length)|maxlen|time_?steps", 32),
    (r"pretrained|progress|weights", False),
)
_COMPILED = [(re.compile(pattern), value) for pattern, value in RULES]


def guess(name: str) -> Any:
    """A value that a name of this kind usually has, `MISSING` where none is usual.

    >>> guess("num_classes"), guess("in_channels"), guess("zebra") is MISSING
    (10, 3, True)
    """
    lowered = name.lower().strip("_")
    return next((value for pattern, value in _COMPILED if pattern.fullmatch(lowered)), MISSING)
