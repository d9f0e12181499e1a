"""Plays a scenario through the real code: a moved clock, a fresh store, the simulated providers."""
