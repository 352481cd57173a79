"""From counts and means to what is known of each accuracy: coverage, and joint draws of error."""
