"""The shell: commands, wiring, loops and pages. It assembles the rooms; nobody imports it."""
