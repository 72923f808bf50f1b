"""What all packages of CoLLM-NAS share: user errors, redaction of secrets, files."""
