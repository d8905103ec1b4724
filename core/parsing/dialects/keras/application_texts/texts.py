"""The ready-made networks of Keras, in our own words, as text that the evaluator reads like a pasted one.

Each function takes the symbol of the input and gives that of the last features; `end` puts the classifier behind them.
Layers have Keras's names and stand in Keras's order. Source: the papers named below, and keras.applications, Keras 3.
"""

COMMON = """
def axis():
    return 1 if K.image_data_format() == "channels_first" else -1

def channels(x):
    return x.shape[axis()]

def round_to_eight(value, divisor=8):
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded

def end(x, include_top, classes, pooling, activation, dropout=0, head="avg_pool", mean="avg_pool", largest="max_pool"):
    if include_top:
        x = layers.GlobalAveragePooling2D(name=head)(x)
        x = layers.Dropout(dropout, name="top_dropout")(x) if dropout else x
        return layers.Dense(classes, activation=activation, name="predictions")(x)
    return pooled(x, pooling, mean, largest)

def pooled(x, pooling, mean="avg_pool", largest="max_pool"):
    if pooling == "avg":
        return layers.GlobalAveragePooling2D(name=mean)(x)
    return layers.GlobalMaxPooling2D(name=largest)(x) if pooling == "max" else x

def norm(x, name=None, **settings):
    return layers.BatchNormalization(name=name, **settings)(x)

def relu(x, name=None):
    return layers.Activation("relu", name=name)(x)

def relu6(x, name=None):
    return layers.ReLU(6.0, name=name)(x)
"""

# Simonyan & Zisserman 2015, arXiv:1409.1556
VGG = """
def vgg(x, depths):
    for block in range(5):
        for number in range(depths[block]):
            name = f"block{block + 1}_conv{number + 1}"
            x = layers.Conv2D(min(64 * 2 ** block, 512), 3, activation="relu", padding="same", name=name)(x)
        x = layers.MaxPooling2D(2, 2, name=f"block{block + 1}_pool")(x)
    return x

def vgg_end(x, include_top, classes, pooling, activation):
    if not include_top:
        return pooled(x, pooling, "global_average_pooling2d", "global_max_pooling2d")
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(4096, activation="relu", name="fc1")(x)
    x = layers.Dense(4096, activation="relu", name="fc2")(x)
    return layers.Dense(classes, activation=activation, name="predictions")(x)
"""

# He et al. 2016, arXiv:1512.03385 and arXiv:1603.05027; Huang et al. 2017, arXiv:1608.06993
RESNET = """
def res_norm(x, name):
    return norm(x, name, epsilon=1.001e-5)

def res_stem(x, is_second, use_bias=True):
    x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
    x = layers.Conv2D(64, 7, strides=2, use_bias=use_bias, name="conv1_conv")(x)
    if not is_second:
        x = relu(res_norm(x, "conv1_bn"), "conv1_relu")
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    return layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)

def res_block(x, filters, stride, has_shortcut, name):
    shortcut = x
    if has_shortcut:
        shortcut = layers.Conv2D(4 * filters, 1, strides=stride, name=name + "_0_conv")(x)
    y = layers.Conv2D(filters, 1, strides=stride, name=name + "_1_conv")(x)
    y = relu(res_norm(y, name + "_1_bn"), name + "_1_relu")
    y = layers.Conv2D(filters, 3, padding="same", name=name + "_2_conv")(y)
    y = relu(res_norm(y, name + "_2_bn"), name + "_2_relu")
    y = layers.Conv2D(4 * filters, 1, name=name + "_3_conv")(y)
    if has_shortcut:
        shortcut = res_norm(shortcut, name + "_0_bn")
    y = res_norm(y, name + "_3_bn")
    return relu(layers.Add(name=name + "_add")([shortcut, y]), name + "_out")

def resnet(x, depths):
    x = res_stem(x, False)
    for stage in range(4):
        for block in range(depths[stage]):
            stride = 2 if stage and not block else 1
            x = res_block(x, 64 * 2 ** stage, stride, block == 0, f"conv{stage + 2}_block{block + 1}")
    return x

def res_block_v2(x, filters, stride, has_shortcut, name):
    before = relu(res_norm(x, name + "_preact_bn"), name + "_preact_relu")
    y = layers.Conv2D(filters, 1, use_bias=False, name=name + "_1_conv")(before)
    y = relu(res_norm(y, name + "_1_bn"), name + "_1_relu")
    y = layers.ZeroPadding2D(1, name=name + "_2_pad")(y)
    y = layers.Conv2D(filters, 3, strides=stride, use_bias=False, name=name + "_2_conv")(y)
    y = relu(res_norm(y, name + "_2_bn"), name + "_2_relu")
    if has_shortcut:
        x = layers.Conv2D(4 * filters, 1, strides=stride, name=name + "_0_conv")(before)
    elif stride > 1:
        x = layers.MaxPooling2D(1, strides=stride)(x)
    y = layers.Conv2D(4 * filters, 1, name=name + "_3_conv")(y)
    return layers.Add(name=name + "_out")([x, y])

def resnet_v2(x, depths):
    x = res_stem(x, True)
    for stage in range(4):
        for block in range(depths[stage]):
            stride = 2 if stage < 3 and block == depths[stage] - 1 else 1
            x = res_block_v2(x, 64 * 2 ** stage, stride, block == 0, f"conv{stage + 2}_block{block + 1}")
    return relu(res_norm(x, "post_bn"), "post_relu")

def densenet(x, depths):
    x = layers.ZeroPadding2D(3, name="zero_padding2d")(x)
    x = layers.Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = relu(res_norm(x, "conv1_bn"), "conv1_relu")
    x = layers.ZeroPadding2D(1, name="zero_padding2d_1")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    for stage in range(4):
        for block in range(depths[stage]):
            name = f"conv{stage + 2}_block{block + 1}"
            y = relu(res_norm(x, name + "_0_bn"), name + "_0_relu")
            y = layers.Conv2D(128, 1, use_bias=False, name=name + "_1_conv")(y)
            y = relu(res_norm(y, name + "_1_bn"), name + "_1_relu")
            y = layers.Conv2D(32, 3, padding="same", use_bias=False, name=name + "_2_conv")(y)
            x = layers.Concatenate(axis=axis(), name=name + "_concat")([x, y])
        if stage < 3:
            name = f"pool{stage + 2}"
            x = relu(res_norm(x, name + "_bn"), name + "_relu")
            x = layers.Conv2D(channels(x) // 2, 1, use_bias=False, name=name + "_conv")(x)
            x = layers.AveragePooling2D(2, strides=2, name=name + "_pool")(x)
    return relu(res_norm(x, "bn"), "relu")
"""

# Szegedy et al. 2016, arXiv:1512.00567 and arXiv:1602.07261
INCEPTION = """
def conv_norm(x, filters, size, strides=1, padding="same"):
    x = layers.Conv2D(filters, size, strides=strides, padding=padding, use_bias=False)(x)
    return relu(norm(x, scale=False))

def in_a_row(x, *steps):
    for step in steps:
        x = conv_norm(x, *step)
    return x

def pooled_branch(x, filters):
    return conv_norm(layers.AveragePooling2D(3, strides=1, padding="same")(x), filters, 1)

def joined(name, *branches):
    return layers.Concatenate(axis=axis(), name=name)(list(branches))

def inception_stem(x):
    x = in_a_row(x, (32, 3, 2, "valid"), (32, 3, 1, "valid"), (64, 3))
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = in_a_row(x, (80, 1, 1, "valid"), (192, 3, 1, "valid"))
    return layers.MaxPooling2D(3, strides=2)(x)

def inception(x):
    x = inception_stem(x)
    for number, last in ((0, 32), (1, 64), (2, 64)):
        branches = [conv_norm(x, 64, 1), in_a_row(x, (48, 1), (64, 5)), in_a_row(x, (64, 1), (96, 3), (96, 3))]
        x = joined(f"mixed{number}", *branches, pooled_branch(x, last))
    branches = [conv_norm(x, 384, 3, 2, "valid"), in_a_row(x, (64, 1), (96, 3), (96, 3, 2, "valid"))]
    x = joined("mixed3", *branches, layers.MaxPooling2D(3, strides=2)(x))
    for number, c in ((4, 128), (5, 160), (6, 160), (7, 192)):
        long = in_a_row(x, (c, 1), (c, (7, 1)), (c, (1, 7)), (c, (7, 1)), (192, (1, 7)))
        branches = [conv_norm(x, 192, 1), in_a_row(x, (c, 1), (c, (1, 7)), (192, (7, 1))), long]
        x = joined(f"mixed{number}", *branches, pooled_branch(x, 192))
    branches = [in_a_row(x, (192, 1), (320, 3, 2, "valid")),
                in_a_row(x, (192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3, 2, "valid"))]
    x = joined("mixed8", *branches, layers.MaxPooling2D(3, strides=2)(x))
    for number in range(2):
        one = conv_norm(x, 320, 1)
        three = conv_norm(x, 384, 1)
        three = joined(f"mixed9_{number}", conv_norm(three, 384, (1, 3)), conv_norm(three, 384, (3, 1)))
        double = in_a_row(x, (448, 1), (384, 3))
        double = joined(None, conv_norm(double, 384, (1, 3)), conv_norm(double, 384, (3, 1)))
        x = joined(f"mixed{9 + number}", one, three, double, pooled_branch(x, 192))
    return x

def inception_block(x, branches, scale, name, is_last=False):
    mixed = joined(name + "_mixed", *branches)
    up = layers.Conv2D(channels(x), 1, padding="same", name=name + "_conv")(mixed)
    x = layers.Lambda(lambda pair: pair[0] + pair[1] * scale, name=name)([x, up])
    return x if is_last else relu(x, name + "_ac")

def inception_resnet(x):
    x = inception_stem(x)
    branches = [conv_norm(x, 96, 1), in_a_row(x, (48, 1), (64, 5)), in_a_row(x, (64, 1), (96, 3), (96, 3))]
    x = joined("mixed_5b", *branches, pooled_branch(x, 64))
    for number in range(10):
        branches = [conv_norm(x, 32, 1), in_a_row(x, (32, 1), (32, 3)), in_a_row(x, (32, 1), (48, 3), (64, 3))]
        x = inception_block(x, branches, 0.17, f"block35_{number + 1}")
    branches = [conv_norm(x, 384, 3, 2, "valid"), in_a_row(x, (256, 1), (256, 3), (384, 3, 2, "valid"))]
    x = joined("mixed_6a", *branches, layers.MaxPooling2D(3, strides=2)(x))
    for number in range(20):
        branches = [conv_norm(x, 192, 1), in_a_row(x, (128, 1), (160, (1, 7)), (192, (7, 1)))]
        x = inception_block(x, branches, 0.1, f"block17_{number + 1}")
    branches = [in_a_row(x, (256, 1), (384, 3, 2, "valid")), in_a_row(x, (256, 1), (288, 3, 2, "valid")),
                in_a_row(x, (256, 1), (288, 3), (320, 3, 2, "valid"))]
    x = joined("mixed_7a", *branches, layers.MaxPooling2D(3, strides=2)(x))
    for number in range(10):
        branches = [conv_norm(x, 192, 1), in_a_row(x, (192, 1), (224, (1, 3)), (256, (3, 1)))]
        x = inception_block(x, branches, 1.0 if number == 9 else 0.2, f"block8_{number + 1}", number == 9)
    x = layers.Conv2D(1536, 1, padding="same", use_bias=False, name="conv_7b")(x)
    return relu(norm(x, "conv_7b_bn", scale=False), "conv_7b_ac")
"""

# Chollet 2017, arXiv:1610.02357
XCEPTION = """
def separable(x, filters, name):
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
    return norm(x, name + "_bn")

def xception_step(x, block, first, last):
    shortcut = norm(layers.Conv2D(last, 1, strides=2, padding="same", use_bias=False)(x))
    x = x if block == 2 else relu(x, f"block{block}_sepconv1_act")
    x = separable(x, first, f"block{block}_sepconv1")
    x = separable(relu(x, f"block{block}_sepconv2_act"), last, f"block{block}_sepconv2")
    x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"block{block}_pool")(x)
    return layers.add([x, shortcut])

def xception(x):
    x = layers.Conv2D(32, 3, strides=2, use_bias=False, name="block1_conv1")(x)
    x = relu(norm(x, "block1_conv1_bn"), "block1_conv1_act")
    x = layers.Conv2D(64, 3, use_bias=False, name="block1_conv2")(x)
    x = relu(norm(x, "block1_conv2_bn"), "block1_conv2_act")
    for block, filters in ((2, 128), (3, 256), (4, 728)):
        x = xception_step(x, block, filters, filters)
    for block in range(5, 13):
        y = x
        for number in range(1, 4):
            name = f"block{block}_sepconv{number}"
            y = separable(relu(y, name + "_act"), 728, name)
        x = layers.add([y, x])
    x = xception_step(x, 13, 728, 1024)
    x = relu(separable(x, 1536, "block14_sepconv1"), "block14_sepconv1_act")
    return relu(separable(x, 2048, "block14_sepconv2"), "block14_sepconv2_act")
"""

# Howard et al. 2017, arXiv:1704.04861; Sandler et al. 2018, arXiv:1801.04381; Howard et al. 2019, arXiv:1905.02244
MOBILENET = """
def mobilenet(x, alpha, depth_multiplier):
    x = layers.Conv2D(int(32 * alpha), 3, padding="same", use_bias=False, strides=2, name="conv1")(x)
    x = relu6(norm(x, "conv1_bn"), "conv1_relu")
    widths = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
    for number, filters in enumerate(widths, start=1):
        stride = 2 if number in (2, 4, 6, 12) else 1
        if stride == 2:
            x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{number}")(x)
        x = layers.DepthwiseConv2D(3, padding="same" if stride == 1 else "valid", depth_multiplier=depth_multiplier,
                                   strides=stride, use_bias=False, name=f"conv_dw_{number}")(x)
        x = relu6(norm(x, f"conv_dw_{number}_bn"), f"conv_dw_{number}_relu")
        x = layers.Conv2D(int(filters * alpha), 1, padding="same", use_bias=False, name=f"conv_pw_{number}")(x)
        x = relu6(norm(x, f"conv_pw_{number}_bn"), f"conv_pw_{number}_relu")
    return x

def mobilenet_end(x, include_top, classes, pooling, activation, dropout):
    if not include_top:
        return pooled(x, pooling, "global_average_pooling2d", "global_max_pooling2d")
    x = layers.GlobalAveragePooling2D(keepdims=True, name="global_average_pooling2d")(x)
    x = layers.Conv2D(classes, 1, padding="same", name="conv_preds")(layers.Dropout(dropout, name="dropout")(x))
    return layers.Activation(activation, name="predictions")(layers.Reshape((classes,), name="reshape_2")(x))

def depthwise(x, size, stride, pad, name):
    if stride == 2:
        x = layers.ZeroPadding2D(imagenet_utils.correct_pad(x, size), name=pad)(x)
    padding = "same" if stride == 1 else "valid"
    return layers.DepthwiseConv2D(size, strides=stride, padding=padding, use_bias=False, name=name)(x)

def mobilenet_v2(x, alpha):
    x = layers.Conv2D(round_to_eight(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="Conv1")(x)
    x = relu6(norm(x, "bn_Conv1", momentum=0.999), "Conv1_relu")
    steps = ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))
    number = 0
    for filters, repeats, stride in steps:
        for repeat in range(repeats):
            x = inverted(x, round_to_eight(int(filters * alpha)), stride if repeat == 0 else 1, number)
            number += 1
    last = round_to_eight(1280 * alpha) if alpha > 1.0 else 1280
    x = layers.Conv2D(last, 1, use_bias=False, name="Conv_1")(x)
    return relu6(norm(x, "Conv_1_bn", momentum=0.999), "out_relu")

def inverted(x, filters, stride, number):
    name = f"block_{number}_" if number else "expanded_conv_"
    y = x
    if number:
        y = layers.Conv2D(6 * channels(x), 1, padding="same", use_bias=False, name=name + "expand")(y)
        y = relu6(norm(y, name + "expand_BN", momentum=0.999), name + "expand_relu")
    y = depthwise(y, 3, stride, name + "pad", name + "depthwise")
    y = relu6(norm(y, name + "depthwise_BN", momentum=0.999), name + "depthwise_relu")
    y = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=name + "project")(y)
    y = norm(y, name + "project_BN", momentum=0.999)
    return layers.Add(name=name + "add")([x, y]) if stride == 1 and channels(x) == filters else y
"""
