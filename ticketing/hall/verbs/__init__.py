"""The verbs of the counter: from command to events, one file for whoever gives them."""
