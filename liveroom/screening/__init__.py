"""What is looked for in a text before anybody reads it: words of lists, personal data. Knows no question."""
