"""The memory: tables, questions and moves. It imports nothing of ours."""
