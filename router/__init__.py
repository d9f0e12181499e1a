"""The judgement: same arguments, same answer. No I/O, no clock, no log."""
