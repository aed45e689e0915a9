"""From characters to tensors: words with offsets, their rows, batches of equal length."""
