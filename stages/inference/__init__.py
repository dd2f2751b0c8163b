"""A saved model that predicts, and the loss of what it predicts. Knows nothing of TensorFlow."""
