"""The same recipe made of other cells: is the LSTM the right choice, and where is it not?"""
