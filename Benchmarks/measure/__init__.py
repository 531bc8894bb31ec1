"""Measures servers on one machine: the load and the engine on core 0, the server under test alone on core 1."""
