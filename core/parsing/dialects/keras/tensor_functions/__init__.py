"""Functions of TensorFlow, `keras.ops` and Keras's backend."""
