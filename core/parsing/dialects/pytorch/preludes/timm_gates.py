"""Layers of timm that weigh channels, and activations by their names, in our own words, as text."""

from __future__ import annotations

SOURCE = """
def get_act_layer(name="relu"):
    if not isinstance(name, str):
        return name
    known = {"silu": nn.SiLU, "swish": nn.SiLU, "mish": nn.Mish, "relu": nn.ReLU, "relu6": nn.ReLU6,
             "leaky_relu": nn.LeakyReLU, "elu": nn.ELU, "prelu": nn.PReLU, "celu": nn.CELU, "selu": nn.SELU,
             "gelu": nn.GELU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "hard_sigmoid": nn.Hardsigmoid,
             "hard_swish": nn.Hardswish, "identity": nn.Identity}
    return known[name] if name else None

def create_act_layer(name, inplace=None, **settings):
    layer = get_act_layer(name)
    if layer is None:
        return None
    takes_inplace = inplace is not None and layer not in (nn.GELU, nn.Sigmoid, nn.Tanh, nn.PReLU)
    return layer(inplace=inplace, **settings) if takes_inplace else layer(**settings)

class SEModule(nn.Module):
    def __init__(self, channels, rd_ratio=1.0 / 16, rd_channels=None, rd_divisor=8, add_maxpool=False, bias=True,
                 act_layer=nn.ReLU, norm_layer=None, gate_layer="sigmoid"):
        super().__init__()
        self.add_maxpool = add_maxpool
        if not rd_channels:
            rd_channels = make_divisible(channels * rd_ratio, rd_divisor, round_limit=0.0)
        self.fc1 = nn.Conv2d(channels, rd_channels, kernel_size=1, bias=bias)
        self.bn = norm_layer(rd_channels) if norm_layer else nn.Identity()
        self.act = create_act_layer(act_layer)
        self.fc2 = nn.Conv2d(rd_channels, channels, kernel_size=1, bias=bias)
        self.gate = create_act_layer(gate_layer)

    def forward(self, x):
        seen = x.mean((2, 3), keepdim=True)
        if self.add_maxpool:
            seen = 0.5 * seen + 0.5 * x.amax((2, 3), keepdim=True)
        return x * self.gate(self.fc2(self.act(self.bn(self.fc1(seen)))))

class EffectiveSEModule(nn.Module):
    def __init__(self, channels, add_maxpool=False, gate_layer="hard_sigmoid", **ignored):
        super().__init__()
        self.add_maxpool = add_maxpool
        self.fc = nn.Conv2d(channels, channels, kernel_size=1)
        self.gate = create_act_layer(gate_layer)

    def forward(self, x):
        seen = x.mean((2, 3), keepdim=True)
        if self.add_maxpool:
            seen = 0.5 * seen + 0.5 * x.amax((2, 3), keepdim=True)
        return x * self.gate(self.fc(seen))

class EcaModule(nn.Module):
    def __init__(self, channels=None, kernel_size=3, gamma=2, beta=1, gate_layer="sigmoid"):
        super().__init__()
        if channels is not None:
            size = int(abs(math.log(channels, 2) + beta) / gamma)
            kernel_size = max(size if size % 2 else size + 1, 3)
        assert kernel_size % 2 == 1
        self.conv = nn.Conv1d(1, 1, kernel_size=kernel_size, padding=(kernel_size - 1) // 2, bias=False)
        self.gate = create_act_layer(gate_layer)

    def forward(self, x):
        seen = self.conv(x.mean((2, 3)).view(x.shape[0], 1, -1))
        return x * self.gate(seen).view(x.shape[0], -1, 1, 1)

class LayerScale2d(nn.Module):
    def __init__(self, dim, init_values=1e-5, inplace=False):
        super().__init__()
        self.gamma = nn.Parameter(init_values * torch.ones(dim))

    def forward(self, x):
        return x * self.gamma.view(1, -1, 1, 1)

class GlobalResponseNorm(nn.Module):
    def __init__(self, dim, eps=1e-6, channels_last=True):
        super().__init__()
        self.eps = eps
        self.axes, self.channel_axis = ((1, 2), -1) if channels_last else ((2, 3), 1)
        self.sides = (1, 1, 1, -1) if channels_last else (1, -1, 1, 1)
        self.weight = nn.Parameter(torch.zeros(dim))
        self.bias = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        strength = x.norm(p=2, dim=self.axes, keepdim=True)
        strength = strength / (strength.mean(dim=self.channel_axis, keepdim=True) + self.eps)
        return x + self.bias.view(self.sides) + self.weight.view(self.sides) * x * strength
"""
ALIASES = {
    "SqueezeExcite": "SEModule",
    "EffectiveSqueezeExcite": "EffectiveSEModule",
    "EfficientChannelAttn": "EcaModule",
}
