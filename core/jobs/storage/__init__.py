"""What outlives every process: runs with their specification, event log and commands; uploads and decoded images."""
