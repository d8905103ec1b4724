"""The ready-made networks of Keras whose first blocks are fused: EfficientNetV2. As in `application_texts`."""

# Tan & Le 2021, arXiv:2104.00298: repeats, filters, expansion, stride, whether expansion and depthwise are one
EFFICIENTNET_V2 = """
BASE = ((1, 16, 1, 1, True), (2, 32, 4, 2, True), (2, 48, 4, 2, True), (3, 96, 4, 2, False), (5, 112, 6, 1, False),
        (8, 192, 6, 2, False))
S = ((2, 24, 1, 1, True), (4, 48, 4, 2, True), (4, 64, 4, 2, True), (6, 128, 4, 2, False), (9, 160, 6, 1, False),
     (15, 256, 6, 2, False))
M = ((3, 24, 1, 1, True), (5, 48, 4, 2, True), (5, 80, 4, 2, True), (7, 160, 4, 2, False), (14, 176, 6, 1, False),
     (18, 304, 6, 2, False), (5, 512, 6, 1, False))
L = ((4, 32, 1, 1, True), (7, 64, 4, 2, True), (7, 96, 4, 2, True), (10, 192, 4, 2, False), (19, 224, 6, 1, False),
     (25, 384, 6, 2, False), (7, 640, 6, 1, False))

def nearest_eight(filters):
    return max(8, int(filters + 4) // 8 * 8)

def v2_conv(x, filters, size, stride, name, end):
    y = layers.Conv2D(filters, size, strides=stride, padding="same", use_bias=False, name=name + "conv")(x)
    y = norm(y, name + "bn", momentum=0.9)
    return swish(y, name + "activation") if end else y

def v2_block(x, filters, ratio, stride, is_fused, name):
    before, inner, y = channels(x), channels(x) * ratio, x
    if is_fused:
        y = v2_conv(y, inner, 3, stride, name + "expand_", True) if ratio != 1 else y
        last = (1, 1) if ratio != 1 else (3, stride)
    else:
        y = v2_conv(y, inner, 1, 1, name + "expand_", True)
        y = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False, name=name + "dwconv2")(y)
        y = swish(norm(y, name + "bn", momentum=0.9), name + "activation")
        y, last = gated(y, inner, max(1, int(before * 0.25)), name), (1, 1)
    y = v2_conv(y, filters, last[0], last[1], name + "project_", is_fused and ratio == 1)
    if stride != 1 or before != filters:
        return y
    y = y if name == "block1a_" else layers.Dropout(0.2, name=name + "drop")(y)
    return layers.Add(name=name + "add")([y, x])

def efficientnet_v2(x, steps, first, width=1.0, depth=1.0):
    x = v2_conv(x, nearest_eight(first * width), 3, 2, "stem_", True)
    for number, (repeats, filters, ratio, stride, is_fused) in enumerate(steps):
        for repeat in range(int(math.ceil(repeats * depth))):
            name = f"block{number + 1}{chr(97 + repeat)}_"
            x = v2_block(x, nearest_eight(filters * width), ratio, 1 if repeat else stride, is_fused, name)
    return v2_conv(x, nearest_eight(1280 * width), 1, 1, "top_", True)
"""
