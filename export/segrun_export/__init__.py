"""Keras models into ONNX and TFLite files that are proven to compute the same."""
