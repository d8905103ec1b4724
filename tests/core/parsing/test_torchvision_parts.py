"""Ready-made networks have torchvision's parts: what a text takes from them or puts into them means the same."""

import pytest
import torch

from core.errors import ParseError
from core.models import MODELS
from core.parsing import parse
from core.parsing.dialects.pytorch import prelude_networks
from core.parsing.dialects.pytorch.torchvision_parts import visible_parts, with_parts

PARTED = [
    key
    for key in MODELS
    if not key.startswith(("lenet", "cats", "nin", "efficient", "unet", "dcgan", *prelude_networks.NAMES))
]
# what torchvision's networks have, as its documentation and source list it
CHILDREN = {
    "resnet18": ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "fc"],
    "vgg16": ["features", "avgpool", "classifier"],
    "alexnet": ["features", "avgpool", "classifier"],
    "densenet121": ["features", "classifier"],
    "mobilenet_v2": ["features", "classifier"],
    "squeezenet1_1": ["features", "classifier"],
    "convnext_tiny": ["features", "avgpool", "classifier"],
}


def leaves(module):
    inner = [layer for layer in module.modules() if not [*layer.children()]]
    return [(type(layer), [p.shape for p in layer.parameters()]) for layer in inner]


@pytest.mark.parametrize("key", PARTED)
def test_parts_hold_the_same_layers(key):
    with torch.device("meta"):
        flat = MODELS[key].build()
    before = leaves(flat)
    parted = with_parts(key, flat)
    assert leaves(parted) == before
    x = torch.empty(2, *MODELS[key].input_shape, device="meta")
    assert parted.eval()(x).shape == (2, 1000)


@pytest.mark.parametrize(("key", "names"), CHILDREN.items())
def test_children_are_torchvisions(key, names):
    module = parse(f"import torchvision\nnet = torchvision.models.{key}()").module
    assert [name for name, _ in visible_parts(module)] == names


@pytest.mark.parametrize(
    ("lines", "shape"),
    [
        ("m = models.resnet18()\nnet = nn.Sequential(*list(m.children())[:-2])", (512, 7, 7)),
        ("m = models.resnet18()\nnet = nn.Sequential(*list(m.children())[:-1])", (512, 1, 1)),
        ("net = models.vgg16().features", (512, 7, 7)),
        ("net = models.vgg16()\nnet.classifier[6] = nn.Linear(4096, 2)", (2,)),
        ("net = models.mobilenet_v2()\nnet.classifier[1] = nn.Linear(1280, 3)", (3,)),
        ("net = models.squeezenet1_1()\nnet.classifier[1] = nn.Conv2d(512, 6, 1)", (6,)),
        ("net = models.densenet121()\nnet.classifier = nn.Linear(net.classifier.in_features, 4)", (4,)),
        ("net = models.resnet50()\nnet.fc = nn.Identity()", (2048,)),
        ("net = timm.create_model('resnet50', num_classes=0)", (2048,)),
        ("net = timm.create_model('resnet18')\nnet.reset_classifier(7)", (7,)),
    ],
)
def test_what_is_done_to_parts(lines, shape):
    module = parse(f"import timm\nfrom torchvision import models\n{lines}").module
    assert module.eval()(torch.empty(2, 3, 224, 224, device="meta")).shape[1:] == shape


def test_timms_number_of_channels():
    parsed = parse("import timm\nnet = timm.create_model('resnet18', in_chans=1)")
    assert parsed.input_shape == (1, 224, 224)
    assert next(parsed.module.parameters()).shape == (64, 1, 7, 7)


def test_a_setting_that_makes_another_network_is_refused():
    with pytest.raises(ParseError, match="another network"):
        parse("from torchvision import models\nnet = models.mobilenet_v2(width_mult=0.5)")


@pytest.mark.parametrize(
    "line",
    [
        "net.features[3].conv2 = nn.Conv2d(512, 512, 1)",
        "net.features[3].add_module('extra', nn.ReLU())",
        "net.add_module('extra', nn.ReLU())",
        "net.fc = nn.Linear(512, 3)",
    ],
)
def test_a_part_that_it_has_not_is_not_put_into_a_preset(line):
    with pytest.raises(ParseError, match="has no part called"):
        parse(f"import torch.nn as nn\nfrom torchvision import models\nnet = models.mobilenet_v2()\n{line}")
