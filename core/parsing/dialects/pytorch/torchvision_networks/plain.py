"""AlexNet, the VGGs and SqueezeNets."""

from __future__ import annotations

SOURCE = """
class AlexNet(nn.Module):
    def __init__(self, num_classes=1000, dropout=0.5):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, 1, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, 1, 1), nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, 1, 1), nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, 1, 1), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(256 * 6 * 6, 4096), nn.ReLU(inplace=True),
            nn.Dropout(dropout), nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Linear(4096, num_classes),
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))

def alexnet(num_classes=1000, dropout=0.5):
    return AlexNet(num_classes, dropout)

class VGG(nn.Module):
    def __init__(self, features, num_classes=1000, init_weights=True, dropout=0.5):
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(4096, 4096), nn.ReLU(True), nn.Dropout(dropout), nn.Linear(4096, num_classes),
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))

def make_layers(cfg, batch_norm=False):
    layers, channels = [], 3
    for width in cfg:
        if width == "M":
            layers.append(nn.MaxPool2d(2, 2))
            continue
        layers.append(nn.Conv2d(channels, width, 3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(width))
        layers.append(nn.ReLU(inplace=True))
        channels = width
    return nn.Sequential(*layers)

def _vgg_cfg(*counts):
    cfg = []
    for count, width in zip(counts, (64, 128, 256, 512, 512)):
        cfg += [width] * count + ["M"]
    return cfg

vgg_cfgs = dict(
    A=_vgg_cfg(1, 1, 2, 2, 2), B=_vgg_cfg(2, 2, 2, 2, 2), D=_vgg_cfg(2, 2, 3, 3, 3), E=_vgg_cfg(2, 2, 4, 4, 4))

class Fire(nn.Module):
    def __init__(self, inplanes, squeeze_planes, expand1x1_planes, expand3x3_planes):
        super().__init__()
        self.inplanes = inplanes
        self.squeeze = nn.Conv2d(inplanes, squeeze_planes, 1)
        self.squeeze_activation = nn.ReLU(inplace=True)
        self.expand1x1 = nn.Conv2d(squeeze_planes, expand1x1_planes, 1)
        self.expand1x1_activation = nn.ReLU(inplace=True)
        self.expand3x3 = nn.Conv2d(squeeze_planes, expand3x3_planes, 3, padding=1)
        self.expand3x3_activation = nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.squeeze_activation(self.squeeze(x))
        wide = [self.expand1x1_activation(self.expand1x1(x)), self.expand3x3_activation(self.expand3x3(x))]
        return torch.cat(wide, 1)

class SqueezeNet(nn.Module):
    def __init__(self, version="1_0", num_classes=1000, dropout=0.5):
        super().__init__()
        self.num_classes = num_classes
        is_first = version == "1_0"
        channels, widths, pools = (96, (16, 16, 32, 32, 48, 48, 64, 64), (3, 7)) if is_first else (
            64, (16, 16, 32, 32, 48, 48, 64, 64), (2, 4))
        layers = [nn.Conv2d(3, channels, 7 if is_first else 3, 2), nn.ReLU(inplace=True), _fire_pool()]
        for index, width in enumerate(widths):
            if index in pools:
                layers.append(_fire_pool())
            layers.append(Fire(channels, width, 4 * width, 4 * width))
            channels = 8 * width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Dropout(dropout), nn.Conv2d(512, num_classes, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d((1, 1)),
        )

    def forward(self, x):
        return torch.flatten(self.classifier(self.features(x)), 1)

def _fire_pool():
    return nn.MaxPool2d(3, 2, ceil_mode=True)

def squeezenet1_0(num_classes=1000, dropout=0.5):
    return SqueezeNet("1_0", num_classes, dropout)

def squeezenet1_1(num_classes=1000, dropout=0.5):
    return SqueezeNet("1_1", num_classes, dropout)
"""
# Which of the plans of the paper's table each of them has.
PLANS = {"vgg11": "A", "vgg13": "B", "vgg16": "D", "vgg19": "E"}
SOURCE += "".join(
    f"\ndef {name}{end}(num_classes=1000, dropout=0.5):\n"
    f"    return VGG(make_layers(vgg_cfgs['{plan}'], {bool(end)}), num_classes, dropout=dropout)\n"
    for name, plan in PLANS.items()
    for end in ("", "_bn")
)
