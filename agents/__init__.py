"""The agents of CoLLM-NAS and their language models. A search space is text, a JSON schema and tables here."""
