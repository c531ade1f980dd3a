"""Scores applications with the published ONNX model."""
