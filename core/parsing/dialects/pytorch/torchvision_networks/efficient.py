"""MobileNetV3 and the EfficientNets."""

from __future__ import annotations

SOURCE = """
class InvertedResidual(nn.Module):
    def __init__(self, channels, kernel, expanded, out, squeezed, activation, stride, gate, dilation=1):
        super().__init__()
        norm = partial(nn.BatchNorm2d, eps=0.001)
        settings = dict(norm_layer=norm, activation_layer=activation)
        layers = [] if expanded == channels else [Conv2dNormActivation(channels, expanded, 1, **settings)]
        step = stride if dilation == 1 else 1
        layers.append(
            Conv2dNormActivation(expanded, expanded, kernel, step, groups=expanded, dilation=dilation, **settings))
        if squeezed:
            layers.append(SqueezeExcitation(expanded, squeezed, **gate))
        layers.append(Conv2dNormActivation(expanded, out, 1, norm_layer=norm, activation_layer=None))
        self.block = nn.Sequential(*layers)
        self.adds = stride == 1 and channels == out

    def forward(self, x):
        return x + self.block(x) if self.adds else self.block(x)

class MobileNetV3(nn.Module):
    def __init__(self, settings, hidden, num_classes=1000, width_mult=1.0, dilated=False):
        super().__init__()
        adjusted = lambda width: _make_divisible(width * width_mult, 8)
        act, gate = nn.Hardswish, dict(scale_activation=nn.Hardsigmoid)
        norm = partial(nn.BatchNorm2d, eps=0.001)
        channels, hidden = adjusted(16), adjusted(hidden)
        layers = [Conv2dNormActivation(3, channels, 3, 2, norm_layer=norm, activation_layer=act)]
        for index, (kernel, wide, out, has_gate, is_hard, stride) in enumerate(settings):
            dilation = 2 if dilated and index >= len(settings) - 3 else 1
            wide, out = adjusted(wide), adjusted(out)
            squeezed = _make_divisible(wide // 4, 8) if has_gate else 0
            kind = act if is_hard else nn.ReLU
            layers.append(InvertedResidual(channels, kernel, wide, out, squeezed, kind, stride, gate, dilation))
            channels = out
        layers.append(Conv2dNormActivation(channels, 6 * channels, 1, norm_layer=norm, activation_layer=act))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(6 * channels, hidden), act(inplace=True), nn.Dropout(0.2, inplace=True),
            nn.Linear(hidden, num_classes),
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))

def mobilenet_v3_large(num_classes=1000, width_mult=1.0, dilated=False):
    settings = [(3, 16, 16, 0, 0, 1), (3, 64, 24, 0, 0, 2), (3, 72, 24, 0, 0, 1), (5, 72, 40, 1, 0, 2),
                (5, 120, 40, 1, 0, 1), (5, 120, 40, 1, 0, 1), (3, 240, 80, 0, 1, 2), (3, 200, 80, 0, 1, 1),
                (3, 184, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1), (3, 480, 112, 1, 1, 1), (3, 672, 112, 1, 1, 1),
                (5, 672, 160, 1, 1, 2), (5, 960, 160, 1, 1, 1), (5, 960, 160, 1, 1, 1)]
    return MobileNetV3(settings, 1280, num_classes, width_mult, dilated)

def mobilenet_v3_small(num_classes=1000, width_mult=1.0):
    settings = [(3, 16, 16, 1, 0, 2), (3, 72, 24, 0, 0, 2), (3, 88, 24, 0, 0, 1), (5, 96, 40, 1, 1, 2),
                (5, 240, 40, 1, 1, 1), (5, 240, 40, 1, 1, 1), (5, 120, 48, 1, 1, 1), (5, 144, 48, 1, 1, 1),
                (5, 288, 96, 1, 1, 2), (5, 576, 96, 1, 1, 1), (5, 576, 96, 1, 1, 1)]
    return MobileNetV3(settings, 1024, num_classes, width_mult)

class EfficientNet(nn.Module):
    def __init__(self, wider, deeper, dropout, num_classes=1000):
        super().__init__()
        act = nn.SiLU
        channels = _make_divisible(32 * wider, 8)
        layers = [Conv2dNormActivation(3, channels, 3, 2, activation_layer=act)]
        for expand, kernel, stride, out, count in ((1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2),
                                                   (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4),
                                                   (6, 3, 1, 320, 1)):
            out, stage = _make_divisible(out * wider, 8), []
            for index in range(int(math.ceil(count * deeper))):
                wide, squeezed = _make_divisible(channels * expand, 8), max(1, channels // 4)
                step = 1 if index else stride
                stage.append(InvertedResidual(channels, kernel, wide, out, squeezed, act, step, dict(activation=act)))
                channels = out
            layers.append(nn.Sequential(*stage))
        layers.append(Conv2dNormActivation(channels, 4 * channels, 1, activation_layer=act))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(dropout, inplace=True), nn.Linear(4 * channels, num_classes))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))
"""
# Width, depth and dropout of B0 to B7.
SCALES = (
    (1.0, 1.0, 0.2),
    (1.0, 1.1, 0.2),
    (1.1, 1.2, 0.3),
    (1.2, 1.4, 0.3),
    (1.4, 1.8, 0.4),
    (1.6, 2.2, 0.4),
    (1.8, 2.6, 0.5),
    (2.0, 3.1, 0.5),
)
SOURCE += "".join(
    f"\ndef efficientnet_b{number}(num_classes=1000):\n    return EfficientNet({wide}, {deep}, {drop}, num_classes)\n"
    for number, (wide, deep, drop) in enumerate(SCALES)
)
