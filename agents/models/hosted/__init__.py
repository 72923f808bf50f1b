"""Hosted models and local servers, through litellm."""
