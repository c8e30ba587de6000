"""`liveroom demo`: a furnished world, where to find it, and a certificate for phones. Nothing else depends on it."""
