"""Networks of paddle.vision.models whose blocks have branches, in our own words, as text.

Source: paddle.vision.models, release 3.3.
"""

from __future__ import annotations

SOURCE = """
def _shuffled(x):
    n, c, h, w = x.shape
    return torch.reshape(torch.transpose(torch.reshape(x, (n, 2, c // 2, h, w)), 1, 2), (n, c, h, w))

class PaddleShuffleBlock(nn.Module):
    def __init__(self, channels, out, stride, act):
        super().__init__()
        half, self.halves = out // 2, stride == 1
        first = channels // 2 if self.halves else channels
        if not self.halves:
            self._conv_dw_1 = ConvNormActivation(first, first, 3, stride, 1, groups=first, activation_layer=None)
            self._conv_linear_1 = ConvNormActivation(first, half, 1, 1, 0, activation_layer=act)
        self._conv_pw = ConvNormActivation(first, half, 1, 1, 0, activation_layer=act)
        self._conv_dw = ConvNormActivation(half, half, 3, stride, 1, groups=half, activation_layer=None)
        self._conv_linear = ConvNormActivation(half, half, 1, 1, 0, activation_layer=act)

    def forward(self, x):
        if self.halves:
            kept, x = torch.chunk(x, 2, 1)
        else:
            kept = self._conv_linear_1(self._conv_dw_1(x))
        return _shuffled(torch.cat([kept, self._conv_linear(self._conv_dw(self._conv_pw(x)))], 1))

class PaddleShuffleNetV2(nn.Module):
    def __init__(self, scale=1.0, act="relu", num_classes=1000, with_pool=True):
        super().__init__()
        self.num_classes, self.with_pool = num_classes, with_pool
        widths = {0.25: (24, 24, 48, 96, 512), 0.33: (24, 32, 64, 128, 512), 0.5: (24, 48, 96, 192, 1024),
                  1.0: (24, 116, 232, 464, 1024), 1.5: (24, 176, 352, 704, 1024), 2.0: (24, 224, 488, 976, 2048)}[scale]
        act = {"swish": nn.SiLU, "relu": nn.ReLU, None: None}[act]
        self._conv1 = ConvNormActivation(3, widths[0], 3, 2, 1, activation_layer=act)
        self._max_pool = nn.MaxPool2d(3, 2, 1)
        blocks = []
        for stage, count in enumerate((4, 8, 4)):
            for index in range(count):
                channels, out = widths[stage + 1 if index else stage], widths[stage + 1]
                blocks.append(PaddleShuffleBlock(channels, out, 1 if index else 2, act))
        self.blocks = nn.Sequential(*blocks)
        self._last_conv = ConvNormActivation(widths[3], widths[4], 1, 1, 0, activation_layer=act)
        if with_pool:
            self._pool2d_avg = nn.AdaptiveAvgPool2d(1)
        if num_classes > 0:
            self._fc = nn.Linear(widths[4], num_classes)

    def forward(self, x):
        x = self._last_conv(self.blocks(self._max_pool(self._conv1(x))))
        if self.with_pool:
            x = self._pool2d_avg(x)
        return self._fc(torch.flatten(x, 1)) if self.num_classes > 0 else x

def _plain_conv(channels, out, kernel_size, stride=1):
    return nn.Conv2d(channels, out, kernel_size, stride, (kernel_size - 1) // 2, bias=False)

class PaddleInception(nn.Module):
    def __init__(self, channels, one, three_reduced, three, five_reduced, five, proj):
        super().__init__()
        self._conv1 = _plain_conv(channels, one, 1)
        self._conv3r, self._conv3 = _plain_conv(channels, three_reduced, 1), _plain_conv(three_reduced, three, 3)
        self._conv5r, self._conv5 = _plain_conv(channels, five_reduced, 1), _plain_conv(five_reduced, five, 5)
        self._pool = nn.MaxPool2d(3, 1, 1)
        self._convprj = _plain_conv(channels, proj, 1)

    def forward(self, x):
        branches = [self._conv1(x), self._conv3(self._conv3r(x)), self._conv5(self._conv5r(x)),
                    self._convprj(self._pool(x))]
        return F.relu(torch.cat(branches, 1))

class PaddleGoogLeNet(nn.Module):
    def __init__(self, num_classes=1000, with_pool=True):
        super().__init__()
        self.num_classes, self.with_pool = num_classes, with_pool
        self._conv, self._pool = _plain_conv(3, 64, 7, 2), nn.MaxPool2d(3, 2)
        self._conv_1, self._conv_2 = _plain_conv(64, 64, 1), _plain_conv(64, 192, 3)
        self._ince3a = PaddleInception(192, 64, 96, 128, 16, 32, 32)
        self._ince3b = PaddleInception(256, 128, 128, 192, 32, 96, 64)
        self._ince4a = PaddleInception(480, 192, 96, 208, 16, 48, 64)
        self._ince4b = PaddleInception(512, 160, 112, 224, 24, 64, 64)
        self._ince4c = PaddleInception(512, 128, 128, 256, 24, 64, 64)
        self._ince4d = PaddleInception(512, 112, 144, 288, 32, 64, 64)
        self._ince4e = PaddleInception(528, 256, 160, 320, 32, 128, 128)
        self._ince5a = PaddleInception(832, 256, 160, 320, 32, 128, 128)
        self._ince5b = PaddleInception(832, 384, 192, 384, 48, 128, 128)
        if with_pool:
            self._pool_5, self._pool_o1 = nn.AdaptiveAvgPool2d(1), nn.AvgPool2d(5, 3)
        if num_classes > 0:
            self._drop, self._fc_out = nn.Dropout(0.4), nn.Linear(1024, num_classes)
            self._conv_o1, self._conv_o2 = _plain_conv(512, 128, 1), _plain_conv(528, 128, 1)
            self._fc_o1, self._fc_o2 = nn.Linear(1152, 1024), nn.Linear(1152, 1024)
            self._drop_o, self._out1, self._out2 = nn.Dropout(0.7), nn.Linear(1024, num_classes), nn.Linear(
                1024, num_classes)

    def forward(self, x):
        x = self._pool(self._conv_2(self._conv_1(self._pool(self._conv(x)))))
        first = self._ince4a(self._pool(self._ince3b(self._ince3a(x))))
        second = self._ince4d(self._ince4c(self._ince4b(first)))
        out = self._ince5b(self._ince5a(self._pool(self._ince4e(second))))
        if self.with_pool:
            out, first, second = self._pool_5(out), self._pool_o1(first), self._pool_o1(second)
        if self.num_classes > 0:
            out = self._fc_out(torch.flatten(self._drop(out), 1))
            first = F.relu(self._fc_o1(torch.flatten(self._conv_o1(first), 1)))
            first = self._out1(self._drop_o(first))
            second = self._out2(self._drop_o(self._fc_o2(torch.flatten(self._conv_o2(second), 1))))
        return out, first, second

class PaddleBranches(nn.Module):
    # rows of (channels, kernel, stride, padding), a pool among them as its name
    def __init__(self, channels, *rows):
        super().__init__()
        self.branches = nn.ModuleList()
        for row in rows:
            layers, width = [], channels
            for one in row:
                if one == "max":
                    layers.append(nn.MaxPool2d(3, 2))
                elif one == "mean":
                    layers.append(nn.AvgPool2d(3, 1, 1))
                elif isinstance(one, list):
                    layers.append(PaddleBranches(width, *one))
                else:
                    layers.append(ConvNormActivation(width, *one))
                    width = one[0]
            self.branches.append(nn.Sequential(*layers))

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)

def _inception_a(channels, pooled):
    return PaddleBranches(channels, [(64, 1, 1, 0)], [(48, 1, 1, 0), (64, 5, 1, 2)],
                          [(64, 1, 1, 0), (96, 3, 1, 1), (96, 3, 1, 1)], ["mean", (pooled, 1, 1, 0)])

def _inception_c(c):
    wide, high = ((1, 7), 1, (0, 3)), ((7, 1), 1, (3, 0))
    return PaddleBranches(
        768, [(192, 1, 1, 0)], [(c, 1, 1, 0), (c, *wide), (192, *high)],
        [(c, 1, 1, 0), (c, *high), (c, *wide), (c, *high), (192, *wide)], ["mean", (192, 1, 1, 0)])

def _inception_e(channels):
    pair = [[(384, (1, 3), 1, (0, 1))], [(384, (3, 1), 1, (1, 0))]]
    return PaddleBranches(channels, [(320, 1, 1, 0)], [(384, 1, 1, 0), pair],
                          [(448, 1, 1, 0), (384, 3, 1, 1), pair], ["mean", (192, 1, 1, 0)])

class PaddleInceptionV3(nn.Module):
    def __init__(self, num_classes=1000, with_pool=True):
        super().__init__()
        self.num_classes, self.with_pool = num_classes, with_pool
        self.inception_stem = nn.Sequential(
            ConvNormActivation(3, 32, 3, 2, 0), ConvNormActivation(32, 32, 3, 1, 0),
            ConvNormActivation(32, 64, 3, 1, 1), nn.MaxPool2d(3, 2),
            ConvNormActivation(64, 80, 1, 1, 0), ConvNormActivation(80, 192, 3, 1, 0),
            nn.MaxPool2d(3, 2))
        self.inception_block_list = nn.ModuleList([
            _inception_a(192, 32), _inception_a(256, 64), _inception_a(288, 64),
            PaddleBranches(288, [(384, 3, 2, 0)], [(64, 1, 1, 0), (96, 3, 1, 1), (96, 3, 2, 0)], ["max"]),
            _inception_c(128), _inception_c(160), _inception_c(160), _inception_c(192),
            PaddleBranches(768, [(192, 1, 1, 0), (320, 3, 2, 0)],
                           [(192, 1, 1, 0), (192, (1, 7), 1, (0, 3)), (192, (7, 1), 1, (3, 0)), (192, 3, 2, 0)],
                           ["max"]),
            _inception_e(1280), _inception_e(2048)])
        if with_pool:
            self.avg_pool = nn.AdaptiveAvgPool2d(1)
        if num_classes > 0:
            self.dropout, self.fc = nn.Dropout(0.2), nn.Linear(2048, num_classes)

    def forward(self, x):
        x = self.inception_stem(x)
        for block in self.inception_block_list:
            x = block(x)
        if self.with_pool:
            x = self.avg_pool(x)
        return self.fc(self.dropout(torch.reshape(x, (-1, 2048)))) if self.num_classes > 0 else x
"""
