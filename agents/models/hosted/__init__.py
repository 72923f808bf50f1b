"""Hosted models and the user's model servers, through litellm."""
