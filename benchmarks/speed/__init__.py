"""How fast beside TensorFlow 1.15, Keras and torch, and how near to the processor's limit."""
