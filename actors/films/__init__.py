"""What makes a film: from a job in the queue to a file in the chat's hands."""
