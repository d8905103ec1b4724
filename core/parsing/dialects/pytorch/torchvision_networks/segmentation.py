"""Networks of torchvision that give each pixel a class: FCN, DeepLabV3 and LRASPP."""

from __future__ import annotations

SOURCE = """
class FCNHead(nn.Sequential):
    def __init__(self, in_channels, channels):
        inner = in_channels // 4
        super().__init__(
            nn.Conv2d(in_channels, inner, 3, padding=1, bias=False), nn.BatchNorm2d(inner), nn.ReLU(), nn.Dropout(0.1),
            nn.Conv2d(inner, channels, 1),
        )

class ASPPConv(nn.Sequential):
    def __init__(self, in_channels, out_channels, dilation):
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 3, padding=dilation, dilation=dilation, bias=False),
            nn.BatchNorm2d(out_channels), nn.ReLU(),
        )

class ASPPPooling(nn.Sequential):
    def __init__(self, in_channels, out_channels):
        super().__init__(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        )

    def forward(self, x):
        size = x.shape[-2:]
        for layer in self:
            x = layer(x)
        return F.interpolate(x, size=size, mode="bilinear", align_corners=False)

class ASPP(nn.Module):
    def __init__(self, in_channels, atrous_rates, out_channels=256):
        super().__init__()
        convs = [nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels), nn.ReLU())]
        convs += [ASPPConv(in_channels, out_channels, rate) for rate in atrous_rates]
        convs.append(ASPPPooling(in_channels, out_channels))
        self.convs = nn.ModuleList(convs)
        self.project = nn.Sequential(
            nn.Conv2d(len(convs) * out_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels), nn.ReLU(),
            nn.Dropout(0.5),
        )

    def forward(self, x):
        return self.project(torch.cat([conv(x) for conv in self.convs], dim=1))

class DeepLabHead(nn.Sequential):
    def __init__(self, in_channels, num_classes, atrous_rates=(12, 24, 36)):
        super().__init__(
            ASPP(in_channels, atrous_rates), nn.Conv2d(256, 256, 3, padding=1, bias=False), nn.BatchNorm2d(256),
            nn.ReLU(), nn.Conv2d(256, num_classes, 1),
        )

class FCN(_SimpleSegmentationModel):
    pass

class DeepLabV3(_SimpleSegmentationModel):
    pass

class LRASPPHead(nn.Module):
    def __init__(self, low_channels, high_channels, num_classes, inter_channels=128):
        super().__init__()
        self.cbr = nn.Sequential(
            nn.Conv2d(high_channels, inter_channels, 1, bias=False), nn.BatchNorm2d(inter_channels),
            nn.ReLU(inplace=True),
        )
        self.scale = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(high_channels, inter_channels, 1, bias=False), nn.Sigmoid())
        self.low_classifier = nn.Conv2d(low_channels, num_classes, 1)
        self.high_classifier = nn.Conv2d(inter_channels, num_classes, 1)

    def forward(self, input):
        low, high = input["low"], input["high"]
        x = self.cbr(high) * self.scale(high)
        x = F.interpolate(x, size=low.shape[-2:], mode="bilinear", align_corners=False)
        return self.low_classifier(low) + self.high_classifier(x)

class LRASPP(nn.Module):
    def __init__(self, backbone, low_channels, high_channels, num_classes, inter_channels=128):
        super().__init__()
        self.backbone = backbone
        self.classifier = LRASPPHead(low_channels, high_channels, num_classes, inter_channels)

    def forward(self, input):
        out = self.classifier(self.backbone(input))
        out = F.interpolate(out, size=input.shape[-2:], mode="bilinear", align_corners=False)
        return OrderedDict(out=out)

def _segmentation_of_resnet(network, head, backbone, num_classes, aux_loss):
    layers = {"layer4": "out", "layer3": "aux"} if aux_loss else {"layer4": "out"}
    features = IntermediateLayerGetter(backbone(replace_stride_with_dilation=[False, True, True]), layers)
    return network(features, head(2048, num_classes), FCNHead(1024, num_classes) if aux_loss else None)

def _dilated_mobilenet(layers):
    return IntermediateLayerGetter(mobilenet_v3_large(dilated=True).features, layers)

def deeplabv3_mobilenet_v3_large(num_classes=21, aux_loss=False):
    features = _dilated_mobilenet({"16": "out", "4": "aux"} if aux_loss else {"16": "out"})
    return DeepLabV3(features, DeepLabHead(960, num_classes), FCNHead(40, num_classes) if aux_loss else None)

def lraspp_mobilenet_v3_large(num_classes=21):
    return LRASPP(_dilated_mobilenet({"4": "low", "16": "high"}), 40, 960, num_classes)
"""
SOURCE += "".join(
    f"\ndef {name}_{backbone}(num_classes=21, aux_loss=False):\n"
    f"    return _segmentation_of_resnet({network}, {head}, {backbone}, num_classes, aux_loss)\n"
    for name, network, head in (("fcn", "FCN", "FCNHead"), ("deeplabv3", "DeepLabV3", "DeepLabHead"))
    for backbone in ("resnet50", "resnet101")
)
NETWORKS = (
    *("fcn_resnet50", "fcn_resnet101", "deeplabv3_resnet50", "deeplabv3_resnet101"),
    *("deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large"),
)
CLASSES = {  # modules of torchvision.models.segmentation -> what they define
    "fcn": ("FCN", "FCNHead"),
    "deeplabv3": ("DeepLabV3", "DeepLabHead", "ASPP", "ASPPConv", "ASPPPooling"),
    "lraspp": ("LRASPP", "LRASPPHead"),
}
