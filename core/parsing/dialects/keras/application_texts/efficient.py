"""The rest of the ready-made networks of Keras: those with squeeze-and-excitation. As in `application_texts`."""

# Howard et al. 2019, arXiv:1905.02244
MOBILENET_V3 = """
SMALL = ((1, 16, 3, 2, True, False), (72 / 16, 24, 3, 2, False, False), (88 / 24, 24, 3, 1, False, False),
         (4, 40, 5, 2, True, True), (6, 40, 5, 1, True, True), (6, 40, 5, 1, True, True), (3, 48, 5, 1, True, True),
         (3, 48, 5, 1, True, True), (6, 96, 5, 2, True, True), (6, 96, 5, 1, True, True), (6, 96, 5, 1, True, True))
LARGE = ((1, 16, 3, 1, False, False), (4, 24, 3, 2, False, False), (3, 24, 3, 1, False, False),
         (3, 40, 5, 2, True, False), (3, 40, 5, 1, True, False), (3, 40, 5, 1, True, False), (6, 80, 3, 2, False, True),
         (2.5, 80, 3, 1, False, True), (2.3, 80, 3, 1, False, True), (2.3, 80, 3, 1, False, True),
         (6, 112, 3, 1, True, True), (6, 112, 3, 1, True, True), (6, 160, 5, 2, True, True), (6, 160, 5, 1, True, True),
         (6, 160, 5, 1, True, True))

def act(x, is_hard):
    return layers.Activation("hard_swish")(x) if is_hard else layers.ReLU()(x)

def excited(x, filters, name):
    y = layers.GlobalAveragePooling2D(keepdims=True, name=name + "avg_pool")(x)
    y = layers.Conv2D(round_to_eight(filters * 0.25), 1, padding="same", name=name + "conv")(y)
    y = layers.Conv2D(filters, 1, padding="same", name=name + "conv_1")(layers.ReLU(name=name + "relu")(y))
    y = layers.ReLU(6.0)(y + 3.0) * (1.0 / 6.0)
    return layers.Multiply(name=name + "mul")([x, y])

def v3_block(x, step, alpha, is_minimal, number):
    expansion, filters, size, stride, has_gate, is_hard = step
    filters, is_hard = round_to_eight(filters * alpha), is_hard and not is_minimal
    name = f"expanded_conv_{number}_" if number else "expanded_conv_"
    inner = round_to_eight(channels(x) * expansion)
    y = x
    if number:
        y = layers.Conv2D(inner, 1, padding="same", use_bias=False, name=name + "expand")(y)
        y = act(norm(y, name + "expand_bn", momentum=0.999), is_hard)
    y = depthwise(y, 3 if is_minimal else size, stride, name + "depthwise_pad", name + "depthwise")
    y = act(norm(y, name + "depthwise_bn", momentum=0.999), is_hard)
    y = excited(y, inner, name + "squeeze_excite_") if has_gate and not is_minimal else y
    y = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=name + "project")(y)
    y = norm(y, name + "project_bn", momentum=0.999)
    return layers.Add(name=name + "add")([x, y]) if stride == 1 and channels(x) == filters else y

def mobilenet_v3(x, steps, alpha, is_minimal):
    x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False, name="conv")(x)
    x = act(norm(x, "conv_bn", momentum=0.999), not is_minimal)
    for number, step in enumerate(steps):
        x = v3_block(x, step, alpha, is_minimal, number)
    x = layers.Conv2D(round_to_eight(6 * channels(x)), 1, padding="same", use_bias=False, name="conv_1")(x)
    return act(norm(x, "conv_1_bn", momentum=0.999), not is_minimal)

def v3_end(x, include_top, classes, pooling, activation, dropout, last, is_minimal):
    if not include_top:
        return pooled(x, pooling)
    x = layers.GlobalAveragePooling2D(keepdims=True, name="global_average_pooling2d")(x)
    x = act(layers.Conv2D(last, 1, padding="same", name="conv_2")(x), not is_minimal)
    x = layers.Dropout(dropout, name="dropout")(x) if dropout else x
    x = layers.Flatten(name="flatten")(layers.Conv2D(classes, 1, padding="same", name="logits")(x))
    return layers.Activation(activation, name="predictions")(x)
"""

# Tan & Le 2019, arXiv:1905.11946
EFFICIENTNET = """
STEPS = ((3, 1, 32, 16, 1, 1), (3, 2, 16, 24, 6, 2), (5, 2, 24, 40, 6, 2), (3, 3, 40, 80, 6, 2), (5, 3, 80, 112, 6, 1),
         (5, 4, 112, 192, 6, 2), (3, 1, 192, 320, 6, 1))

def swish(x, name):
    return layers.Activation("swish", name=name)(x)

def gated(x, inner, squeezed, name):
    y = layers.GlobalAveragePooling2D(name=name + "se_squeeze")(x)
    y = layers.Reshape((inner, 1, 1) if axis() == 1 else (1, 1, inner), name=name + "se_reshape")(y)
    y = layers.Conv2D(squeezed, 1, padding="same", activation="swish", name=name + "se_reduce")(y)
    y = layers.Conv2D(inner, 1, padding="same", activation="sigmoid", name=name + "se_expand")(y)
    return layers.Multiply(name=name + "se_excite")([x, y])

def efficient_block(x, size, filters, ratio, stride, name):
    before, inner, y = channels(x), channels(x) * ratio, x
    if ratio != 1:
        y = layers.Conv2D(inner, 1, padding="same", use_bias=False, name=name + "expand_conv")(y)
        y = swish(norm(y, name + "expand_bn"), name + "expand_activation")
    y = swish(norm(depthwise(y, size, stride, name + "dwconv_pad", name + "dwconv"), name + "bn"), name + "activation")
    y = gated(y, inner, max(1, int(before * 0.25)), name)
    y = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=name + "project_conv")(y)
    y = norm(y, name + "project_bn")
    if stride != 1 or before != filters:
        return y
    y = layers.Dropout(0.2, name=name + "drop")(y)
    return layers.Add(name=name + "add")([y, x])

def efficientnet(x, width, depth):
    x = layers.ZeroPadding2D(imagenet_utils.correct_pad(x, 3), name="stem_conv_pad")(x)
    x = layers.Conv2D(round_to_eight(32 * width), 3, strides=2, use_bias=False, name="stem_conv")(x)
    x = swish(norm(x, "stem_bn"), "stem_activation")
    for number, (size, repeats, _, filters, ratio, stride) in enumerate(STEPS):
        for repeat in range(int(math.ceil(repeats * depth))):
            name = f"block{number + 1}{chr(97 + repeat)}_"
            x = efficient_block(x, size, round_to_eight(filters * width), ratio, 1 if repeat else stride, name)
    x = layers.Conv2D(round_to_eight(1280 * width), 1, padding="same", use_bias=False, name="top_conv")(x)
    return swish(norm(x, "top_bn"), "top_activation")
"""
