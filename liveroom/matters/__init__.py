"""What is followed up after a session. Knows no questions queue, no storage and no clock."""
