"""What it means: recurrent models of belief state, entities and sentiment, turn by turn."""
