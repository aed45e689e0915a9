"""How each speaker sounds: three classes with a valence, and the finer emotions beneath."""
