"""The checks, by theme: each function looks at one duty of one endpoint."""
