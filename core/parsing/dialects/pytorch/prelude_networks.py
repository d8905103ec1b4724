"""Networks of torchvision in our own words, as text with its names for their parts."""

from __future__ import annotations

import ast

SOURCE = """
class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, channels, planes, width, stride, groups):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = _projection(channels, planes, stride)

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))

class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, channels, planes, width, stride, groups):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * planes, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * planes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _projection(channels, 4 * planes, stride)

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))

def _projection(channels, out, stride):
    if stride == 1 and channels == out:
        return None
    return nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

class ResNet(nn.Module):
    def __init__(self, block, blocks, groups=1, base_width=64, num_classes=1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = 64
        for stage, count in enumerate(blocks):
            planes = 64 * 2**stage
            layers = []
            for index in range(count):
                stride = 2 if stage and not index else 1
                layers.append(block(channels, planes, planes * base_width // 64 * groups, stride, groups))
                channels = block.expansion * planes
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(channels, num_classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))

def resnet18(num_classes=1000):
    return ResNet(BasicBlock, (2, 2, 2, 2), num_classes=num_classes)

def resnet34(num_classes=1000):
    return ResNet(BasicBlock, (3, 4, 6, 3), num_classes=num_classes)

def resnet50(num_classes=1000):
    return ResNet(Bottleneck, (3, 4, 6, 3), num_classes=num_classes)

def resnet101(num_classes=1000):
    return ResNet(Bottleneck, (3, 4, 23, 3), num_classes=num_classes)

def resnet152(num_classes=1000):
    return ResNet(Bottleneck, (3, 8, 36, 3), num_classes=num_classes)

def resnext50_32x4d(num_classes=1000):
    return ResNet(Bottleneck, (3, 4, 6, 3), 32, 4, num_classes)

def resnext101_32x8d(num_classes=1000):
    return ResNet(Bottleneck, (3, 4, 23, 3), 32, 8, num_classes)

def wide_resnet50_2(num_classes=1000):
    return ResNet(Bottleneck, (3, 4, 6, 3), 1, 128, num_classes)

def wide_resnet101_2(num_classes=1000):
    return ResNet(Bottleneck, (3, 4, 23, 3), 1, 128, num_classes)

class DenseLayer(nn.Module):
    def __init__(self, channels, growth):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(channels, 4 * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(4 * growth)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x):
        out = self.conv1(self.relu1(self.norm1(x)))
        return torch.cat([x, self.conv2(self.relu2(self.norm2(out)))], 1)

class DenseNet(nn.Module):
    def __init__(self, growth, blocks, channels, num_classes=1000):
        super().__init__()
        parts = OrderedDict(
            conv0=nn.Conv2d(3, channels, 7, 2, 3, bias=False), norm0=nn.BatchNorm2d(channels),
            relu0=nn.ReLU(inplace=True), pool0=nn.MaxPool2d(3, 2, 1),
        )
        for number, count in enumerate(blocks, start=1):
            layers = [(f"denselayer{i + 1}", DenseLayer(channels + i * growth, growth)) for i in range(count)]
            parts[f"denseblock{number}"] = nn.Sequential(OrderedDict(layers))
            channels += count * growth
            if number < len(blocks):
                parts[f"transition{number}"] = nn.Sequential(OrderedDict(
                    norm=nn.BatchNorm2d(channels), relu=nn.ReLU(inplace=True),
                    conv=nn.Conv2d(channels, channels // 2, 1, bias=False), pool=nn.AvgPool2d(2, 2),
                ))
                channels //= 2
        parts["norm5"] = nn.BatchNorm2d(channels)
        self.features = nn.Sequential(parts)
        self.classifier = nn.Linear(channels, num_classes)

    def forward(self, x):
        x = F.relu(self.features(x), inplace=True)
        return self.classifier(torch.flatten(F.adaptive_avg_pool2d(x, (1, 1)), 1))

def densenet121(num_classes=1000):
    return DenseNet(32, (6, 12, 24, 16), 64, num_classes)

def densenet161(num_classes=1000):
    return DenseNet(48, (6, 12, 36, 24), 96, num_classes)

def densenet169(num_classes=1000):
    return DenseNet(32, (6, 12, 32, 32), 64, num_classes)

def densenet201(num_classes=1000):
    return DenseNet(32, (6, 12, 48, 32), 64, num_classes)

class InvertedResidual(nn.Module):
    def __init__(self, channels, kernel, expanded, out, squeezed, activation, stride, gate):
        super().__init__()
        norm = partial(nn.BatchNorm2d, eps=0.001)
        settings = dict(norm_layer=norm, activation_layer=activation)
        layers = [] if expanded == channels else [Conv2dNormActivation(channels, expanded, 1, **settings)]
        layers.append(Conv2dNormActivation(expanded, expanded, kernel, stride, groups=expanded, **settings))
        if squeezed:
            layers.append(SqueezeExcitation(expanded, squeezed, **gate))
        layers.append(Conv2dNormActivation(expanded, out, 1, norm_layer=norm, activation_layer=None))
        self.block = nn.Sequential(*layers)
        self.adds = stride == 1 and channels == out

    def forward(self, x):
        return x + self.block(x) if self.adds else self.block(x)

class MobileNetV3(nn.Module):
    def __init__(self, settings, hidden, num_classes=1000):
        super().__init__()
        act, gate = nn.Hardswish, dict(scale_activation=nn.Hardsigmoid)
        norm = partial(nn.BatchNorm2d, eps=0.001)
        layers = [Conv2dNormActivation(3, 16, 3, 2, norm_layer=norm, activation_layer=act)]
        channels = 16
        for kernel, wide, out, has_gate, is_hard, stride in settings:
            squeezed = _make_divisible(wide // 4, 8) if has_gate else 0
            kind = act if is_hard else nn.ReLU
            layers.append(InvertedResidual(channels, kernel, wide, out, squeezed, kind, stride, gate))
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

def mobilenet_v3_large(num_classes=1000):
    settings = [(3, 16, 16, 0, 0, 1), (3, 64, 24, 0, 0, 2), (3, 72, 24, 0, 0, 1), (5, 72, 40, 1, 0, 2),
                (5, 120, 40, 1, 0, 1), (5, 120, 40, 1, 0, 1), (3, 240, 80, 0, 1, 2), (3, 200, 80, 0, 1, 1),
                (3, 184, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1), (3, 480, 112, 1, 1, 1), (3, 672, 112, 1, 1, 1),
                (5, 672, 160, 1, 1, 2), (5, 960, 160, 1, 1, 1), (5, 960, 160, 1, 1, 1)]
    return MobileNetV3(settings, 1280, num_classes)

def mobilenet_v3_small(num_classes=1000):
    settings = [(3, 16, 16, 1, 0, 2), (3, 72, 24, 0, 0, 2), (3, 88, 24, 0, 0, 1), (5, 96, 40, 1, 1, 2),
                (5, 240, 40, 1, 1, 1), (5, 240, 40, 1, 1, 1), (5, 120, 48, 1, 1, 1), (5, 144, 48, 1, 1, 1),
                (5, 288, 96, 1, 1, 2), (5, 576, 96, 1, 1, 1), (5, 576, 96, 1, 1, 1)]
    return MobileNetV3(settings, 1024, num_classes)

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

class EncoderBlock(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, eps=1e-6)
        self.self_attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.dropout = nn.Dropout(0.0)
        self.ln_2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(
            nn.Linear(width, hidden), nn.GELU(), nn.Dropout(0.0), nn.Linear(hidden, width), nn.Dropout(0.0)
        )

    def forward(self, x):
        normed = self.ln_1(x)
        attended, _ = self.self_attention(normed, normed, normed, need_weights=False)
        x = x + self.dropout(attended)
        return x + self.mlp(self.ln_2(x))

class Encoder(nn.Module):
    def __init__(self, steps, layers, width, heads, hidden):
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, steps, width))
        self.dropout = nn.Dropout(0.0)
        blocks = [(f"encoder_layer_{i}", EncoderBlock(width, heads, hidden)) for i in range(layers)]
        self.layers = nn.Sequential(OrderedDict(blocks))
        self.ln = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x):
        return self.ln(self.layers(self.dropout(x + self.pos_embedding)))

class VisionTransformer(nn.Module):
    def __init__(self, patch, layers, width, heads, hidden, num_classes=1000):
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.conv_proj = nn.Conv2d(3, width, patch, patch)
        self.encoder = Encoder((224 // patch) ** 2 + 1, layers, width, heads, hidden)
        self.heads = nn.Sequential(OrderedDict(head=nn.Linear(width, num_classes)))

    def forward(self, x):
        x = self.conv_proj(x).flatten(2).permute(0, 2, 1)
        x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], 1)
        return self.heads(self.encoder(x)[:, 0])

def vit_b_16(num_classes=1000):
    return VisionTransformer(16, 12, 768, 12, 3072, num_classes)

def vit_b_32(num_classes=1000):
    return VisionTransformer(32, 12, 768, 12, 3072, num_classes)

def vit_l_16(num_classes=1000):
    return VisionTransformer(16, 24, 1024, 16, 4096, num_classes)
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
_FUNCTIONS = (node.name for node in ast.parse(SOURCE).body if isinstance(node, ast.FunctionDef))
NAMES = tuple(name for name in _FUNCTIONS if not name.startswith("_"))
TIMM = {  # networks of timm that are the same but for the names of their parts
    **{f"tf_efficientnet_b{number}": f"efficientnet_b{number}" for number in range(8)},
    "mobilenetv3_large_100": "mobilenet_v3_large",
    "mobilenetv3_small_100": "mobilenet_v3_small",
}
