"""Ready-made networks have torchvision's parts: what a text takes from them or puts into them means the same."""

import pytest
import torch

from core.parsing import parse

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


@pytest.mark.parametrize(("key", "names"), CHILDREN.items())
def test_children_are_torchvisions(key, names):
    module = parse(f"import torchvision\nnet = torchvision.models.{key}()").module
    assert [name for name, _ in module.named_children()] == names


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
