"""The ready-made networks of Keras whose cells were found by search: NASNet. As in `application_texts`."""

# Zoph et al. 2018, arXiv:1707.07012
NASNET = """
def cell_norm(x, name):
    return norm(x, name, momentum=0.9997)

def projected(x, filters, name):
    return layers.Conv2D(filters, 1, padding="same", use_bias=False, name=name)(x)

def separated(x, filters, size, stride, name):
    x = layers.Activation("relu")(x)
    if stride == 2:
        x = layers.ZeroPadding2D(imagenet_utils.correct_pad(x, size), name="separable_conv_1_pad_" + name)(x)
    x = layers.SeparableConv2D(filters, size, strides=stride, padding="valid" if stride == 2 else "same",
                               use_bias=False, name="separable_conv_1_" + name)(x)
    x = layers.Activation("relu")(cell_norm(x, "separable_conv_1_bn_" + name))
    x = layers.SeparableConv2D(filters, size, padding="same", use_bias=False, name="separable_conv_2_" + name)(x)
    return cell_norm(x, "separable_conv_2_bn_" + name)

def every_second(x, filters, number, name):
    x = layers.AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_{number}_{name}")(x)
    return projected(x, filters // 2, f"adjust_conv_{number}_{name}")

def adjusted(before, x, filters, name):
    if before is None:
        return x
    if before.shape[2] != x.shape[2]:
        y = relu(before, "adjust_relu_1_" + name)
        moved = layers.Cropping2D(((1, 0), (1, 0)))(layers.ZeroPadding2D(((0, 1), (0, 1)))(y))
        halves = [every_second(y, filters, 1, name), every_second(moved, filters, 2, name)]
        return cell_norm(layers.Concatenate(axis=axis())(halves), "adjust_bn_" + name)
    if channels(before) != filters:
        y = projected(layers.Activation("relu")(before), filters, "adjust_conv_projection_" + name)
        return cell_norm(y, "adjust_bn_" + name)
    return before

def mean_of_nine(x, name):
    return layers.AveragePooling2D(3, strides=1, padding="same", name=name)(x)

def normal_cell(x, before, filters, name):
    p = adjusted(before, x, filters, name)
    h = projected(layers.Activation("relu")(x), filters, "normal_conv_1_" + name)
    h = cell_norm(h, "normal_bn_1_" + name)
    left, right = "normal_left{}_" + name, "normal_right{}_" + name
    pairs = [[separated(h, filters, 5, 1, left.format(1)), separated(p, filters, 3, 1, right.format(1))],
             [separated(p, filters, 5, 1, left.format(2)), separated(p, filters, 3, 1, right.format(2))],
             [mean_of_nine(h, left.format(3)), p],
             [mean_of_nine(p, left.format(4)), mean_of_nine(p, right.format(4))],
             [separated(h, filters, 3, 1, left.format(5)), h]]
    sums = [layers.Add(name=f"normal_add_{number}_{name}")(pair) for number, pair in enumerate(pairs, start=1)]
    return layers.Concatenate(axis=axis(), name="normal_concat_" + name)([p, *sums]), x

def reduction_cell(x, before, filters, name):
    p = adjusted(before, x, filters, name)
    h = projected(layers.Activation("relu")(x), filters, "reduction_conv_1_" + name)
    h = cell_norm(h, "reduction_bn_1_" + name)
    padded = layers.ZeroPadding2D(imagenet_utils.correct_pad(h, 3), name="reduction_pad_1_" + name)(h)
    left, right = "reduction_left{}_" + name, "reduction_right{}_" + name
    first = layers.Add(name="reduction_add_1_" + name)(
        [separated(h, filters, 5, 2, left.format(1)), separated(p, filters, 7, 2, right.format(1))])
    largest = layers.MaxPooling2D(3, strides=2, name=left.format(2))(padded)
    second = layers.Add(name="reduction_add_2_" + name)(
        [largest, separated(p, filters, 7, 2, right.format(2))])
    mean = layers.AveragePooling2D(3, strides=2, name=left.format(3))(padded)
    third = layers.Add(name="reduction_add3_" + name)([mean, separated(p, filters, 5, 2, right.format(3))])
    fourth = layers.add([second, mean_of_nine(first, left.format(4))])
    fifth = layers.Add(name="reduction_add4_" + name)(
        [separated(first, filters, 3, 1, left.format(4)),
         layers.MaxPooling2D(3, strides=2, name=right.format(5))(padded)])
    return layers.Concatenate(axis=axis(), name="reduction_concat_" + name)([second, third, fourth, fifth]), x

def nasnet(x, last, blocks, stem, skips_reduction):
    filters = last // 24
    x = cell_norm(layers.Conv2D(stem, 3, strides=2, use_bias=False, name="stem_conv1")(x), "stem_bn1")
    x, before = reduction_cell(x, None, filters // 4, "stem_1")
    x, before = reduction_cell(x, before, filters // 2, "stem_2")
    for stage in range(3):
        if stage:
            x, reduced = reduction_cell(x, before, filters * 2 ** stage, f"reduce_{stage * blocks}")
            before = before if skips_reduction else reduced
        for block in range(blocks):
            x, before = normal_cell(x, before, filters * 2 ** stage, str(stage * blocks + block + (stage > 0)))
    return layers.Activation("relu")(x)
"""
