"""Offline work: raw tables, features, training, ONNX export, publication."""
