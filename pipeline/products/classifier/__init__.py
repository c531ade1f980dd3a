"""The product classifier: choice, calibration, nested cross-validation, export."""
