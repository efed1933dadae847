"""An account as its owner sees it: password, language, open sessions, and what they allowed."""
