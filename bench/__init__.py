"""Benchmarks beside yardsticks: `python -m bench`; docs/benchmarks.md tells what each one measures."""
