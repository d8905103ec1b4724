"""Networks of torchvision that are written out have its counts, the names of its parts and its blocks."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse

PUBLISHED = {  # name -> parameters, the first and the last weight
    "resnet18": (11689512, "conv1.weight", "fc.bias"),
    "resnet34": (21797672, "conv1.weight", "fc.bias"),
    "resnet50": (25557032, "conv1.weight", "fc.bias"),
    "resnet101": (44549160, "conv1.weight", "fc.bias"),
    "resnet152": (60192808, "conv1.weight", "fc.bias"),
    "resnext50_32x4d": (25028904, "conv1.weight", "fc.bias"),
    "wide_resnet50_2": (68883240, "conv1.weight", "fc.bias"),
    "densenet121": (7978856, "features.conv0.weight", "classifier.bias"),
    "densenet161": (28681000, "features.conv0.weight", "classifier.bias"),
    "densenet169": (14149480, "features.conv0.weight", "classifier.bias"),
    "densenet201": (20013928, "features.conv0.weight", "classifier.bias"),
    "alexnet": (61100840, "features.0.weight", "classifier.6.bias"),
    "vgg11": (132863336, "features.0.weight", "classifier.6.bias"),
    "vgg16_bn": (138365992, "features.0.weight", "classifier.6.bias"),
    "squeezenet1_0": (1248424, "features.0.weight", "classifier.1.bias"),
    "squeezenet1_1": (1235496, "features.0.weight", "classifier.1.bias"),
    "googlenet": (13004888, "conv1.conv.weight", "fc.bias"),
    "mobilenet_v2": (3504872, "features.0.0.weight", "classifier.1.bias"),
    "shufflenet_v2_x0_5": (1366792, "conv1.0.weight", "fc.bias"),
    "shufflenet_v2_x1_0": (2278604, "conv1.0.weight", "fc.bias"),
    "mnasnet0_5": (2218512, "layers.0.weight", "classifier.1.bias"),
    "mnasnet1_0": (4383312, "layers.0.weight", "classifier.1.bias"),
    "convnext_tiny": (28589128, "features.0.0.weight", "classifier.2.bias"),
    "convnext_base": (88591464, "features.0.0.weight", "classifier.2.bias"),
    "resnext101_64x4d": (83455272, "conv1.weight", "fc.bias"),
    "mobilenet_v3_large": (5483032, "features.0.0.weight", "classifier.3.bias"),
    "mobilenet_v3_small": (2542856, "features.0.0.weight", "classifier.3.bias"),
    "efficientnet_b0": (5288548, "features.0.0.weight", "classifier.1.bias"),
    "efficientnet_b1": (7794184, "features.0.0.weight", "classifier.1.bias"),
    "efficientnet_b4": (19341616, "features.0.0.weight", "classifier.1.bias"),
    "efficientnet_b7": (66347960, "features.0.0.weight", "classifier.1.bias"),
    "vit_b_16": (86567656, "class_token", "heads.head.bias"),
}
HEAD = "import torch.nn as nn\nimport torchvision.models as models\nimport timm\n"


def _count(module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("name", PUBLISHED)
def test_counts_names_and_input(name):
    count, first, last = PUBLISHED[name]
    parsed = parse(f"{HEAD}net = models.{name}(weights=None)\n")
    names = [key for key, _ in parsed.module.named_parameters()]
    assert (_count(parsed.module), names[0], names[-1]) == (count, first, last)
    assert parsed.input_shape == (3, 224, 224)
    assert parsed.module.eval()(torch.empty(2, 3, 224, 224, device="meta")).shape == (2, 1000)


HEADS = {
    "efficientnet_b0": ("net.classifier[1] = nn.Linear(net.classifier[1].in_features, 5)", 1280),
    "mobilenet_v3_small": ("net.classifier[3] = nn.Linear(net.classifier[3].in_features, 5)", 1024),
    "resnet152": ("net.fc = nn.Linear(net.fc.in_features, 5)", 2048),
    "densenet201": ("net.classifier = nn.Linear(net.classifier.in_features, 5)", 1920),
    "vit_b_16": ("net.heads.head = nn.Linear(768, 5)", 768),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_head_of_its_own(name):
    line, width = HEADS[name]
    parsed = parse(f"{HEAD}net = models.{name}(weights=models.Some_Weights.DEFAULT)\n{line}\n")
    assert _count(parsed.module) == PUBLISHED[name][0] - (width + 1) * 1000 + (width + 1) * 5
    asked = parse(f"{HEAD}net = models.{name}(num_classes=5)\n").module
    assert _count(asked) == _count(parsed.module)


def test_timm_names_and_another_number_of_channels():
    made = "net = timm.create_model('efficientnet_b0', pretrained=True, in_chans=1)\n"
    text = f"{HEAD}{made}net.classifier = nn.Linear(net.classifier.in_features, 5)\n"
    parsed = parse(text)
    assert _count(parsed.module) == 5288548 - 1281 * 995 - 2 * 32 * 9
    assert parsed.input_shape == (1, 224, 224)


@pytest.mark.parametrize(
    ("name", "width", "body"),
    [("mobilenetv3_large_100", 1280, 5483032 - 1281000), ("mobilenetv2_100", 1280, 2223872)],
)
def test_the_classifier_of_timms_networks_is_one_layer(name, width, body):
    text = f"{HEAD}net = timm.create_model('{name}')\nnet.classifier = nn.Linear(net.classifier.in_features, 5)\n"
    module = parse(text).module
    assert _count(module) == body + (width + 1) * 5
    assert module.eval()(torch.empty(2, 3, 224, 224, device="meta")).shape == (2, 5)


def test_inception_of_timm_has_no_second_head():
    assert _count(parse(f"{HEAD}net = timm.create_model('inception_v3', num_classes=1000)\n").module) == 23834568


@pytest.mark.parametrize("line", ["conv_stem = nn.Conv2d(1, 32, 3, 2, 1, bias=False)", "global_pool = nn.Identity()"])
def test_a_part_that_only_timm_names_so_is_refused_and_not_added(line):
    with pytest.raises(ParseError, match="none is called"):
        parse(f"{HEAD}net = timm.create_model('efficientnet_b0')\nnet.{line}\n")


def test_a_setting_that_makes_another_network_is_refused():
    with pytest.raises(ParseError, match="makes another network"):
        parse(f"{HEAD}net = models.mobilenet_v3_small(multiplier=0.5)\n")


SETTINGS = {  # what is built -> parameters, the output for an image of 224 pixels
    "models.mobilenet_v2(width_mult=0.5)": (1968680, (1000,)),
    "models.mobilenet_v3_small(width_mult=0.5)": (917264, (1000,)),
    "models.googlenet(pretrained=True)": (6624904, (1000,)),
    "models.googlenet(num_classes=7, aux_logits=False)": (6624904 - 1025 * 993, (7,)),
    "models.inception_v3(aux_logits=False)": (23834568, (1000,)),
    "models.resnet50(norm_layer=lambda n: nn.BatchNorm2d(n, affine=False))": (25557032 - 2 * 26560, (1000,)),
    "nn.Sequential(*list(models.resnet50(replace_stride_with_dilation=[False, True, True]).children())[:-2])": (
        23508032,
        (2048, 28, 28),
    ),
    "models.ResNet(models.resnet.BasicBlock, [1, 1, 1, 1], num_classes=4)": (4907844, (4,)),
    "models.VGG(models.vgg.make_layers([8, 'M', 512, 'M'], batch_norm=True), num_classes=3)": (119596787, (3,)),
    "models.squeezenet.Fire(3, 4, 5, 6)": (16 + 25 + 222, (11, 224, 224)),
    "models.densenet._DenseLayer(3, 4, 2, 0.0)": (6 + 24 + 16 + 288, (4, 224, 224)),
}


@pytest.mark.parametrize("made", SETTINGS)
def test_classes_and_settings(made):
    count, shape = SETTINGS[made]
    module = parse(f"{HEAD}net = {made}\n").module
    assert _count(module) == count
    assert module.eval()(torch.empty(2, 3, 224, 224, device="meta")).shape[1:] == shape


OWN_BLOCK = """
from torchvision.models.resnet import ResNet, BasicBlock, conv1x1

class Gated(BasicBlock):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.gate = conv1x1(self.bn2.num_features, 1)

    def forward(self, x):
        return torch.sigmoid(self.gate(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))))) * (
            x if self.downsample is None else self.downsample(x))

class Own(ResNet):
    def __init__(self):
        super().__init__(Gated, [2, 2, 2, 2])
        self.fc = nn.Linear(512, 3)

    def forward(self, x):
        return self._forward_impl(x)
"""


def test_blocks_and_networks_of_its_own_from_torchvisions_classes():
    parsed = parse("import torch\nimport torch.nn as nn\n" + OWN_BLOCK)
    gates = 2 * (64 + 128 + 256 + 512)
    assert parsed.network == "Own"
    assert _count(parsed.module) == PUBLISHED["resnet18"][0] + gates - 513 * 997
    assert parsed.module.eval()(torch.empty(2, 3, 64, 64, device="meta")).shape == (2, 3)


SWAP = """
def swap(part):
    for name, child in part.named_children():
        if isinstance(child, nn.ReLU):
            setattr(part, name, nn.PReLU())
        else:
            swap(child)
swap(net)
"""


@pytest.mark.parametrize(
    ("lines", "change"),
    [
        (SWAP, 1 + 8),  # one in front, one in each of eight blocks, which calls it twice
        ("net.layer4[1].conv2 = nn.Conv2d(512, 512, 1, bias=False)", -8 * 512 * 512),
        ("net.layer1[0].relu = nn.PReLU()", 1),
        ("net.fc = nn.Linear(512, len(list(net.layer1[0].children())))", 513 * (5 - 1000)),
        ("net.extra = nn.Linear(3, 4)", 16),  # kept, and called by nobody
        ("if hasattr(net.layer1[0], 'conv1'):\n    net.fc = nn.Identity()", -513 * 1000),
    ],
)
def test_what_is_done_to_blocks(lines: str, change: int):
    parsed = parse(f"{HEAD}net = models.resnet18()\n{lines}\n")
    assert _count(parsed.module) == PUBLISHED["resnet18"][0] + change
