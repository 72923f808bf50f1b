"""The analyst, a statistical model behind the chat-model interface; `analyst.py` has its chat model."""
