"""How a network is built, trained, averaged, calibrated and exported. The only room that knows TensorFlow."""
