"""Prediction for people, from a trained model file: needs neither TensorFlow nor DVC."""
