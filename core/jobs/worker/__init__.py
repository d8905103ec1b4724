"""What runs in a worker: training, decoding, the range test of the learning rate, evaluation.

torch and the rest are imported inside the functions: the scheduler reads these files too and needs none.
"""
