"""Networks built around the depthwise convolution: one kernel a channel, and 1x1 convolutions to mix."""
