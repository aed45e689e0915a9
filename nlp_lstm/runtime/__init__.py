"""Models without torch: what steps through a chat, read by ONNX Runtime and NumPy."""
