"""What predictions are worth: metrics, calibration, robustness and figures."""
