"""What people do: each verb loads, decides, saves and rings, in that order."""
