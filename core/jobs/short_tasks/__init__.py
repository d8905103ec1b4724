"""Short work in the training processes on request: decoding images, a search for a learning rate, an evaluation."""
