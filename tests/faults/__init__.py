"""The long forms of what tests do to running servers: minutes, not seconds, and figures to read at the end."""
