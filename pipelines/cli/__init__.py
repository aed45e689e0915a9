"""The command line `nlp-lstm`: one thin module a command, and what they show."""
