"""Recurrent layers that the components are wired from."""
