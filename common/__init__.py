"""What all rooms share: user errors, redaction of secrets, files."""
