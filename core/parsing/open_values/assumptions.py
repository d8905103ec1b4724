"""Sensible values for what a text leaves open: the number of classes, of channels of the image, and their kind.

A name is read by its words: `num_classes` and `nClasses` are "num" and "classes". What a name is used for says whether
a number, a sequence or settings are meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from core.parsing.evaluation.core import FALLBACK
from core.parsing.evaluation.values import MISSING, Unknown

Usual = Callable[[str], Any]
IMAGE = (3, 64, 64)
SIDE = 32  # of an image, and steps of a sequence
ROOMY = 256
IMAGE_SIDE = (
    r"(img|image|input|in)_?(size|height|width|h|w|res|resolution)|resolution|size|height|img_?(rows|cols|h|w)|h|w"
)
RULES: tuple[tuple[str, Any], ...] = (
    (r"(in|input|out|output)_?nc|nc_?(i|o|in|out)|(n|num|nb)_(in|input|out)_(ch|chs|channels?)|in_chs", 3),
    (r"(gpu|device)_?ids", ()),
    (r"nb|n_?b|n_?rg|n_?rcab|n_?rrdbs?|n_?resgroups", 2),
    (
        r"(num|n|nb|no|number)?_?(of_)?(class|classes|labels?|categories|actions?|targets?|tags)(_?(num|n|count|size))?"
        r"|num_?class(es)?|nclass(es)?|nc|(n|num|nb)_?(diseases|emotions|species|breeds|speakers|digits|outcomes|answers)|(n|num)_?acts|(n_)?act(ion)?_?(dim|size|space)",
        10,
    ),
    (r"(output|out)_?(dim|size|sz|dims|classes|shape)|n_?out(puts)?|num_?outputs?|outputs?|dim_?out|(n|nb)_?outs?", 10),
    (
        r"(in|input|img|image|n|num|start|c)_?_?(channels?|chans?|chan|ch|planes|c)|(in|input)_?filters|(num|n)_?inputs|channels?|chan_?in"
        r"|(c|ch)_?in|inplanes|colou?rs?|(in|input)_?(planes|maps|depth)",
        3,
    ),
    (
        r"(out|output|mid|hidden|z|h|base)_?(channels?|chans?|chan|ch|planes|filters|c)|start_?filters|planes"
        r"|(n|num|nb)_?(filters?|features|feats|units|hidden)|width|(c|ch|chan)_?(out|hidden)|nf|ngf|ndf|nh",
        64,
    ),
    (
        r"(hidden|embed|embedding|emb|d|model|feature|inner)_?(dim|size|dims|model|channels|units|features|length|len)?"
        r"|hidden|dim|dim_?(hidden|model|inner|embed)",
        64,
    ),
    (
        r"([a-z]+_)*patch_?(size|len|length)|(seg|segment|chunk)_?(size|len|length)|mlp_mult|patches|(n|num)_?(freq(uency)?_?)?bands",
        4,
    ),
    (r"(n|num|nb)_?(embd|embeds?|emb|hids?)|intermediate_(size|dim)|embd", 64),
    (r"block_size|context_(length|size|len)|max_position_embeddings", 32),
    (r"(mlp|ff|ffn|feed_?forward|original|data|x)_?(dim|size|hidden|channels)|dim_(head|feedforward)", 64),
    (r"dim_?in|in_?(dims?|features?|feats?)|n_?in|state_?(size|dim)|obs_?(size|dim)|num_?features", 64),
    (r"(num_|n_)?frames|frames", 8),
    (r"(temporal|time|volume|scan)_?(depth|size|len|length)|(n|num|nb)_?slices", SIDE),
    (r"(window|segment|chunk|signal|trial)_samples", ROOMY),
    (r"(kernel|filter)_?(size)?|([a-z]+_)*kernel_size|ks", 3),
    (r"pool_?(size|stride)", 2),
    (IMAGE_SIDE, SIDE),
    (
        r"([a-z]+_)*(drop|dropout|drop_?path)(_?(ratio|rate|p|prob|prob(ability)?))?|p|rate|([a-z]+_)*keep_prob|margin"
        r"|([a-z]+_)*mask(ing|ed)?_(ratio|prob|rate)",
        0.5,
    ),
    (
        r"stride|dilation|groups|padding|expansion|batch_?size|n_?gpus?|(?!up_)(\w+_)?scale|alpha|beta|gamma|temperature|cardinality"
        r"|eps(ilon)?(_[a-z]+)*|lr|learning_rate|tau|lambd?a?|momentum|weight_decay|discount(_factor)?|seed",
        1,
    ),
    (r"(width|depth|channel)_?(factor|mult(iplier)?|coef(ficient)?)|(factor|multiplier)", 1),
    (r"((input|in)_)?(z|latent|noise|nz)_?(dim|size)?|code_?(size|dim)", 100),
    (
        r"(n|num|nb)_?([a-z]+_)*(layers?|(res|conv|dense)?(blocks?|blks?)|stacks?|depth|flows?|levels?|scales?|stages?|cells?|repeats?|hops?)(_[dg])?|layers|([a-z]+_)?depth|n_?res"
        r"|(transformer|encoder|decoder|text|vision|visual|attention|attn|lstm|gru|rnn|conv)_layers"
        r"|layer_?(dim|num|count)|stack_(num|size)",
        2,
    ),
    (r"(up_?)?scale_?factor|up_?scale(_?factor)?|up_?factor|r_?factor", 2),
    (r"(num|n)_?anchors?|anchors", 3),
    (r".*obs(ervation)?_space.*shape\[0\]|.*obs(ervation)?_space.*\.n|(n_?|num_)?states|n_?vars", 4),
    (r".*obs(ervation)?_space.*shape", (4,)),
    (r".*act(ion)?_space.*(\.n|shape\[0\])", 2),
    (r".*act(ion)?_space.*shape", (2,)),
    (r"(\w+_)?(means?|stds?|stdev)", 0.5),
    (r"device", "cpu"),
    (r"bi_?directional", True),
    (r"pad(ding)?_?(idx|index|id|token)", 0),
    (r"len\(.*(class|label|categor|target|tag|\by\b|\by_).*\)", 10),
    (r".*(class|label|categor|target|tag).*unique.*|.*unique.*(class|label|categor|target|tag|\by\b|y_).*", 10),
    (r"len\(.*(vocab|word|token|char).*\)", 1000),
    (r"(lora_)?rank", 4),
    (r"(n|num|nb)_?(attention_)?heads?|([a-z]+_)*heads", 4),
    (r"(reduction|ratio|squeeze)(_?(ratio|factor|rate))?|r", 4),
    (
        r"((src|tgt|source|target|total|max|input|output)_)?(vocab|vocabulary|dict)_?(size|len)?(_(src|tgt|trg|source|target|in"
        r"|out|input|output|en|de|fr))?|n_vocab|input_dim"
        r"|([a-z]+_)*(vocab|voc|dict)_(size|len|dim)"
        r"|(n|num|nb|max|total|max_nb|max_num|num_unique)_?(tokens|words|embeddings|users|items|movies|books|chars"
        r"|symbols|products|customers|songs|artists|authors|stores|brands|genres|ids|entities|relations)"
        r"|max_?features|max_id|(token|word|char)_count|num_(encoder|decoder)_tokens",
        1000,
    ),
    (
        r"(max_)?(seq|sequence|max|text|src|tgt)_?(len|length)(_(src|tgt|trg|source|target|in|out|input|output))?|maxlen|context_?(len|length|size)|(out|output|pred|label|input|window)_?len(gth)?|horizon|time_?steps|num_?steps"
        r"|look_?back(_?window)?|n_?(time_?)?steps(_(in|out))?|n_(past|future)|(forecast|future)_(horizon|steps)"
        r"|max_(encoder|decoder)_seq_length",
        32,
    ),
    (r"pretrained|progress|weights|bilinear|bias|use_[a-z_]+|is_[a-z_]+|with_[a-z_]+", False),
)
WIDTHS, COUNTS = (32, 64, 128), (2, 2, 2, 2)  # of layers one after the other, of blocks in each stage
SEQUENCES: tuple[tuple[str, Any], ...] = (
    (r"(\w+_)?activations?", ("relu", "relu", "relu")),
    (r"(\w+_)?att(entio)?n_?(res(olutions)?|levels|sizes)", (16,)),
    (r"(\w+_)?(fmap|feature_?map|grid|resolution)(_?(size|shape|res))?", (32, 32)),
    (r".*shape.*|.*(img|image|input|obs|state|observation)_?(size|dims?).*|n_?in|input|dims?|state|size", IMAGE),
    (r".*(nodes|neurons|units|widths)|.*(layers?|hidden)_(sizes|dims)", WIDTHS),
    (r".*(layers?|blocks?|depths?|repeats?|num_?convs?).*", COUNTS),
    (r".*(kernel|filter)_?sizes?.*|kernels?|ks", (3, 3, 3)),
    (r".*(strides?|dilations?|atrous|paddings?|groups?).*", (1, 1, 1)),
    (r".*(drop|rate|prob).*", (0.5, 0.5, 0.5)),
    (r".*(heads?).*", (4, 4, 4)),
    (r"(\w+_)?(means?|stds?|stdev)", (0.5, 0.5, 0.5)),
    (r".*", (32, 64, 128)),
)
SEVERAL = (
    r"([a-z]+_)*(channels|filters|dims|sizes|layers|blocks|depths|strides|dilations|kernels|heads|units|features|feats"
    r"|widths|planes|resolutions|channels_list|nodes|neurons|hiddens)"
)
_COMPILED = [(re.compile(pattern), value) for pattern, value in RULES]
_COMPILED_SEQUENCES = [(re.compile(pattern), value) for pattern, value in SEQUENCES]

LONGEST = 400  # letters of an expression that is compared with usual names: a loop makes it longer and longer


def usual_value(name: str) -> Any:
    """A value that a name of this kind usually has, `MISSING` where none is usual.

    >>> usual_value("num_classes"), usual_value("inChannels"), usual_value("repeat_num")
    (10, 3, 2)
    >>> usual_value("zebra") is MISSING
    True
    """
    if len(name) > LONGEST:
        return MISSING
    words = _words(name)
    names = [words, re.sub(r"(\w+)_(num|count|number)", r"num_\1", words)]
    return next((value for one in names for pattern, value in _COMPILED if pattern.fullmatch(one)), MISSING)


def usual_number(name: str) -> Any:
    """A usual number for a field of settings."""
    found = usual_value(name)
    return FALLBACK if found is MISSING else found


def roomy_value(name: str) -> Any:
    """The same, with more steps and larger images, for networks through which 32 do not go.

    >>> roomy_value("max_len"), roomy_value("img_rows"), roomy_value("num_classes")
    (256, 256, 10)
    """
    value = usual_value(name)
    return ROOMY if value == SIDE else value


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().strip("_")


def of_image(usual: Usual) -> Usual:
    """The same, where width and height are those of an image and its depth is its channels."""
    sizes = dict(zip(("depth", "height", "width"), IMAGE, strict=True))
    return lambda name: sizes[name] if name in sizes else usual(name)


def with_side(side: int, name: str) -> Any:
    """The same, with images of another size."""
    return side if is_image_side(name) else usual_value(name)


def is_image_side(name: str) -> bool:
    """Whether a name is that of the height or width of an image.

    >>> is_image_side("img_rows"), is_image_side("depth")
    (True, False)
    """
    return len(name) <= LONGEST and re.fullmatch(IMAGE_SIDE, _words(name)) is not None and usual_value(name) == SIDE


def usual_sequence(name: str) -> tuple[Any, ...]:
    """A sequence that a name of this kind usually has.

    >>> usual_sequence("input_shape"), usual_sequence("num_blocks")
    ((3, 64, 64), (2, 2, 2, 2))
    """
    return next(value for pattern, value in _COMPILED_SEQUENCES if pattern.fullmatch(name.lower()))


def usual_items(name: str) -> Any:
    """A sequence for a name that is surely one of several values, `MISSING` for others.

    >>> usual_items("hidden_dims"), usual_items("IMAGE_SIZE"), usual_items("loader") is MISSING
    ((32, 64, 128), (32, 32), True)
    """
    words = _words(name) if len(name) <= LONGEST else ""
    if re.fullmatch(r"(img|image)_?(size|res|resolution)s?", words):  # such as `(*IMAGE_SIZE, 3)`
        return (SIDE, SIDE)
    return usual_sequence(name) if re.fullmatch(SEVERAL, words) else MISSING


def usual_inside(name: str) -> Any:
    """The same for a block in the middle of a network, which has more channels than an image.

    >>> usual_value("channels"), usual_inside("channels")
    (3, 64)
    """
    value = usual_value(name)
    return FALLBACK if value == IMAGE[0] and not re.search("kernel|filter|ks", name.lower()) else value


class OpenSettings(dict[Any, Any]):
    """Settings of which a text says only which names it reads: each is unknown under its own name."""

    is_open = True  # whether more names may be read of it

    def __init__(self, name: str):
        super().__init__()
        self.name = name

    def __missing__(self, key: Any) -> Unknown:
        path = f"{self.name}[{key!r}]"
        return Unknown(f"the setting {str(key)[:60]} has no value here", 0, str(key), path=path, is_setting=True)
