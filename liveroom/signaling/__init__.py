"""How a browser and the server agree on media: text and bytes in, values out. Knows no sockets."""
