"""What reading takes its time for, compiled: products, LSTMs and CRF decoding.

One library of C, built when the package is installed (`building`), with a version for each kind of
processor. Where it could not be built nothing is missing but speed: PyTorch and NumPy compute the
same.
"""
