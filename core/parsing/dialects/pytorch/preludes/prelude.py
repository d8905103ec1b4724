"""The prelude: blocks of torchvision and helpers that files of model zoos import, in our own words, as text.

The evaluator reads them like the pasted text itself, so the parts have the names that torchvision gives them.
"""

from __future__ import annotations

import ast
from functools import cache

from core.parsing.dialects.pytorch import torchvision_networks
from core.parsing.dialects.pytorch.preludes import (
    arguments,
    audio,
    distributions,
    fastai,
    helpers,
    paddle,
    paddle_branches,
    paddle_extras,
    paddle_networks,
    standard,
    timm,
    timm_gates,
)

SOURCE = """
def _make_divisible(v, divisor=8, min_value=None):
    rounded = max(divisor if min_value is None else min_value, int(v + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * v else rounded

def make_divisible(v, divisor=8, min_value=None, round_limit=0.9):
    rounded = max(min_value or divisor, int(v + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < round_limit * v else rounded

def _ovewrite_named_param(kwargs, param, new_value):
    if param in kwargs and kwargs[param] != new_value:
        raise ValueError(param)
    kwargs[param] = new_value

def _ovewrite_value_param(param, actual, expected):
    if actual is not None and actual != expected:
        raise ValueError(param)
    return expected

def _make_ntuple(x, n):
    return tuple(x) if isinstance(x, (list, tuple)) else (x,) * n

class WeightsEnum:
    @classmethod
    def verify(cls, weights):
        return weights

class ConvNormActivation(nn.Sequential):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, padding=None, groups=1,
                 norm_layer=nn.BatchNorm2d, activation_layer=nn.ReLU, dilation=1, inplace=True, bias=None,
                 conv_layer=nn.Conv2d):
        if padding is None and isinstance(kernel_size, int) and isinstance(dilation, int):
            padding = (kernel_size - 1) // 2 * dilation
        elif padding is None:
            dims = len(kernel_size) if isinstance(kernel_size, (list, tuple)) else len(dilation)
            kernel_size, dilation = _make_ntuple(kernel_size, dims), _make_ntuple(dilation, dims)
            padding = tuple((kernel_size[i] - 1) // 2 * dilation[i] for i in range(dims))
        bias = norm_layer is None if bias is None else bias
        more = dict(dilation=dilation, groups=groups, bias=bias)
        layers = [conv_layer(in_channels, out_channels, kernel_size, stride, padding, **more)]
        if norm_layer is not None:
            layers.append(norm_layer(out_channels))
        if activation_layer is not None:
            layers.append(activation_layer(**({} if inplace is None else {"inplace": inplace})))
        super().__init__(*layers)
        self.out_channels = out_channels

class Conv2dNormActivation(ConvNormActivation):
    pass

class Conv3dNormActivation(ConvNormActivation):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, padding=None, groups=1,
                 norm_layer=nn.BatchNorm3d, activation_layer=nn.ReLU, dilation=1, inplace=True, bias=None):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, groups, norm_layer, activation_layer,
                         dilation, inplace, bias, nn.Conv3d)

class SqueezeExcitation(nn.Module):
    def __init__(self, input_channels, squeeze_channels, activation=nn.ReLU, scale_activation=nn.Sigmoid):
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(input_channels, squeeze_channels, 1)
        self.fc2 = nn.Conv2d(squeeze_channels, input_channels, 1)
        self.activation = activation()
        self.scale_activation = scale_activation()

    def forward(self, input):
        return input * self.scale_activation(self.fc2(self.activation(self.fc1(self.avgpool(input)))))

class MLP(nn.Sequential):
    def __init__(self, in_channels, hidden_channels, norm_layer=None, activation_layer=nn.ReLU,
                 inplace=None, bias=True, dropout=0.0):
        params = {} if inplace is None else {"inplace": inplace}
        layers = []
        for hidden in hidden_channels[:-1]:
            layers.append(nn.Linear(in_channels, hidden, bias=bias))
            if norm_layer is not None:
                layers.append(norm_layer(hidden))
            layers.append(activation_layer(**params))
            layers.append(nn.Dropout(dropout, **params))
            in_channels = hidden
        super().__init__(*layers, nn.Linear(in_channels, hidden_channels[-1], bias=bias), nn.Dropout(dropout, **params))

class Permute(nn.Module):
    def __init__(self, dims):
        super().__init__()
        self.dims = dims

    def forward(self, x):
        return torch.permute(x, self.dims)

class FrozenBatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.register_buffer("weight", torch.ones(num_features))
        self.register_buffer("bias", torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x):
        scale = (self.weight * (self.running_var + self.eps).rsqrt()).reshape(1, -1, 1, 1)
        return x * scale + (self.bias.reshape(1, -1, 1, 1) - self.running_mean.reshape(1, -1, 1, 1) * scale)

class IntermediateLayerGetter(nn.ModuleDict):
    def __init__(self, model, return_layers):
        layers = OrderedDict()
        left = dict(return_layers)
        for name, module in model.named_children():
            layers[name] = module
            left.pop(name, None)
            if not left:
                break
        super().__init__(layers)
        self.return_layers = return_layers

    def forward(self, x):
        out = OrderedDict()
        for name, module in self.items():
            x = module(x)
            if name in self.return_layers:
                out[self.return_layers[name]] = x
        return out

class _SimpleSegmentationModel(nn.Module):
    def __init__(self, backbone, classifier, aux_classifier=None):
        super().__init__()
        self.backbone = backbone
        self.classifier = classifier
        self.aux_classifier = aux_classifier

    def forward(self, x):
        size = x.shape[-2:]
        features = self.backbone(x)
        result = OrderedDict()
        result["out"] = F.interpolate(self.classifier(features["out"]), size=size, mode="bilinear", align_corners=False)
        if self.aux_classifier is not None:
            aux = self.aux_classifier(features["aux"])
            result["aux"] = F.interpolate(aux, size=size, mode="bilinear", align_corners=False)
        return result
"""


@cache
def tree() -> ast.Module:
    """The blocks as definitions that belong to no line of the pasted text."""
    others = (arguments, helpers, distributions, audio, timm, timm_gates, standard)
    of_paddle = (paddle, paddle_networks, paddle_branches, paddle_extras)
    parsed = ast.parse(SOURCE + "".join(one.SOURCE for one in (*others, fastai, torchvision_networks, *of_paddle)))
    for node in ast.walk(parsed):
        for name in ("lineno", "end_lineno"):
            if hasattr(node, name):
                setattr(node, name, 0)
    return parsed


NAMES = tuple(node.name for node in ast.parse(SOURCE).body if isinstance(node, (ast.FunctionDef, ast.ClassDef)))
