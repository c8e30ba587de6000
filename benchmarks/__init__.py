"""What forwarding costs: real servers under synthetic viewers, measured from outside."""
