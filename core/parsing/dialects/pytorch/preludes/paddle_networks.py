"""Networks of paddle.vision.models in our own words, as text with its names for the parts that people replace.

Each has `num_classes` and `with_pool`: without classes it ends in its features, without the pool in a map of them.
Source: paddle.vision.models, release 3.3.
"""

from __future__ import annotations

RESIDUAL = """
class PaddleBasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inplanes, planes, stride=1, downsample=None, groups=1, base_width=64, dilation=1,
                 norm_layer=None):
        super().__init__()
        norm_layer = norm_layer or nn.BatchNorm2d
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = norm_layer(planes)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = norm_layer(planes)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))

class PaddleBottleneckBlock(nn.Module):
    expansion = 4

    def __init__(self, inplanes, planes, stride=1, downsample=None, groups=1, base_width=64, dilation=1,
                 norm_layer=None):
        super().__init__()
        norm_layer = norm_layer or nn.BatchNorm2d
        width = int(planes * (base_width / 64.0)) * groups
        self.conv1 = nn.Conv2d(inplanes, width, 1, bias=False)
        self.bn1 = norm_layer(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, dilation, dilation, groups, bias=False)
        self.bn2 = norm_layer(width)
        self.conv3 = nn.Conv2d(width, planes * self.expansion, 1, bias=False)
        self.bn3 = norm_layer(planes * self.expansion)
        self.relu = nn.ReLU()
        self.downsample = downsample
        self.stride = stride

    def forward(self, x):
        out = self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))))
        return self.relu(self.bn3(self.conv3(out)) + (x if self.downsample is None else self.downsample(x)))

class PaddleResNet(nn.Module):
    def __init__(self, block, depth=50, width=64, num_classes=1000, with_pool=True, groups=1):
        super().__init__()
        counts = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3]}[depth]
        self.groups, self.base_width, self.num_classes, self.with_pool = groups, width, num_classes, with_pool
        self._norm_layer = nn.BatchNorm2d
        self.inplanes, self.dilation = 64, 1
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = self._make_layer(block, 64, counts[0])
        self.layer2 = self._make_layer(block, 128, counts[1], stride=2)
        self.layer3 = self._make_layer(block, 256, counts[2], stride=2)
        self.layer4 = self._make_layer(block, 512, counts[3], stride=2)
        if with_pool:
            self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        if num_classes > 0:
            self.fc = nn.Linear(512 * block.expansion, num_classes)

    def _make_layer(self, block, planes, blocks, stride=1, dilate=False):
        out, downsample, dilation = planes * block.expansion, None, self.dilation
        if dilate:
            self.dilation, stride = self.dilation * stride, 1
        if stride != 1 or self.inplanes != out:
            downsample = nn.Sequential(nn.Conv2d(self.inplanes, out, 1, stride, bias=False), nn.BatchNorm2d(out))
        layers = [block(self.inplanes, planes, stride, downsample, self.groups, self.base_width, dilation)]
        self.inplanes = out
        for _ in range(1, blocks):
            layers.append(block(out, planes, groups=self.groups, base_width=self.base_width))
        return nn.Sequential(*layers)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        if self.with_pool:
            x = self.avgpool(x)
        return self.fc(torch.flatten(x, 1)) if self.num_classes > 0 else x

class PaddleDenseNet(nn.Module):
    def __init__(self, layers=121, bn_size=4, dropout=0.0, num_classes=1000, with_pool=True):
        super().__init__()
        first, growth, counts = {121: (64, 32, (6, 12, 24, 16)), 161: (96, 48, (6, 12, 36, 24)),
                                 169: (64, 32, (6, 12, 32, 32)), 201: (64, 32, (6, 12, 48, 32)),
                                 264: (64, 32, (6, 12, 64, 48))}[layers]
        self.num_classes, self.with_pool = num_classes, with_pool
        whole = DenseNet(growth, counts, first)
        self.features = whole.features
        if with_pool:
            self.pool2d_avg = nn.AdaptiveAvgPool2d(1)
        if num_classes > 0:
            self.out = nn.Linear(whole.classifier.in_features, num_classes)

    def forward(self, x):
        x = F.relu(self.features(x))
        if self.with_pool:
            x = self.pool2d_avg(x)
        return self.out(torch.flatten(x, 1)) if self.num_classes > 0 else x
"""

PLAIN = """
class PaddleVGG(nn.Module):
    def __init__(self, features, num_classes=1000, with_pool=True):
        super().__init__()
        self.features, self.num_classes, self.with_pool = features, num_classes, with_pool
        if with_pool:
            self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        if num_classes > 0:
            self.classifier = nn.Sequential(
                nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(),
                nn.Linear(4096, num_classes))

    def forward(self, x):
        x = self.features(x)
        if self.with_pool:
            x = self.avgpool(x)
        return self.classifier(torch.flatten(x, 1)) if self.num_classes > 0 else x

def paddle_vgg_layers(cfg, batch_norm=False):
    layers, channels = [], 3
    for width in cfg:
        if width == "M":
            layers.append(nn.MaxPool2d(2, 2))
        else:
            layers.append(nn.Conv2d(channels, width, 3, padding=1))
            layers += [nn.BatchNorm2d(width), nn.ReLU()] if batch_norm else [nn.ReLU()]
            channels = width
    return nn.Sequential(*layers)

def paddle_vgg(counts=(2, 2, 3, 3, 3), batch_norm=False, num_classes=1000, with_pool=True):
    widths = [width for width, count in zip((64, 128, 256, 512, 512), counts) for width in [width] * count + ["M"]]
    return PaddleVGG(paddle_vgg_layers(widths, batch_norm), num_classes, with_pool)

class PaddleAlexNet(nn.Module):
    def __init__(self, num_classes=1000):
        super().__init__()
        self.num_classes = num_classes
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(),
            nn.MaxPool2d(3, 2), nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(), nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2))
        if num_classes > 0:
            self._fc6, self._fc7, self._fc8 = nn.Linear(9216, 4096), nn.Linear(4096, 4096), nn.Linear(4096, num_classes)

    def forward(self, x):
        x = self.features(x)
        if self.num_classes <= 0:
            return x
        x = F.relu(self._fc6(F.dropout(torch.flatten(x, 1), 0.5, self.training)))
        return self._fc8(F.relu(self._fc7(F.dropout(x, 0.5, self.training))))

class PaddleFire(nn.Module):
    def __init__(self, channels, squeezed, expanded):
        super().__init__()
        self._conv = nn.Conv2d(channels, squeezed, 1)
        self._conv_path1 = nn.Conv2d(squeezed, expanded, 1)
        self._conv_path2 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, x):
        x = F.relu(self._conv(x))
        return torch.cat([F.relu(self._conv_path1(x)), F.relu(self._conv_path2(x))], 1)

class PaddleSqueezeNet(nn.Module):
    def __init__(self, version, num_classes=1000, with_pool=True):
        super().__init__()
        self.num_classes, self.with_pool = num_classes, with_pool
        width, self.pooled = (96, (3, 7)) if version == "1.0" else (64, (2, 4))
        self._conv = nn.Conv2d(3, 96, 7, 2) if version == "1.0" else nn.Conv2d(3, 64, 3, 2, 1)
        self._pool = nn.MaxPool2d(3, 2)
        self.fires = nn.ModuleList()
        for squeezed, expanded in ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256),
                                   (64, 256)):
            self.fires.append(PaddleFire(width, squeezed, expanded))
            width = 2 * expanded
        self._drop = nn.Dropout(0.5)
        if num_classes > 0:
            self._conv9 = nn.Conv2d(512, num_classes, 1)
        self._avg_pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        x = self._pool(F.relu(self._conv(x)))
        for place, fire in enumerate(self.fires):
            x = fire(x)
            if place + 1 in self.pooled:
                x = self._pool(x)
        if self.num_classes > 0:
            x = self._conv9(self._drop(x))
        return torch.flatten(self._avg_pool(F.relu(x)), 1) if self.with_pool else x

class PaddleMobileNetV1(nn.Module):
    def __init__(self, scale=1.0, num_classes=1000, with_pool=True):
        super().__init__()
        self.num_classes, self.with_pool = num_classes, with_pool
        layers, width = [ConvNormActivation(3, int(32 * scale), 3, 2, 1)], int(32 * scale)
        for out, stride in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2),
                            (1024, 1)):
            layers.append(ConvNormActivation(width, width, 3, stride, 1, groups=width))
            layers.append(ConvNormActivation(width, int(out * scale), 1, 1, 0))
            width = int(out * scale)
        self.features = nn.Sequential(*layers)
        if with_pool:
            self.pool2d_avg = nn.AdaptiveAvgPool2d(1)
        if num_classes > 0:
            self.fc = nn.Linear(width, num_classes)

    def forward(self, x):
        x = self.features(x)
        if self.with_pool:
            x = self.pool2d_avg(x)
        return self.fc(torch.flatten(x, 1)) if self.num_classes > 0 else x

class PaddleInvertedResidual(nn.Module):
    def __init__(self, channels, out, stride, ratio):
        super().__init__()
        hidden = round(channels * ratio)
        layers = [ConvNormActivation(channels, hidden, 1, activation_layer=nn.ReLU6)] if ratio != 1 else []
        layers += [ConvNormActivation(hidden, hidden, 3, stride, groups=hidden, activation_layer=nn.ReLU6),
                   nn.Conv2d(hidden, out, 1, bias=False), nn.BatchNorm2d(out)]
        self.conv = nn.Sequential(*layers)
        self.adds = stride == 1 and channels == out

    def forward(self, x):
        return x + self.conv(x) if self.adds else self.conv(x)

class PaddleMobileNetV2(nn.Module):
    def __init__(self, scale=1.0, num_classes=1000, with_pool=True):
        super().__init__()
        self.num_classes, self.with_pool = num_classes, with_pool
        width = _make_divisible(32 * scale, 8)
        self.last_channel = _make_divisible(1280 * max(1.0, scale), 8)
        layers = [ConvNormActivation(3, width, stride=2, activation_layer=nn.ReLU6)]
        for ratio, out, count, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                          (6, 160, 3, 2), (6, 320, 1, 1)):
            for index in range(count):
                wide = _make_divisible(out * scale, 8)
                layers.append(PaddleInvertedResidual(width, wide, 1 if index else stride, ratio))
                width = wide
        layers.append(ConvNormActivation(width, self.last_channel, 1, activation_layer=nn.ReLU6))
        self.features = nn.Sequential(*layers)
        if with_pool:
            self.pool2d_avg = nn.AdaptiveAvgPool2d(1)
        if num_classes > 0:
            self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(self.last_channel, num_classes))

    def forward(self, x):
        x = self.features(x)
        if self.with_pool:
            x = self.pool2d_avg(x)
        return self.classifier(torch.flatten(x, 1)) if self.num_classes > 0 else x
class PaddleMobileNetV3(nn.Module):
    def __init__(self, make, scale=1.0, num_classes=1000, with_pool=True):
        super().__init__()
        whole = make(num_classes=max(num_classes, 1), width_mult=scale)
        self.features, self.num_classes, self.with_pool = whole.features, num_classes, with_pool
        if with_pool:
            self.avgpool = nn.AdaptiveAvgPool2d(1)
        if num_classes > 0:
            self.classifier = whole.classifier

    def forward(self, x):
        x = self.features(x)
        if self.with_pool:
            x = self.avgpool(x)
        return self.classifier(torch.flatten(x, 1)) if self.num_classes > 0 else x

def paddle_mobilenet_v3_large(scale=1.0, num_classes=1000, with_pool=True):
    return PaddleMobileNetV3(mobilenet_v3_large, scale, num_classes, with_pool)

def paddle_mobilenet_v3_small(scale=1.0, num_classes=1000, with_pool=True):
    return PaddleMobileNetV3(mobilenet_v3_small, scale, num_classes, with_pool)
"""

SOURCE = RESIDUAL + PLAIN
